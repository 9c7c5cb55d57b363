"""Carts of anything that is sold, for tests."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from orders.cart import Extras, cart_lines
from orders.checkout import Contact, place_order
from orders.models import Order
from orders.pricing import Tip
from payments import charges

ORDERS = "/api/v1/orders"


def body(*lines: Any, **extras: Any) -> dict[str, Any]:
    """A cart as the API takes it; a line is `(thing, quantity)`."""
    items = [{"type": thing.sellable_type, "id": str(thing.pk), "quantity": quantity} for thing, quantity in lines]
    return {"items": items, **extras}


def place(
    user: Any, *lines: Any, tip: Tip | None = None, codes: Any = (), now: Any = None, contact: Contact | None = None
) -> Order:
    """A pending order of any things."""
    return place_order(
        cart_lines((thing.sellable_type, thing.pk, quantity) for thing, quantity in lines),
        user=user,
        contact=contact or Contact(),
        now=now or timezone.now(),
        extras=Extras(tip or Tip(), tuple(codes)),
    )


def buy(user: Any, *lines: Any, **extras: Any) -> Order:
    """The same, paid."""
    order = place(user, *lines, **extras)
    if not order.is_free:
        charges.start(order, payer=user, payment_method="pm_card_visa", now=timezone.now())
    return Order.objects.get(pk=order.pk)
