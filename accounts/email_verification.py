"""Proving that an e-mail address is its owner's: a signed link, good once and for a while."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction

from accounts.errors import AlreadyVerified, InvalidLink
from accounts.models import User
from accounts.signals import email_verified
from audit.trail import record
from notifications import outbox

_SALT = "accounts.email_verification"


def token_for(user: User) -> str:
    """A token bound to the person and the address it is mailed to."""
    return signing.dumps([str(user.pk), user.email], salt=_SALT)


def send(user: User) -> None:
    """Mail the link; runs in the caller's transaction."""
    link = f"{settings.FRONTEND_URL}/verify-email#token={token_for(user)}"
    context = {"first_name": user.first_name, "link": link, "hours": settings.EMAIL_VERIFICATION_SECONDS // 3600}
    outbox.send("verify_email", user.email, context=context, user=user)


def resend(user: User) -> None:
    """Mail the link once more; raises `AlreadyVerified`."""
    if user.email_verified_at:
        raise AlreadyVerified
    with transaction.atomic():
        send(user)


def verify(token: str, now: datetime) -> None:
    """Believe the address; raises `InvalidLink` when the token is forged, expired, used or for a former address."""
    try:
        user_id, email = signing.loads(token, salt=_SALT, max_age=settings.EMAIL_VERIFICATION_SECONDS)
    except signing.BadSignature as error:
        raise InvalidLink from error
    with transaction.atomic():
        user = User.objects.active().filter(pk=UUID(user_id), email=email).first()
        if user is None or not mark_verified(user, now):
            raise InvalidLink


def mark_verified(user: User, now: datetime) -> bool:
    """Note the proof and announce it, in the caller's transaction; False when it was noted before."""
    rows = User.objects.filter(pk=user.pk, email=user.email, email_verified_at=None)
    if not rows.update(email_verified_at=now):
        return False
    user.email_verified_at = now
    record("user.email_verified", user, actor=user)
    email_verified.send(sender=User, user=user)
    return True
