"""Leaving: personal data goes, the row and the books stay."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest

from accounts import credentials, lockout, personal_data, sign_in
from accounts.errors import LastSuperAdmin
from accounts.models import ConsoleSession, PhoneCode, RecoveryCode, ResetRequest, Role, SecondFactor, SignIn, User
from audit.trail import record


def erase(request: HttpRequest, user: User, password: str, now: datetime) -> None:
    """Erase the person's data everywhere or, when one keeper refuses, nowhere.

    Raises `WrongPassword`, `AccountLocked`, `LastSuperAdmin`, and what a keeper
    raises (a `Conflict` while something hangs on the person).
    """
    credentials.confirm(request, user, password)
    with transaction.atomic():
        _refuse_last_super_admin(user)
        personal_data.erase_all(user, now)
        _erase_own(user, now)
        record("user.erased", user, actor=user)


def _refuse_last_super_admin(user: User) -> None:
    if user.role != Role.SUPER_ADMIN:
        return
    admins = User.objects.active().filter(role=Role.SUPER_ADMIN).select_for_update().order_by("pk")
    if [admin.pk for admin in admins] == [user.pk]:
        raise LastSuperAdmin


def _erase_own(user: User, now: datetime) -> None:
    sign_in.end_all(user, now, because=sign_in.Ended.ERASED)
    SignIn.objects.filter(user=user).update(ip_address=None, user_agent="")
    ConsoleSession.objects.filter(user=user).update(ip_address=None, user_agent="")
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    PhoneCode.objects.filter(user=user).delete()
    ResetRequest.objects.filter(email=user.email).delete()
    lockout.forget(user.email)
    user.email = f"erased-{user.pk}@erased.invalid"
    user.phone = user.email_verified_at = user.phone_verified_at = user.last_login = None
    user.first_name = user.last_name = ""
    user.password = make_password(None)
    user.is_active = False
    user.erased_at = now
    user.save()
