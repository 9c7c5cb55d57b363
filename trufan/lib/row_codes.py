"""Codes that open one row to whoever was given them: a guest's order, a driver's stay, an offered ticket.

Derived from the secret key and the row's id, so that nothing to steal is stored. A code outlives a rotation of the key
as long as the old one stands in SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import base64
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac


def code_for(purpose: str, pk: UUID) -> str:
    """26 characters, 128 bits. `purpose`: a code given for one opens nothing for another."""
    return _code(purpose, pk, settings.SECRET_KEY)


def opens(purpose: str, pk: UUID, code: str) -> bool:
    """Whether it is the code of that row for that purpose."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_code(purpose, pk, key), code) for key in keys)


def _code(purpose: str, pk: UUID, key: str) -> str:
    digest = salted_hmac(purpose, str(pk), secret=key, algorithm="sha256").digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=")
