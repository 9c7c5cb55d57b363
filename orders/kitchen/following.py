"""The kitchen follows the money: nothing is made of which nothing is left to the buyer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit.trail import CALLER, record
from orders import announcements
from orders.kitchen.models import Fulfilment
from orders.models import Order
from orders.refund_plan import rests

REFUNDED = "Refunded."


def follow(order: Order, now: datetime, *, reason: str = REFUNDED, by: Any = CALLER) -> None:
    """Cancel the order's open fulfilments whose every piece was refunded, or is on its way back.

    Called whenever a refund was asked for or money went, in a transaction that holds the order.
    """
    if not any(item.fulfilment_id for item in order.all_lines()):
        return
    wanted = {rest.item.fulfilment_id for rest in rests(order) if rest.quantity}
    for fulfilment in order.fulfilments.filter(status__in=Fulfilment.OPEN).select_related("outlet").order_by("pk"):
        if fulfilment.pk in wanted:
            continue
        before = fulfilment.status
        fulfilment.move(Fulfilment.Status.CANCELLED, ended_at=now, reason=reason[:200])
        record("fulfilment.cancelled", fulfilment, old={"status": before}, actor=by, venue_id=order.venue_id)
        announcements.moved(fulfilment, order)
