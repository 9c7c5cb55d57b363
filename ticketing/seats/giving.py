"""Seats and tickets: given with the ticket, moved by staff, free again with the ticket's refund."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext

from orders.models import Order, OrderItem
from payments.payable import CannotFulfil
from ticketing import rarities
from ticketing.errors import SeatTaken
from ticketing.models import EventSeat, EventSeating, Ticket
from ticketing.seats import changes
from ticketing.seats.locking import lock_types
from trufan.lib.errors import Invalid

Status = EventSeat.Status


def give(order: Order, tickets: Sequence[Ticket], now: datetime) -> None:
    """Each new ticket gets one of the seats that its line holds, in the order of the map.

    Raises `CannotFulfil` where a line holds more or fewer seats than it has tickets.
    """
    if not rarities.may_have(order.all_lines(), "has_seats"):
        return
    seats: defaultdict[UUID, list[EventSeat]] = defaultdict(list)
    for seat in EventSeat.objects.of_lines({ticket.order_item for ticket in tickets}).filter(status=Status.HELD):
        seats[seat.order_item_id].append(seat)
    if not seats:
        return
    lock_types(ticket.ticket_type_id for ticket in tickets)
    by_line: defaultdict[UUID, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        by_line[ticket.order_item_id].append(ticket)
    for line, own in seats.items():
        if len(own) != len(by_line[line]):
            raise CannotFulfil(gettext("The seats of this order are gone."))
        for seat, ticket in zip(own, by_line[line], strict=True):
            ticket.seat = seat.label
    Ticket.objects.bulk_update([ticket for line in seats for ticket in by_line[line]], ["seat"])
    ticket_of_seat = Ticket.objects.live().filter(order_item=OuterRef("order_item"), seat=OuterRef("label"))
    EventSeat.objects.filter(order_item__in=seats, status=Status.HELD).update(
        status=Status.SOLD, ticket=Subquery(ticket_of_seat.order_by().values("pk")[:1])
    )
    changes.announce({seat.event_id for own in seats.values() for seat in own})


def take_back(tickets: Sequence[Ticket]) -> None:
    """The tickets are void: their seats are free."""
    sold = EventSeat.objects.filter(ticket__in=[ticket.pk for ticket in tickets], status=Status.SOLD)
    if sold.exists():
        lock_types(ticket.ticket_type_id for ticket in tickets)
        sold.update(status=Status.FREE, order_item=None, ticket=None)
        changes.announce({ticket.event_id for ticket in tickets})


def move(ticket: Ticket, label: str) -> None:
    """Staff put a ticket, locked, on another free seat of its type; where seats are not numbered nothing follows.

    Raises `SeatTaken`, and `Invalid` for a seat that there is not, or none where there must be one.
    """
    if not EventSeating.objects.filter(event=ticket.event_id).exists():
        return
    own = EventSeat.objects.filter(event=ticket.event_id, ticket_type=ticket.ticket_type_id)
    if not label:
        if own.exists():
            raise Invalid.field("seat", "A ticket of this type has a seat. Give it another one.", "required")
        return
    lock_types([ticket.ticket_type_id])
    if not own.filter(label=label).exists():
        raise Invalid.field("seat", f"{ticket.ticket_type} has no seat {label}.", "not_found")
    before = ticket.seat
    own.filter(ticket=ticket).update(status=Status.FREE, order_item=None, ticket=None)
    taken = own.free().filter(label=label)
    if not taken.update(status=Status.SOLD, order_item=ticket.order_item_id, ticket=ticket.pk):
        raise SeatTaken(gettext("Seat {label} is not free.").format(label=label))
    item = OrderItem.objects.get(pk=ticket.order_item_id)
    had = item.options.get("seats", [])
    item.options = {**item.options, "seats": [label if each == before else each for each in had]}
    item.save(update_fields=["options", "updated_at"])
    changes.announce({ticket.event_id})
