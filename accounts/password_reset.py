"""A forgotten password. The request only leaves a note; whether the address has an account is looked up afterwards,
so that neither the answer nor its time can tell.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts import background, email_verification, lockout, password_rules, passwords, sign_in
from accounts.errors import InvalidLink
from accounts.models import ResetRequest, User
from notifications import outbox

BATCH = 500


def request_link(email: str) -> None:
    """Note that somebody asked for this address."""
    with transaction.atomic():
        ResetRequest.objects.create(email=User.objects.normalize_email(email))
        transaction.on_commit(background.nudge)


def answer_requests(now: datetime) -> int:
    """Mail a link for each noted address that has an account; a sweep. Returns how many notes were handled."""
    handled = 0
    for request in ResetRequest.objects.order_by("created_at")[:BATCH]:
        with transaction.atomic():
            # Who deletes the note answers it; a crash before the commit leaves it for the next.
            deleted, _ = ResetRequest.objects.filter(pk=request.pk).delete()
            if deleted:
                _answer(request.email, now)
            handled += deleted
    return handled


def link_for(user: User) -> str:
    """Where the person sets a password; good once and for `PASSWORD_RESET_TIMEOUT` seconds.

    Staff do so in the console, which is there; fans in their app.
    """
    uid = urlsafe_base64_encode(str(user.pk).encode())
    # Behind the #, which no server logs and no referrer carries.
    page = (
        settings.PUBLIC_URL + reverse("console_password")
        if user.is_staff
        else f"{settings.FRONTEND_URL}/reset-password"
    )
    return f"{page}#token={uid}.{default_token_generator.make_token(user)}"


def reset(token: str, new_password: str, now: datetime) -> None:
    """Set a new password and end every sign-in; raises `InvalidLink` or `Invalid` (password rules).

    The token came by mail, so it proves the address too. Locks of the address are lifted.
    """
    user = _owner(token)
    password_rules.check(new_password, user, field="new_password")
    hashed = make_password(new_password)
    with transaction.atomic():
        if not passwords.replace(user, hashed, now, because=sign_in.Ended.RESET):
            raise InvalidLink
        email_verification.mark_verified(user, now)
        lockout.forget(user.email)


def _answer(email: str, now: datetime) -> None:
    user = User.objects.active().filter(email=email).first()
    if user is None:
        return
    context = {
        "first_name": user.first_name,
        "link": link_for(user),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
    }
    # One mail a minute and account, however often somebody asks.
    minute = f"reset_password:{user.pk}:{int(now.timestamp()) // 60}"
    outbox.send("reset_password", user.email, context=context, user=user, dedupe_key=minute)


def _owner(token: str) -> User:
    uid, _, proof = token.partition(".")
    try:
        user_id = UUID(urlsafe_base64_decode(uid).decode())
    except ValueError as error:
        raise InvalidLink from error
    user = User.objects.active().filter(pk=user_id).first()
    if user is None or not default_token_generator.check_token(user, proof):
        raise InvalidLink
    return user
