"""A buyer's rating of an order, or of what one outlet made of it: given once, changed while the window is open."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.trail import record
from orders.aftersale.models import OrderRating
from orders.aftersale.window import refuse_late
from orders.errors import NotRateable
from orders.locking import lock
from orders.models import Order, Outlet
from trufan.lib.errors import Invalid

RATEABLE = (Order.Status.PAID, Order.Status.REFUNDED)


def rate(
    order: Order, *, stars: int, comment: str, outlet_id: UUID | None = None, by: Any, now: datetime
) -> OrderRating:
    """Give `stars` (1 to 5) and a `comment` to the order, or to one outlet's part of it; again: change them.

    Raises `NotRateable` before it is paid, `WindowClosed`, `Invalid` for an outlet that made nothing of it.
    """
    with transaction.atomic():
        # Two ratings at once: the second finds the first.
        locked = lock(order.pk)
        if locked.status not in RATEABLE or locked.paid_at is None:
            raise NotRateable
        if refusal := refuse_late(locked, now):
            raise refusal
        rating, is_new = OrderRating.objects.update_or_create(
            order=locked, outlet=_outlet(locked, outlet_id), defaults={"stars": stars, "comment": comment}
        )
        # The comment is personal: the trail says that there is one, not what it says.
        said = {"stars": stars, "has_comment": bool(comment)}
        record("rating.given" if is_new else "rating.changed", rating, new=said, actor=by)
    return rating


def _outlet(order: Order, outlet_id: UUID | None) -> Outlet | None:
    if outlet_id is None:
        return None
    made = order.fulfilments.select_related("outlet").filter(outlet_id=outlet_id).first()
    if made is None:
        raise Invalid.field("outlet", "This outlet made nothing of this order.", "not_found")
    return made.outlet
