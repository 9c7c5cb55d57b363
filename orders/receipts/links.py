"""Addresses of papers, with a key that opens one sale's papers to whoever has the link, for thirty days.

A browser that follows a link sends no header: neither a bearer token nor an access code. The key opens nothing else,
and it is made anew each time the sale is shown. It outlives a rotation of the secret key by SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

GOOD_FOR = timedelta(days=30)
PARAMETER = "key"


def _signer() -> TimestampSigner:
    return TimestampSigner(sep="~", salt="orders.receipts")


def key_for(sale_id: UUID) -> str:
    """The key to the papers of this order, or whatever else was sold."""
    return _signer().sign(str(sale_id)).partition("~")[2]


def opens(sale_id: UUID, key: str) -> bool:
    """Whether `key` is one for this sale, and not too old."""
    try:
        _signer().unsign(f"{sale_id}~{key}", max_age=GOOD_FOR)
    except BadSignature:
        return False
    return True


def path_to(order_id: UUID, number: int | None = None, *, pdf: bool = False, key: str = "") -> str:
    """Where a paper is; without a `number`, the order's own receipt."""
    name = "order-receipt" if number is None else "order-paper"
    args = [order_id] if number is None else [order_id, number]
    return reverse(f"{name}-pdf" if pdf else name, args=args, query={PARAMETER: key} if key else None)


def url_of(order_id: UUID, number: int | None = None, *, pdf: bool = False) -> str:
    """The whole address of a paper, with its key."""
    return settings.PUBLIC_URL + path_to(order_id, number, pdf=pdf, key=key_for(order_id))
