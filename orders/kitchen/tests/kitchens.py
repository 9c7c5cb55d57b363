"""Food that was ordered and paid, for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from orders.cart import Extras, cart_lines
from orders.checkout import Contact, place_order
from orders.kitchen import moves
from orders.models import Fulfilment, Order
from payments import charges


def order_food(
    user: Any, *lines: tuple[Any, int], delivery: dict[str, str] | None = None, now: datetime | None = None
) -> Order:
    """A paid order of these things, `(variant or ticket type, how many)`."""
    now = now or timezone.now()
    asked = cart_lines((thing.sellable_type, thing.pk, quantity) for thing, quantity in lines)
    order = place_order(asked, user=user, contact=Contact(), extras=Extras(delivery=delivery or {}), now=now)
    if not order.is_free:
        charges.start(order, payer=user, payment_method="pm_card_visa", now=now)
    return Order.objects.get(pk=order.pk)


def ordered(user: Any, *lines: tuple[Any, int], **how: Any) -> Fulfilment:
    """The one fulfilment of such an order."""
    return order_food(user, *lines, **how).fulfilments.get()


def bring_to(fulfilment: Fulfilment, *steps: str, by: Any = None, **said: Any) -> Fulfilment:
    """Take these steps."""
    for name in steps:
        fulfilment = moves.step(fulfilment, name, by=by, now=timezone.now(), **said)
    return fulfilment


def url(fulfilment: Fulfilment, *move: str) -> str:
    return "/".join(["/api/v1/fulfilments", str(fulfilment.pk), *move])
