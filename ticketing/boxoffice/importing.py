"""A guest list out of a file: a row for each guest and ticket type, recognised by both.

A row says how many tickets the guest is to have of the type. Who has fewer by way of comps is given the rest, who has
as many or more nothing: the same list twice gives nothing twice. Valid and used tickets count, returned ones do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Count, QuerySet
from django.utils.translation import gettext
from rest_framework import serializers

from accounts.grants import Permission
from events.models import Event
from orders.models import Order
from ticketing.boxoffice import comps
from ticketing.boxoffice.models import Comp, HouseHold
from ticketing.models import Ticket, TicketType
from ticketing.serializers import MAX_PER_ORDER
from trufan.lib.console.columns import local_time
from trufan.lib.importing.reports import Deed, Report
from trufan.lib.importing.rows import Column, Row
from trufan.lib.importing.running import Importer, trying
from trufan.lib.names import PersonNameField
from trufan.lib.words import lazy as _

_NAME = PersonNameField(max_length=160)
_EMAIL = Order._meta.get_field("contact_email")


@dataclass
class _List:
    """What the event has to give, and who was given what of it."""

    types: dict[str, TicketType]
    holds: dict[tuple[Any, str], list[HouseHold]]
    given: Counter[tuple[Any, str]]
    #: Ticket type and address → the row that named them.
    rows: dict[tuple[Any, str], int]

    @classmethod
    def of(cls, event: Event, emails: set[str]) -> _List:
        """Three queries."""
        types = {kind.name: kind for kind in TicketType.objects.filter(event=event)}
        holds: dict[tuple[Any, str], list[HouseHold]] = {}
        for hold in HouseHold.objects.filter(ticket_type__event=event, released_at=None).select_related("ticket_type"):
            holds.setdefault((hold.ticket_type_id, hold.label), []).append(hold)
        live = Ticket.objects.live().filter(
            event=event, order__channel=Order.Channel.COMP, order__contact_email__in=emails
        )
        counts = live.order_by().values_list("ticket_type", "order__contact_email").annotate(Count("pk"))
        given = Counter({(kind, email): count for kind, email, count in counts})
        return cls(types, holds, given, {})


class GuestImporter(Importer):
    name = "guest_list"
    title = _("Import a guest list")
    target_label = _("Event")
    recognised = _(
        "A row for each guest and ticket type, recognised by e-mail address and type. The quantity is what they are "
        "to have in all: who has fewer is given the rest, who has as many is left alone. Tickets are sent when you "
        "confirm."
    )
    permission = Permission.COMP_TICKETS
    #: All in one transaction: for as long as it takes, who buys a ticket of the type waits.
    max_rows = 200
    columns = (
        Column("email", _("The tickets are sent there."), True, "gil@example.com"),
        Column("name", _("Whose tickets they are."), True, "Gil Guest"),
        Column("ticket_type", _("Its name, as on the event's page."), True, "General Admission"),
        Column("quantity", _("How many in all; empty: one."), False, "2"),
        Column("reason", _("Kept in the books. Don't name people here."), True, "Guests of the artist"),
        Column("hold", _("Out of which house hold: its label. Empty: out of what is on sale."), False, ""),
        Column("language", _("en or es: of what is sent."), False, "en"),
    )

    def targets(self, now: datetime) -> QuerySet[Event]:
        """Those that still give tickets away, the next ones first."""
        published = Event.objects.filter(status=Event.Status.PUBLISHED, ends_at__gt=now)
        return published.select_related("venue").order_by("starts_at", "id")

    def label_of(self, target: Event) -> str:
        return f"{target.name}, {local_time(target.starts_at, target.venue.zone)} – {target.venue}"

    def put(self, target: Event, rows: Sequence[Row], report: Report, *, by: Any, now: datetime) -> None:
        # Of two imports for one event the second waits, and then sees what the first has given.
        Event.objects.select_for_update(of=("self",), no_key=True).get(pk=target.pk)
        emails = {row.number: _email(row) for row in rows}
        guests = _List.of(target, set(emails.values()))
        for row in rows:
            asked = _read(row, guests)
            if not row.is_wrong:
                with trying(row, self.columns):
                    _give(guests, row, emails[row.number], asked, by=by, now=now)


def _email(row: Row) -> str:
    email = row.text("email", _EMAIL).lower()
    if email:
        try:
            validate_email(email)
        except ValidationError as refusal:
            row.wrong("email", " ".join(refusal.messages))
    return email


def _read(row: Row, guests: _List) -> dict[str, Any]:
    kind = guests.types.get(row.text("ticket_type"))
    if kind is None and row.has("ticket_type"):
        row.wrong("ticket_type", gettext("The event has no ticket type of this name."))
    return {
        "ticket_type": kind,
        "name": _person(row),
        "quantity": row.whole("quantity", 1, MAX_PER_ORDER) if row.has("quantity") else 1,
        "reason": row.text("reason", Comp._meta.get_field("reason")),
        "language": row.choice("language", [code for code, _words in settings.LANGUAGES]),
        "hold": _hold(row, kind, guests),
    }


def _person(row: Row) -> str:
    name = row.text("name")
    if not name:
        return ""
    try:
        return str(_NAME.run_validation(name))
    except serializers.ValidationError as refusal:
        row.wrong("name", " ".join(str(each) for each in refusal.detail))
        return ""


def _hold(row: Row, kind: TicketType | None, guests: _List) -> HouseHold | None:
    label = row.text("hold")
    if not label or kind is None:
        return None
    found = guests.holds.get((kind.pk, label), [])
    if len(found) == 1:
        return found[0]
    several = gettext("Several holds of this ticket type have this label.")
    row.wrong("hold", several if found else gettext("No hold of this ticket type has this label and anything left."))
    return None


def _give(guests: _List, row: Row, email: str, asked: dict[str, Any], *, by: Any, now: datetime) -> None:
    kind, wanted = asked.pop("ticket_type"), asked.pop("quantity")
    key = (kind.pk, email)
    first = guests.rows.setdefault(key, row.number)
    what = f"{email}, {kind.name}"
    has = guests.given[key]
    if first != row.number:
        row.wrong("email", gettext("Row {first} is of the same guest and ticket type.").format(first=first))
    elif has >= wanted:
        row.report.did(row.number, Deed.SAME, what, [gettext("has {has}").format(has=has)])
    else:
        comps.give(kind, quantity=wanted - has, email=email, **asked, by=by, now=now)
        said = [gettext("is given {count}").format(count=wanted - has)]
        if has:
            said.append(gettext("has {has}").format(has=has))
        row.report.did(row.number, Deed.CHANGED if has else Deed.MADE, what, said)


IMPORTER = GuestImporter()
