"""What a person changes about themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from accounts import credentials, email_verification, lockout, phone_codes, spoken
from accounts.models import User
from accounts.registration import refuse_taken, save_unique
from audit.trail import record
from notifications import outbox
from trufan.lib.client_ip import client_ip
from trufan.lib.errors import Invalid

FIELDS = ("email", "phone", "first_name", "last_name")


def update(request: HttpRequest, user: User, wanted: dict[str, Any], now: datetime) -> User:
    """Change what differs among `FIELDS`, and the `language`; raises what `_change` does, and then changes neither."""
    user = _change(request, user, wanted, now)
    if "language" in wanted:
        spoken.choose(user, wanted["language"], client_ip(request))
    return user


def _change(request: HttpRequest, user: User, wanted: dict[str, Any], now: datetime) -> User:
    """Change what differs among `FIELDS`; another e-mail or phone needs `wanted["current_password"]`.

    A new address or number is unproven until it is verified; the old address is told.
    Raises `Invalid`, `WrongPassword`, `AccountLocked`, `EmailTaken`, `PhoneTaken`.
    """
    wanted = {**wanted, "email": User.objects.normalize_email(wanted.get("email", user.email))}
    changed = [name for name in FIELDS if name in wanted and (wanted[name] or None) != (getattr(user, name) or None)]
    if {"email", "phone"} & set(changed):
        _confirm(request, user, wanted.get("current_password", ""))
    if not changed:
        return user
    former = user.email
    for name in changed:
        setattr(user, name, wanted[name] or (None if name == "phone" else ""))
    refuse_taken(user)
    with transaction.atomic():
        _unproven(user, changed, former, now)
        save_unique(user, update_fields=[*changed, "email_verified_at", "phone_verified_at", "updated_at"])
        record("user.changed", user, new={"fields": changed}, actor=user)
        if "email" in changed:
            email_verification.send(user)
    return user


def _confirm(request: HttpRequest, user: User, password: str) -> None:
    if not password:
        raise Invalid.field("current_password", "Give your password to change e-mail or phone.", "required")
    credentials.confirm(request, user, password)


def _unproven(user: User, changed: list[str], former: str, now: datetime) -> None:
    if "email" in changed:
        user.email_verified_at = None
        lockout.forget(former)
        outbox.send("email_changed", former, context={"first_name": user.first_name}, user=user)
    if "phone" in changed:
        user.phone_verified_at = None
        phone_codes.spend_all(user, now)
