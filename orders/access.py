"""How a guest reaches an order: by a code that only its own confirmation and mails carry (`trufan.lib.row_codes`)."""

from __future__ import annotations

from django.conf import settings

from orders.models import Order
from trufan.lib import row_codes

_PURPOSE = "orders.access"


def code_for(order: Order) -> str:
    """26 characters, 128 bits."""
    return row_codes.code_for(_PURPOSE, order.pk)


def allows(order: Order, code: str) -> bool:
    """Whether `code` opens this order."""
    return row_codes.opens(_PURPOSE, order.pk, code)


def link(order: Order) -> str:
    """Where the buyer sees the order. A guest's code stands behind the #, which no server logs."""
    url = f"{settings.FRONTEND_URL}/orders/{order.pk}"
    return url if order.user_id else f"{url}#access_code={code_for(order)}"
