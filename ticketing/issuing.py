"""Tickets come into being when their order is paid; how they go back stands in `returns.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext

from events.models import Event
from orders import counters
from orders.models import Order, OrderItem
from payments.payable import CannotFulfil
from ticketing import announcements, steps
from ticketing.models import Ticket, TicketType
from ticketing.signals import attendance_moved
from trufan.lib.appending import append

GONE = Event.Status.CANCELLED


def issue(order: Order, items: Sequence[OrderItem], now: datetime, *, held: bool = True) -> None:
    """One ticket for each piece of each line; the counters move last, so that their rows are locked briefly.

    Of lines that hold nothing yet (`held`) the stock is taken now. Raises `CannotFulfil` when an event was cancelled
    since the order was placed, `SoldOut` for lines that were not held.
    """
    events = {kind.pk: kind.event for kind in _kinds(items, read=held) if kind.event.status != GONE}
    if any(item.item_id not in events for item in items):
        raise CannotFulfil(gettext("The event was cancelled."))
    tickets = [
        Ticket(
            event_id=events[item.item_id].pk,
            ticket_type_id=item.item_id,
            order=order,
            order_item=item,
            ordinal=ordinal,
            holder_id=order.user_id,
            holder_name=order.contact_name,
        )
        for item in items
        for ordinal in range(1, item.quantity + 1)
    ]
    attendance_moved.send(sender=Ticket, events={event.pk: event for event in events.values()}.values())
    append(*tickets)
    for step in steps.issued:
        step(order, tickets, now)
    announcements.issued(order, tickets)
    if held:
        counters.sell(TicketType, items)
    else:
        counters.take(TicketType, items)
        for count in steps.reserved:
            count(items, now)
    for count in steps.sold:
        count(items, now)


def _kinds(items: Sequence[OrderItem], *, read: bool) -> Iterable[TicketType]:
    """Their types with their events: as they are now, or as they were just read for the cart."""
    if not read:
        return [item.in_hand for item in items]
    kinds = TicketType.objects.order_by().filter(pk__in={item.item_id for item in items}).select_related("event")
    return kinds.only("event__venue_id", "event__starts_at", "event__status")
