"""Whose account tickets go to that were handed out to an e-mail address."""

from __future__ import annotations

from accounts.models import User


def account_of(email: str) -> User | None:
    """The account that has proven the address its own; its owner finds the tickets there. None: a guest's."""
    if not email:
        return None
    found: User | None = User.objects.filter(
        email=email.lower(), email_verified_at__isnull=False, is_active=True
    ).first()
    return found
