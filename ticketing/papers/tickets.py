"""The tickets of an order on paper: a page each, with the code that opens the door."""

from __future__ import annotations

import io
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext
from fpdf.enums import XPos, YPos

from events import calendars
from events.models import Event
from events.rotation_policy import policy_of
from notifications.attachments import File
from orders.receipts.pdf import FAMILY, GREY, Sheet
from ticketing import codes
from ticketing.models import Ticket
from ticketing.papers.holding import language_of, tickets_of
from ticketing.papers.scripts import drawable
from trufan.lib import qr
from trufan.lib.moments import on_paper
from trufan.lib.words import lazy as _

FILE_NAME = "tickets.pdf"
#: Millimetres. A code of 53 modules is read from paper down to about half of this.
_CODE = 80.0
_LABEL = 34.0
A4 = "a4"
#: Width and height of a page in millimetres; a phone's is as narrow as its screen is tall.
SIZES: dict[str, tuple[float, float]] = {A4: (210, 297), "phone": (100, 216)}
#: What stays white around the page, and around one for a phone.
_MARGIN, _NARROW = 20.0, 8.0
_NO_CODE = _("The code of this ticket is on your phone")
_WHERE = _(
    "It changes every few seconds, so paper and pictures do not open the door. Open the ticket in the app, or on the "
    "web by the link in your confirmation. Without a phone, show this page and who you are at the entrance."
)


def make(order_id: str) -> list[File]:
    """One PDF of every ticket of the order that admits its holder; nothing when none does (any more)."""
    tickets = admitting(order_id)
    return [(FILE_NAME, render(tickets), "application/pdf")] if tickets else []


def admitting(order_id: str) -> list[Ticket]:
    """The order's tickets that admit whoever bought them."""
    waiting = tickets_of(order_id).filter(status=Ticket.Status.VALID, frozen_at=None, returning_at=None)
    return list(waiting.exclude(event__status=Event.Status.CANCELLED))


def render(tickets: list[Ticket], size: str = A4) -> bytes:
    """The pages, of one of `SIZES`; the same bytes for the same tickets.

    Reads each ticket's event, venue, type, slot and order.
    """
    with translation.override(language_of(tickets[0])):
        return _rendered(tickets, size)


def _rendered(tickets: list[Ticket], size: str) -> bytes:
    order, venue = tickets[0].order, tickets[0].event.venue
    margin = _MARGIN if size == A4 else _NARROW
    sheet = _Tickets(
        gettext("Tickets of order {number}").format(number=order.number),
        venue.name,
        order.created_at,
        SIZES[size],
        margin,
    )
    for at, ticket in enumerate(tickets, start=1):
        sheet.ticket(ticket, gettext("{at} of {all}").format(at=at, all=len(tickets)))
    return bytes(sheet.output())


class _Tickets(Sheet):
    foot = ""

    def footer(self) -> None:
        self.at_the_foot(self.foot)

    def ticket(self, ticket: Ticket, which: str) -> None:
        """A page of its own."""
        self.add_page()  # which draws the foot of the page before
        if policy_of(ticket.event).rotates:
            foot = gettext("Ticket {which}. It admits one: whoever shows this ticket opened on a phone first.")
        else:
            foot = gettext("Ticket {which}. It admits one: whoever shows the code first.")
        self.foot = foot.format(which=which)
        event, venue = ticket.event, ticket.event.venue
        self.set_text_color(*GREY)
        self._say(venue.name, size=12, gap=7)
        self.set_text_color(0)
        self._say(event.name, size=22, style="B", gap=10)
        self.ln(1)
        self._say(_when(event.starts_at, event), size=13, gap=7)
        self.ln(6)
        self._code(ticket)
        for name, value in _facts(ticket):
            self._fact(name, value)

    def _code(self, ticket: Ticket) -> None:
        """The QR code, in words for who can't see it; where codes rotate, where to find it."""
        if policy_of(ticket.event).rotates:
            self._say(str(_NO_CODE), size=13, style="B", gap=8)
            self.set_font(FAMILY, size=11)
            self.multi_cell(0, 6, str(_WHERE), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.ln(6)
            return
        width = min(_CODE, self.epw)
        left = (self.w - width) / 2
        said = ", ".join(
            [
                gettext("QR code of ticket {number}").format(number=ticket.number),
                ticket.event.name,
                *(value for _, value in _facts(ticket)),
            ]
        )
        self.image(
            io.BytesIO(qr.picture(codes.sign(ticket), "png", "Ticket")), left, self.get_y(), width, alt_text=said
        )
        self.set_y(self.get_y() + width + 6)

    def _fact(self, name: str, value: str) -> None:
        shown = self._shown(value)
        if not shown:
            return
        self.set_font(FAMILY, size=10)
        self.set_text_color(*GREY)
        self.cell(_LABEL, 7, name)
        self.set_text_color(0)
        self.set_font(FAMILY, "B", 11)
        self.multi_cell(0, 7, shown, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _say(self, text: str, *, size: float, gap: float, style: str = "") -> None:
        if shown := self._shown(text):
            self.line_of(shown, size=size, style=style, gap=gap)

    def _shown(self, text: str) -> str:
        return drawable(text, self.letters)


def _facts(ticket: Ticket) -> list[tuple[str, str]]:
    event = ticket.event
    said = [
        (gettext("Doors"), _when(event.doors_at, event)),
        (gettext("Entry"), _entry(ticket)),
        (gettext("Ticket"), ticket.ticket_type.name),
        (gettext("Seat"), ticket.seat),
        (gettext("Name"), ticket.holder_name),
        (gettext("Ticket number"), ticket.number),
        (gettext("Order"), ticket.order.number),
        (gettext("Where"), calendars.address(event.venue)),
    ]
    return [(name, value) for name, value in said if value]


def _entry(ticket: Ticket) -> str:
    """The slot, if there is one."""
    if ticket.slot is None:
        return ""
    until = ticket.slot.ends_at.astimezone(ticket.event.venue.zone)
    return f"{_when(ticket.slot.starts_at, ticket.event)} – {until:%H:%M}"


def _when(moment: datetime, event: Event) -> str:
    return on_paper(moment, event.venue.zone, weekday=True)
