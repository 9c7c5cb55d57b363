"""Which slot a cart's tickets are for: asked of each line before anything is held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from orders.cart import PricedCart, PricedLine
from orders.cart_rules import Buyer, Refused
from orders.errors import NotForSale
from orders.expiry import make_room_where
from orders.models import Order, OrderItem
from ticketing.models import TicketType
from ticketing.slots.counting import KEY, shortage
from ticketing.slots.errors import SlotNeeded
from ticketing.slots.models import EntrySlot
from trufan.lib.errors import Detail, DomainError

Slots = Mapping[UUID, EntrySlot]


def refuse_wrong_slots(cart: PricedCart, buyer: Buyer, now: datetime, placing: bool) -> Iterable[Refused]:
    """Every line without the slot that it needs, or with one that it can't have. One query where there are slots.

    A preview tells a price without a slot, too. Before an order is placed, carts whose time is up give back slots that
    are full.
    """
    lines = [(at, line) for at, line in enumerate(cart.lines) if isinstance(line.thing, TicketType)]
    wanted: Counter[UUID] = Counter()
    for _, line in lines:
        if (slot_id := _wanted(line)) is not None:
            wanted[slot_id] += line.line.quantity
    slots = EntrySlot.objects.with_event().in_bulk(wanted) if wanted else {}
    short = {pk for pk, slot in slots.items() if slot.left < wanted[pk]}
    if placing and short and not buyer.order:
        _make_room(short, cart, now)
    for position, line in lines:
        refusal = _why_not(line, slots, now, placing) or (None if placing else _full(line, slots, short))
        if refusal is not None:
            yield position, refusal


def _why_not(line: PricedLine, slots: Slots, now: datetime, placing: bool) -> DomainError | None:
    kind: Any = line.thing
    slot_id = _wanted(line)
    if slot_id is None:
        return _at(SlotNeeded, SlotNeeded.code, SlotNeeded.message) if kind.needs_slot and placing else None
    if not kind.needs_slot:
        return _at(NotForSale, "not_offered", gettext("{name} has no entry times.").format(name=kind.name))
    slot = slots.get(slot_id)
    if slot is None or slot.event_id != kind.event_id:
        return _at(NotForSale, "not_found", gettext("The event has no such entry time."))
    return (
        _at(NotForSale, "slot_over", gettext("The entry time {slot} is over.").format(slot=slot))
        if slot.ends_at <= now
        else None
    )


def _full(line: PricedLine, slots: Slots, short: set[UUID]) -> DomainError | None:
    slot_id = _wanted(line)
    return NotForSale(details=[shortage(slots[slot_id])]) if slot_id in short else None


def _at(kind: type[DomainError], code: str, words: str) -> DomainError:
    return kind(details=[Detail(KEY, code, words)])


def _wanted(line: PricedLine) -> UUID | None:
    asked = line.line.asks.get(KEY)
    return UUID(asked) if asked else None


def _make_room(short: set[UUID], cart: PricedCart, now: datetime) -> None:
    """Expire overdue carts that hold these slots. Where more is short, `make_room` expires those of that."""
    if cart.short_lines or cart.codes:
        return
    holding = OrderItem.objects.filter(
        item_type=TicketType.sellable_type,
        status=OrderItem.Status.HELD,
        order__status=Order.Status.PENDING,
        order__expires_at__lte=now,
        options__asked__slot__in=[str(slot_id) for slot_id in short],
    )
    make_room_where(Q(pk__in=holding.values("order_id")), cart, now)
