"""The stock of slots: moved beside that of the ticket types, by conditional UPDATEs, in key order.

Slots are locked after ticket types, always: what expires a cart locks these first. So every step here begins with them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext

from orders.errors import CounterBroken, SoldOut
from orders.models import Order, OrderItem
from ticketing.models import Ticket, TicketType
from ticketing.slots.models import EntrySlot
from trufan.lib.errors import Detail

#: The field of a line of a cart.
KEY = "slot"
Counts = Mapping[UUID, int]


def reserve(items: Sequence[OrderItem], now: datetime) -> None:
    """Hold the slots of these lines, or raise `SoldOut` naming every line whose slot is full."""
    _hold(_of_items(items), items)


def release(items: Sequence[OrderItem], now: datetime) -> None:
    """Give them back."""
    counts = _of_items(items)
    _lock_types(counts, items)
    _move(counts, held=-1)


def rehold(before: Sequence[OrderItem], after: Sequence[OrderItem], now: datetime) -> None:
    """Hold what is needed now in place of what was; what both need is never let go of."""
    old, new = _of_items(before), _of_items(after)
    _lock_types(old + new, [*before, *after])
    _move(old - new, held=-1)
    _hold(new - old, after)


def issue(order: Order, tickets: Sequence[Ticket], now: datetime) -> None:
    """These tickets have the slots that their lines held. An UPDATE for each slot, and one for its tickets."""
    by_slot = {ticket: slot for ticket in tickets if (slot := slot_of(ticket.order_item)) is not None}
    counts = Counter(by_slot.values())
    _lock_types(counts, {ticket.order_item for ticket in by_slot})
    for slot_id in sorted(counts):
        theirs = [ticket for ticket, slot in by_slot.items() if slot == slot_id]
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in theirs]).update(slot=slot_id)
        for ticket in theirs:
            ticket.slot_id = slot_id
    _move(counts, held=-1, sold=1)


def void(tickets: Sequence[Ticket]) -> None:
    """These tickets were taken back, and so is their place in the slot."""
    counts = Counter(ticket.slot_id for ticket in tickets if ticket.slot_id)
    if counts:
        lock_types({ticket.ticket_type_id for ticket in tickets})
        _move(counts, sold=-1)


def slot_of(item: OrderItem) -> UUID | None:
    """Which slot the line is for."""
    asked = item.asked.get(KEY)
    return UUID(asked) if asked else None


def lock_types(ids: Iterable[UUID]) -> None:
    """The ticket types, in key order, until the transaction ends."""
    list(TicketType.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk").values("pk"))


def _hold(counts: Counts, items: Sequence[OrderItem]) -> None:
    _lock_types(counts, items)
    full = {
        slot_id
        for slot_id, wanted in sorted(counts.items())
        if not EntrySlot.objects.filter(pk=slot_id, capacity__gte=F("held") + F("sold") + wanted).update(
            held=F("held") + wanted
        )
    }
    if full:
        raise SoldOut(details=_short(full, items))


def _short(full: set[UUID], items: Iterable[OrderItem]) -> Iterator[Detail]:
    slots = EntrySlot.objects.with_event().in_bulk(full)
    for item in sorted(items, key=lambda each: each.position):
        slot = slots.get(slot_of(item))
        if slot is not None:
            yield shortage(slot, f"items[{item.position}].{KEY}")


def shortage(slot: EntrySlot, field: str = KEY) -> Detail:
    """What is said of a slot that has too little room."""
    words = (
        gettext("Only {left} places are left at {slot}.").format(left=slot.left, slot=slot)
        if slot.left > 0
        else gettext("The entry time {slot} is sold out.").format(slot=slot)
    )
    return Detail(field, SoldOut.code, words)


def _lock_types(counts: Counts, items: Iterable[OrderItem]) -> None:
    """Where there is a slot to move."""
    if counts:
        lock_types(item.item_id for item in items)


def _move(counts: Counts, *, held: int = 0, sold: int = 0) -> None:
    """Each counter by so many times what is counted. Raises `CounterBroken` below zero."""
    for slot_id, count in sorted(counts.items()):
        rows = EntrySlot.objects.filter(pk=slot_id)
        if held < 0:
            rows = rows.filter(held__gte=count)
        if sold < 0:
            rows = rows.filter(sold__gte=count)
        if not rows.update(held=F("held") + held * count, sold=F("sold") + sold * count):
            raise CounterBroken


def _of_items(items: Iterable[OrderItem]) -> Counter[UUID]:
    counts: Counter[UUID] = Counter()
    for item in items:
        if (slot_id := slot_of(item)) is not None:
            counts[slot_id] += item.quantity
    return counts
