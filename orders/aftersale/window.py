"""How long after a sale tips and ratings are taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from orders.errors import WindowClosed
from orders.models import Order


def closes_at(order: Order) -> datetime | None:
    """When tips and ratings are no longer taken: so many hours after it was paid, or after the last outlet handed its
    part over or promised to, whichever is later; None before it is paid. One query."""
    if order.paid_at is None:
        return None
    moments = [order.paid_at]
    for promised, ended in order.fulfilments.values_list("promised_at", "ended_at"):
        moments.append(ended or promised)
    return max(moments) + timedelta(hours=settings.TIP_WINDOW_HOURS)


def refuse_late(order: Order, now: datetime) -> WindowClosed | None:
    """Why it is too late at `now`, if it is."""
    closes = closes_at(order)
    return WindowClosed() if closes is not None and now >= closes else None
