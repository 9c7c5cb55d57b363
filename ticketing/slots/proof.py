"""The proof of the counters of slots, for `manage.py check_inventory`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Sum

from orders.inventory_check import Difference, total
from orders.models import Order, OrderItem
from ticketing.models import Ticket, TicketType
from ticketing.slots.models import EntrySlot

Found = dict[tuple[UUID, str], Difference]


def differences() -> Iterator[Difference]:
    """Every counter that is wrong. Carts are read apart from counters: what one reading says, another confirms."""
    first, again = _differences(), _differences()
    yield from (again[key] for key in first.keys() & again.keys() if first[key] == again[key])


def _differences() -> Found:
    carts = _in_carts()
    tickets = Ticket.objects.live().filter(slot=OuterRef("pk")).order_by()
    found: Found = {}
    slots: Any = EntrySlot.objects.with_event().annotate(live=total(tickets, "slot", Count("pk")))
    for slot in slots.iterator():
        for counter, counted, of, real in (
            ("held", slot.held, "lines", carts[slot.pk]),
            ("sold", slot.sold, "tickets", slot.live),
        ):
            if counted != real:
                name = f"{slot}, {slot.event.name}"
                found[slot.pk, counter] = Difference("entry slot", slot.pk, name, counter, counted, of, real)
    return found


def _in_carts() -> Counter[UUID]:
    """Slot → how many places pending orders hold."""
    held = OrderItem.objects.filter(
        item_type=TicketType.sellable_type,
        status=OrderItem.Status.HELD,
        order__status=Order.Status.PENDING,
        options__asked__has_key="slot",
    )
    sums = held.order_by().values_list("options__asked__slot").annotate(total=Sum("quantity"))
    return Counter({UUID(slot): total for slot, total in sums if slot})
