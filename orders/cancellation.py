"""A buyer, or staff, gives a pending order up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.trail import record
from orders import announcements, stock
from orders.locking import lock
from orders.models import Order
from orders.promos import uses
from payments import charges


def cancel(order: Order, *, by: Any, now: datetime) -> Order:
    """Release the hold and end the order; money that still arrives is returned in full.

    Raises `InvalidMove` (409) when the order is no longer pending.
    """
    with transaction.atomic():
        locked = lock(order.pk)
        _end([locked], by, now)
    return locked


def cancel_pending(order_ids: Iterable[UUID], *, by: Any, now: datetime) -> int:
    """End those of the orders that are still pending: what they hold will not be delivered. Returns how many ended.

    Runs in the caller's transaction. All orders are locked before any stock, as every other transaction does it.
    """
    pending = Order.objects.filter(pk__in=list(order_ids), status=Order.Status.PENDING)
    orders = list(pending.select_for_update(of=("self",)).order_by("pk"))
    _end(orders, by, now)
    return len(orders)


def _end(orders: list[Order], by: Any, now: datetime) -> None:
    for order in orders:
        order.move(Order.Status.CANCELLED)
    stock.release([item for order in orders for item in order.all_lines()], now)
    uses.release(orders)
    for order in orders:
        record("order.cancelled", order, actor=by)
        charges.cancel_open(order, now)
    announcements.ended(orders, announcements.CANCELLED)
