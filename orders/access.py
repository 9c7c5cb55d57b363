"""How a guest reaches an order: by a code that only the order's own confirmation and mails carry.

The code is derived from the secret key and the order's id, so that nothing to steal is stored; it outlives a rotation
of the key as long as the old one stands in SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import base64

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from orders.models import Order

_SALT = "orders.access"


def code_for(order: Order) -> str:
    """26 characters, 128 bits."""
    return _code(order, settings.SECRET_KEY)


def allows(order: Order, code: str) -> bool:
    """Whether `code` opens this order."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_code(order, key), code) for key in keys)


def link(order: Order) -> str:
    """Where the buyer sees the order. A guest's code stands behind the #, which no server logs."""
    url = f"{settings.FRONTEND_URL}/orders/{order.pk}"
    return url if order.user_id else f"{url}#access_code={code_for(order)}"


def _code(order: Order, key: str) -> str:
    digest = salted_hmac(_SALT, str(order.pk), secret=key, algorithm="sha256").digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=")
