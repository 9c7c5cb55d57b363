"""Proving that a phone is its owner's: six digits by SMS."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext

from accounts.errors import AlreadyVerified, CodeTooSoon, InvalidCode, PhoneTaken
from accounts.models import PhoneCode, User
from audit.trail import record
from notifications import outbox
from trufan.lib.errors import Invalid

DIGITS = 6
GOOD_FOR = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)
ATTEMPTS = 5
A_DAY = 10


def send_code(user: User, phone: Any, now: datetime) -> PhoneCode:
    """Send a code to `phone`, or to the person's own number when none is given; the newest code is the only good one.

    Whether another account has the number is not looked at here: that is told to who holds the phone.
    Raises `Invalid` (no number, or another than one's own), `AlreadyVerified`, `CodeTooSoon`.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)  # two requests at once send one code
        phone = _number(user, phone)
        _refuse_too_soon(user, phone, now)
        digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        spend_all(user, now)
        code = PhoneCode.objects.create(
            user=user, phone=phone, code_hash=_hashed(user, phone, digits), created_at=now, expires_at=now + GOOD_FOR
        )
        context = {"code": digits, "minutes": int(GOOD_FOR.total_seconds()) // 60}
        outbox.send("phone_code", str(phone), channel="sms", context=context, user=user)
    return code


def verify(user: User, digits: str, now: datetime) -> User:
    """Believe the number; raises `InvalidCode`, or `PhoneTaken` when another account has proven it.

    Every try is counted before it is looked at, by an UPDATE that refuses the sixth, also of many at once.
    """
    code = PhoneCode.objects.filter(user=user).order_by("-created_at", "-pk").first()
    if code is None or not _count_try(code, now):
        raise InvalidCode
    if not constant_time_compare(code.code_hash, _hashed(user, code.phone, digits)):
        raise InvalidCode
    with transaction.atomic():
        if not PhoneCode.objects.filter(pk=code.pk, used_at=None).update(used_at=now):
            raise InvalidCode
        _release(code.phone, user)
        User.objects.filter(pk=user.pk).update(phone=code.phone, phone_verified_at=now)
        record("user.phone_verified", user, actor=user)
    user.refresh_from_db()
    return user


def spend_all(user: User, now: datetime) -> None:
    """No code sent before is good any more."""
    PhoneCode.objects.filter(user=user, used_at=None).update(used_at=now)


def _number(user: User, phone: Any) -> Any:
    wanted = phone or user.phone
    if not wanted:
        raise Invalid.field("phone", "Give a phone number.", "required")
    if user.phone and wanted != user.phone:
        raise Invalid.field("phone", "Your account has another number; change it there first.", "phone_differs")
    if user.phone and user.phone_verified_at:
        raise AlreadyVerified
    return wanted


def _refuse_too_soon(user: User, phone: Any, now: datetime) -> None:
    sent = PhoneCode.objects.filter(Q(user=user) | Q(phone=phone))
    newest = sent.order_by("-created_at").values_list("created_at", flat=True).first()
    if newest is not None and newest + PAUSE > now:
        raise CodeTooSoon(retry_after=ceil((newest + PAUSE - now).total_seconds()))
    today = list(
        sent.filter(created_at__gt=now - timedelta(days=1)).order_by("created_at").values_list("created_at", flat=True)
    )
    if len(today) >= A_DAY:
        opens = today[-A_DAY] + timedelta(days=1)
        raise CodeTooSoon(
            gettext("Too many codes were sent today."), retry_after=max(1, ceil((opens - now).total_seconds()))
        )


def _count_try(code: PhoneCode, now: datetime) -> bool:
    open_codes = PhoneCode.objects.filter(pk=code.pk, used_at=None, attempts__lt=ATTEMPTS, expires_at__gt=now)
    return bool(open_codes.update(attempts=F("attempts") + 1))


def _release(phone: Any, owner: User) -> None:
    """Take the number from an account that only claimed it: the one who holds the phone has proven it."""
    claimant = User.objects.select_for_update().filter(phone=phone).exclude(pk=owner.pk).first()
    if claimant is None:
        return
    if claimant.phone_verified_at:
        raise PhoneTaken
    User.objects.filter(pk=claimant.pk).update(phone=None)
    record("user.phone_released", claimant, actor=owner)


def _hashed(user: User, phone: Any, digits: str) -> str:
    return salted_hmac("accounts.phone_code", f"{user.pk}:{phone}:{digits}", algorithm="sha256").hexdigest()
