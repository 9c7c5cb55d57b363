"""Changing a password."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.http import HttpRequest

from accounts import credentials, password_rules, sign_in
from accounts.errors import WrongPassword
from accounts.models import SignIn, User
from audit.trail import record
from notifications import outbox
from trufan.lib.errors import Invalid


def change(
    request: HttpRequest, user: User, *, current: str, new: str, now: datetime, keep: SignIn | None = None
) -> None:
    """Set a new password and end every other sign-in than `keep`.

    Raises `WrongPassword`, `AccountLocked`, `Invalid` (password rules, or the new one is the old one).
    """
    credentials.confirm(request, user, current)
    password_rules.check(new, user, field="new_password")
    if check_password(new, user.password):
        raise Invalid.field("new_password", "The new password is the old one.", "password_unchanged")
    hashed = make_password(new)
    with transaction.atomic():
        if not replace(user, hashed, now, because=sign_in.Ended.CHANGED, keep=keep):
            raise WrongPassword


def replace(
    user: User, hashed: str, now: datetime, *, because: str, keep: SignIn | None = None, keep_session: str = ""
) -> bool:
    """Put the new hash in place of the one that was read, end sign-ins and tell the owner; in the caller's transaction.

    False when the password was changed meanwhile. `because` is one of `sign_in.Ended`, and names the audit action.
    """
    if not User.objects.active().filter(pk=user.pk, password=user.password).update(password=hashed):
        return False
    user.password = hashed
    ended = sign_in.end_all(user, now, because=because, keep=keep, keep_session=keep_session)
    record(f"user.{because}", user, new={"sign_ins_ended": ended}, actor=user)
    outbox.send("password_changed", user.email, context={"first_name": user.first_name}, user=user)
    return True
