"""By what a buyer is known at a venue: a keyed hash that says nothing about the person.

An account is the person, whatever its addresses become; without one, the e-mail address is, or else the phone. The
venue is part of it, so that nobody can follow a person from one venue to another.
"""

from __future__ import annotations

import hmac
from typing import Any
from uuid import UUID

from django.conf import settings

from orders.models import Order


def key_of(order: Order) -> str:
    """The key of who bought it, 128 bits in hex; empty where nobody knows."""
    if order.user_id:
        return of_account(order.venue_id, order.user_id)
    if order.contact_email:
        return _key(order.venue_id, "email", order.contact_email.lower())
    return _key(order.venue_id, "phone", str(order.contact_phone)) if order.contact_phone else ""


def of_account(venue_id: UUID, user_id: Any) -> str:
    return _key(venue_id, "account", str(user_id))


def _key(venue_id: UUID, kind: str, value: str) -> str:
    secret = settings.BUYER_KEY_SECRET.encode()
    return hmac.new(secret, f"reports.buyer:{venue_id}:{kind}:{value}".encode(), "sha256").hexdigest()[:32]
