"""What orders do on others' facts."""

from __future__ import annotations

from typing import Any

from audit.trail import record
from orders.models import Order
from orders.signals import orders_adopted


def adopt_guest_orders(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """An e-mail address was verified: what was bought with it as a guest joins the account."""
    orders = list(Order.objects.filter(user=None, contact_email=user.email).select_for_update().order_by("pk"))
    if not orders:
        return
    ids = [order.pk for order in orders]
    Order.objects.filter(pk__in=ids).update(user=user)
    for order in orders:
        record("order.adopted", order, actor=user)
    orders_adopted.send(sender=Order, user=user, order_ids=ids)
