"""The gate between the waiting room and the shop: a cart with the event's tickets needs a pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models.functions import Greatest
from django.utils.translation import gettext

from orders.cart import PricedCart
from orders.cart_rules import Buyer, Refused, Standing
from orders.models import Order, OrderItem
from ticketing import rarities
from ticketing.models import Ticket, TicketType
from ticketing.waitingroom import tokens
from ticketing.waitingroom.errors import PassNeeded, PassUsed
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry, WaitingRoomOrder
from trufan.lib.errors import DomainError

#: The field of a cart that carries the pass.
FIELD = "admission_token"
#: Who did not come through the public's door: the waiting list calls people, staff serve them.
LET_IN = frozenset({Standing.INVITED, Standing.STAFF})
Status = WaitingRoomEntry.Status
#: Orders that came to nothing: the pass may be used again.
_ENDED = (Order.Status.CANCELLED, Order.Status.EXPIRED)
_PAID = (Order.Status.PAID, Order.Status.REFUNDED)


def refuse_without_pass(cart: PricedCart, buyer: Buyer, now: datetime, placing: bool) -> Iterable[Refused]:
    """The rule of carts: no tickets of a shut event without its pass.

    An order that was let in when it was placed may be changed without: nobody is let in twice.
    """
    if buyer.standing in LET_IN:
        return []
    events = {line.thing.event_id for line in cart.lines if isinstance(line.thing, TicketType) and line.thing.has_room}
    held = {line.thing.for_event for line in cart.lines if line.line.held}
    if not events - held:
        return []
    rooms = WaitingRoom.objects.shut().filter(event__in=events - held)
    if buyer.order is not None:
        rooms = rooms.exclude(entries__orders__order=buyer.order)
    refusals = [_why_not(room, buyer, now, placing) for room in rooms.order_by("pk")]
    return [(None, refusal) for refusal in refusals if refusal is not None]


def note_order(items: Sequence[OrderItem], now: datetime) -> None:
    """On `steps.reserving`: the order uses its buyer's pass, which then lasts at least as long as its hold."""
    if not rarities.may_have(items, "has_room"):
        return
    order = items[0].order
    key = tokens.buyer_key(order.user, order.contact_email)
    rooms = WaitingRoom.objects.shut_before(item.item_id for item in items)
    for room in rooms if key else ():
        entry = WaitingRoomEntry.objects.inside().filter(room=room, buyer_key=key).order_by("-updated_at").first()
        if entry is None:
            continue
        WaitingRoomOrder.objects.get_or_create(order=order, defaults={"entry": entry})
        rows = WaitingRoomEntry.objects.inside().filter(pk=entry.pk)
        rows.update(pass_expires_at=Greatest("pass_expires_at", order.expires_at))


def note_change(before: Sequence[OrderItem], after: Sequence[OrderItem], now: datetime) -> None:
    """On `steps.reholding`: an order that has tickets of the event only now uses the pass as well."""
    note_order(after, now)


def note_paid(order: Order, tickets: Sequence[Ticket], now: datetime) -> None:
    """On `steps.issued`: with the last order that the pass is good for, its holder is through."""
    if not rarities.may_have(order.all_lines(), "has_room"):
        return
    used = WaitingRoomOrder.objects.select_related("entry__room").filter(order=order).first()
    if used is None:
        return
    entry = used.entry
    paid = WaitingRoomOrder.objects.filter(entry=entry, order__status__in=_PAID)
    if paid.count() >= entry.room.orders_per_pass:
        WaitingRoomEntry.objects.inside().filter(pk=entry.pk).update(status=Status.DONE, ended_at=now)


def _why_not(room: WaitingRoom, buyer: Buyer, now: datetime, placing: bool) -> DomainError | None:
    entry = tokens.of_admission(str(buyer.asks.get(FIELD) or ""))
    where = f"POST /events/{room.event_id}/waiting-room"
    if entry is None or entry.room_id != room.pk or not entry.belongs_to(buyer.user):
        return PassNeeded(
            gettext("There is a waiting room for this event: take a place in it with {where}.").format(where=where)
        )
    if not entry.has_pass(now):
        return PassNeeded(
            gettext("This pass has ended. Take a place in the line again with {where}.").format(where=where)
        )
    key = tokens.buyer_key(buyer.user, buyer.email)
    if entry.buyer_key and key and entry.buyer_key != key:
        return PassNeeded(gettext("This pass is somebody else's."))
    if placing and not _take(entry, key, now):
        return PassNeeded(gettext("This pass is somebody else's, or has ended."))
    used = WaitingRoomOrder.objects.filter(entry=entry).exclude(order__status__in=_ENDED).count()
    return PassUsed() if used >= room.orders_per_pass else None


def _take(entry: WaitingRoomEntry, key: str, now: datetime) -> bool:
    """The pass is this buyer's, and theirs alone to use until the commit."""
    rows: Any = WaitingRoomEntry.objects.inside().filter(pk=entry.pk, pass_expires_at__gt=now)
    return bool(rows.filter(buyer_key__in=["", key]).update(buyer_key=key))
