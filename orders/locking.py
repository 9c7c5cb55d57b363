"""The lock that every change of an order takes first: order → payment → stock."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext

from orders.models import Order
from trufan.lib.errors import Missing


def lock(order_id: UUID) -> Order:
    """The order, freshly read and held until the transaction ends. Raises `Missing`."""
    order = Order.objects.select_for_update(of=("self",)).filter(pk=order_id).first()
    if order is None:
        raise Missing(gettext("There is no such order."))
    return order
