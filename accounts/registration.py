"""Becoming a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts import email_verification, password_rules, sign_in
from accounts.errors import EmailTaken, PhoneTaken
from accounts.models import SignIn, User
from audit.trail import record
from notifications.preferences import speaking
from trufan.lib import flags
from trufan.lib.words import lazy as _

SIGN_UPS = flags.declare(flags.Flag("sign_ups", _("People open accounts of their own")))


def register(
    *, email: str, password: str, now: datetime, phone: Any = None, language: str = "", **names: str
) -> SignIn:
    """A new customer, signed in, with a link to verify the address on its way.

    `language`: what messages are written in; empty: the default. `names`: first_name, last_name.
    Raises `SwitchedOff`, `Invalid` (password rules), `EmailTaken`, `PhoneTaken`.
    """
    SIGN_UPS.require()
    user = User(email=User.objects.normalize_email(email), phone=phone or None, **names)
    password_rules.check(password, user, field="password")
    refuse_taken(user)
    user.set_password(password)  # takes its time, so before the transaction
    with transaction.atomic():
        save_unique(user)
        record("user.registered", user, new={"role": user.role}, actor=user)
        speaking.begin(user, language)
        email_verification.send(user)
        return sign_in.start(user, now)


def refuse_taken(user: User) -> None:
    """Raise `EmailTaken` or `PhoneTaken` when another account has what this one wants."""
    others = User.objects.exclude(pk=user.pk)
    if others.filter(email=user.email).exists():
        raise EmailTaken
    if user.phone and others.filter(phone=user.phone).exists():
        raise PhoneTaken


def save_unique(user: User, **options: Any) -> None:
    """Save, answering for who came second at the same moment as for who came later."""
    try:
        with transaction.atomic():
            user.save(**options)
    except IntegrityError:
        refuse_taken(user)
        raise
