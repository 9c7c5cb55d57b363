"""Holds that ran out give their stock back: by the sweep, or by the next buyer who needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from audit.trail import record
from orders import announcements, stock
from orders.cart import PricedCart
from orders.models import Order, OrderItem
from orders.promos import uses
from orders.promos.models import PromoUse
from orders.querysets import OrderQuerySet
from orders.sellable import sellable_model
from payments import charges
from trufan.lib.compiled import OneByKeys

BATCH = 50


def expire_overdue(now: datetime) -> int:
    """Expire every pending order whose time is up, a batch a transaction; returns how many.

    Rows another worker holds are passed over, so any number of sweeps may run at once.
    """
    done = 0
    while True:
        with transaction.atomic():
            orders = _lock_overdue(Order.objects.overdue(now))
            _expire(orders, now)
        done += len(orders)
        if len(orders) < BATCH:
            return done


def make_room(cart: PricedCart, now: datetime, person: Q, also: Iterable[OrderItem] = ()) -> int:
    """Expire overdue orders that keep what `cart` is short of; returns how many. Inside the buyer's transaction.

    `person` are the buyer's own uses of promo codes. The stock rows and codes of the cart, and of the lines `also`, are
    locked together with those of the lapsed orders, in key order: the buyer goes on to take them, and would otherwise
    come to a lower key while holding a higher one.
    """
    wanted = defaultdict(set)
    for line in cart.lines:
        wanted[line.line.type].add(line.line.id)
    for item in also:
        wanted[item.item_type].add(item.item_id)
    orders = _lock_overdue(Order.objects.overdue(now).filter(_keeps_what_is_short(cart, now, person)))
    _expire(orders, now, wanted, [each.promo.pk for each in cart.codes])
    return len(orders)


def is_sold_out(cart: PricedCart, now: datetime) -> bool:
    """Whether something that looked short is short for good: nothing that lapsed could come free.

    One statement tells both the counters and whether a lapsed hold is still on them. So who finds that another buyer
    has just released it, or is about to, is not refused, but waits for the row that tells. No query where
    nothing was on hold when the thing was read, and one for each other thing that is short.
    """
    for line in cart.short_lines:
        thing: Any = line.thing
        table: Any = type(thing)
        if not table.counts_stock:
            continue
        if not thing.held:
            return True
        row = _counters(table).get(line.line.id, now)
        if row is not None and not row.may_lapse and row.left < line.line.in_cart - line.line.held:
            return True
    return False


@cache
def _counters(table: Any) -> OneByKeys[Any]:
    """Of a row by its key at a moment: what is left, and whether a lapsed hold is on it (`may_lapse`)."""

    def build(pk: UUID, now: datetime) -> Any:
        lapsing = OrderItem.objects.filter(
            item_type=table.sellable_type,
            item_id=OuterRef("pk"),
            status=OrderItem.Status.HELD,
            order__status=Order.Status.PENDING,
            order__expires_at__lte=now,
        )
        return table._default_manager.order_by().annotate(may_lapse=Exists(lapsing)).filter(pk=pk)

    return OneByKeys(build, UUID, datetime)


def make_room_where(which: Q, cart: PricedCart, now: datetime) -> int:
    """The same for overdue orders of a kind that another app knows: who keep a stock of its own that is short."""
    wanted = defaultdict(set)
    for line in cart.lines:
        wanted[line.line.type].add(line.line.id)
    orders = _lock_overdue(Order.objects.overdue(now).filter(which))
    _expire(orders, now, wanted, [each.promo.pk for each in cart.codes])
    return len(orders)


def _keeps_what_is_short(cart: PricedCart, now: datetime, person: Q) -> Q:
    short = {(line.line.type, line.line.id) for line in cart.short_lines}
    stock_of = OrderItem.objects.filter(
        item_type__in={kind for kind, _ in short},
        item_id__in={thing for _, thing in short},
        status=OrderItem.Status.HELD,
        order__status=Order.Status.PENDING,
        order__expires_at__lte=now,
    )
    if not cart.codes:
        return Q(pk__in=stock_of.values("order_id"))
    used_up = [each.promo.pk for each in cart.codes if each.promo.is_used_up]
    own = Q(promo__in=[each.promo.pk for each in cart.codes]) & person
    held = PromoUse.objects.filter(Q(promo__in=used_up) | own, status=PromoUse.Status.HELD)
    return Q(pk__in=stock_of.values("order_id")) | Q(pk__in=held.values("order_id"))


def _lock_overdue(overdue: OrderQuerySet) -> list[Order]:
    """The first batch of overdue orders that nobody else holds, locked."""
    return list(overdue.select_for_update(skip_locked=True, of=("self",)).order_by("expires_at", "pk")[:BATCH])


def _expire(
    orders: list[Order], now: datetime, also_lock: dict[str, set[UUID]] | None = None, codes: Iterable[UUID] = ()
) -> None:
    if not orders:
        return
    items = list(OrderItem.objects.filter(order__in=orders, status=OrderItem.Status.HELD))
    _lock_stock(items, also_lock or {})
    stock.release(items, now)
    uses.release(orders, codes)
    for order in orders:
        order.move(Order.Status.EXPIRED)
        record("order.expired", order, actor=None)
        charges.cancel_open(order, now)
    announcements.ended(orders, announcements.EXPIRED)


def _lock_stock(items: list[OrderItem], also: dict[str, set[UUID]]) -> None:
    ids = defaultdict(set, {kind: set(things) for kind, things in also.items()})
    for item in items:
        ids[item.item_type].add(item.item_id)
    for kind in sorted(ids):
        sellable_model(kind).lock(ids[kind])
