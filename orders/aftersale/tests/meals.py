"""Orders of food that were paid, and what is said and given after them, for tests."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.models import Order, ProductVariant
from payments import charges
from payments.tests.sharing import recipient
from trufan.testing import OutletFactory, ProductVariantFactory


def stand(venue: Any, name: str = "Grill") -> Any:
    """An outlet that has an account of its own."""
    return OutletFactory(venue=venue, name=name, connected_account=recipient(venue, name))


def dish(outlet: Any, name: str = "Burger", price: int = 1_200, **facts: Any) -> ProductVariant:
    """Something to eat, or with `product__kind` something else."""
    return ProductVariantFactory(product__outlet=outlet, product__name=name, price=price, **facts)


def buy(user: Any, *lines: Any, contact: Contact | None = None, now: Any = None) -> Order:
    """A paid order of `(thing, quantity)`, things of any kind."""
    now = now or timezone.now()
    order = place_order(
        cart_lines((type(thing).sellable_type, thing.pk, quantity) for thing, quantity in lines),
        user=user,
        contact=contact or Contact(),
        now=now,
    )
    if not order.is_free:
        charges.start(order, payer=user, payment_method="pm_card_visa", now=now)
    return Order.objects.get(pk=order.pk)


def url(order: Order, *rest: str) -> str:
    return "/".join(["/api/v1/orders", str(order.pk), *rest])
