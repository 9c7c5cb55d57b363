"""What makes a day of sales out of date."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from orders.models import Order, OrderRefund
from orders.signals import order_settled, taken_back_free
from payments.models import JournalEntry
from payments.signals import booked
from reports import registry
from reports.rollups import base, keeping
from reports.rollups.topics import MONEY
from reports.sales import counting, moves
from reports.sales.models import SalesDay
from reports.sales.reports import NAME, SALES
from venues.models import Venue
from venues.signals import time_zone_changed


def _booked(entries: list[JournalEntry], **_: Any) -> None:
    first = entries[0]
    keeping.mark(MONEY, first.venue_id, *{entry.occurred_at for entry in entries})


def _settled(order: Order, now: datetime, **_: Any) -> None:
    # What was paid is in the books.
    if order.is_free:
        keeping.mark(MONEY, order.venue_id, now)


def _taken_back(refund: OrderRefund, **_: Any) -> None:
    keeping.mark(MONEY, refund.order.venue_id, refund.created_at)


def _moved_clock(venue: Venue, **_: Any) -> None:
    keeping.mark_every_day(venue, timezone.now())


def connect() -> None:
    base.register(base.Rollup(NAME, SalesDay, MONEY, counting.compute, moves.first_at))
    registry.register(SALES)
    booked.connect(_booked, dispatch_uid="reports.mark_movements")
    order_settled.connect(_settled, dispatch_uid="reports.mark_free_orders")
    taken_back_free.connect(_taken_back, dispatch_uid="reports.mark_free_returns")
    time_zone_changed.connect(_moved_clock, dispatch_uid="reports.mark_every_day")
