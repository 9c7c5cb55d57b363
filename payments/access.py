"""Who may read which payment."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.grants import Permission
from accounts.scope import own_or_venues
from payments.models import Payment
from payments.querysets import PaymentQuerySet


def listed_payments(user: Any, venue: str | None) -> PaymentQuerySet:
    """The payments that `user` made, or those to a venue. Raises `Forbidden`, `Invalid`."""
    return own_or_venues(Payment.objects.all(), user, venue, owner="payer", permission=Permission.VIEW_PAYMENTS)


def reachable_payments(user: Any) -> PaymentQuerySet:
    """Every payment that `user` made or may see as staff."""
    if user.is_superuser:
        return Payment.objects.all()
    return Payment.objects.filter(Q(payer=user) | Q(venue_id__in=user.venues_where(Permission.VIEW_PAYMENTS)))
