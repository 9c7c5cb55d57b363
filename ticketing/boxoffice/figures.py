"""What keeping back, letting go and giving away come to, in words and figures, before anything happens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext

from orders.errors import SoldOut
from ticketing.boxoffice.errors import HoldTooSmall
from ticketing.boxoffice.models import HouseHold
from ticketing.models import EventSeat, TicketType


def of_keeping(ticket_type: TicketType, quantity: int) -> str:
    """What a new hold takes from the public; nothing where the rule will refuse it anyway."""
    left = max(ticket_type.left, 0)
    if quantity > left:
        return ""
    return gettext(
        "{quantity} × {ticket_type} are taken from sale. On sale now: {left}, afterwards: {rest}. "
        "Nobody gets a message."
    ).format(quantity=quantity, ticket_type=ticket_type, left=left, rest=left - quantity)


def of_giving(ticket_type: TicketType, *, now: datetime, name: str, email: str, quantity: int, reason: str) -> str:
    """What a gift out of what is on sale comes to. Raises `SoldOut`."""
    left = max(ticket_type.left, 0)
    if quantity > left:
        raise SoldOut(gettext("Only {left} of {ticket_type} are left.").format(left=left, ticket_type=ticket_type.name))
    before = gettext("On sale now: {left}, afterwards: {rest}.").format(left=left, rest=left - quantity)
    return " ".join([_gift(ticket_type, name, email, quantity), before])


def of_giving_out_of(hold: HouseHold, *, now: datetime, name: str, email: str, quantity: int, reason: str) -> str:
    """What a gift out of a hold comes to. Raises `HoldTooSmall`."""
    if quantity > hold.left:
        raise HoldTooSmall(gettext("This hold keeps {left} tickets.").format(left=hold.left))
    before = gettext("“{label}” keeps {left} now, {rest} afterwards.")
    before = before.format(label=hold.label, left=hold.left, rest=hold.left - quantity)
    return " ".join([_gift(hold.ticket_type, name, email, quantity), before])


def of_releasing(hold: HouseHold, *, now: datetime, quantity: int | None) -> str:
    """How many go back, and how many people wait for them. Raises `HoldTooSmall`."""
    freed = hold.left if quantity is None else quantity
    if freed > hold.left or not freed:
        raise HoldTooSmall(gettext("This hold keeps {left} tickets.").format(left=hold.left))
    kind = hold.ticket_type
    waited = min(max(kind.waiting - kind.set_aside, 0), freed)
    said = gettext(
        "{freed} × {ticket_type} go back on sale; “{label}” keeps {rest}. Set aside for the waiting list: {waited}, "
        "whose people get a message. On sale now: {left}, afterwards: {after}."
    )
    left = max(kind.left, 0)
    return said.format(
        freed=freed, ticket_type=kind, label=hold.label, rest=hold.left - freed, waited=waited, left=left,
        after=left + freed - waited,
    )  # fmt: skip


def _gift(ticket_type: TicketType, name: str, email: str, quantity: int) -> str:
    said = ngettext(
        "{name} gets {count} ticket of {ticket_type} for nothing. It is sent at once to {email}.",
        "{name} gets {count} tickets of {ticket_type} for nothing. They are sent at once to {email}.",
        quantity,
    ).format(name=name, count=quantity, ticket_type=ticket_type, email=email)
    seats: Any = EventSeat.objects.filter(event=ticket_type.event_id, ticket_type=ticket_type.pk)
    free = seats.filter(status=EventSeat.Status.FREE).count()
    if not free:
        return said
    return " ".join([said, gettext("The best of {free} free seats are given.").format(free=free)])
