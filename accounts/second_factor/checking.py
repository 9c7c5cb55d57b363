"""Asking for the second factor: each code good once, tries counted before they are looked at, locks that grow."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from accounts.errors import InvalidSecondFactor, SecondFactorLocked
from accounts.second_factor import recovery, telling, totp
from accounts.second_factor.models import SecondFactor
from audit.trail import record
from trufan.lib.sealing import Unreadable, unseal

#: The longest lock is 2 to this power times the first.
_DOUBLINGS = 6


def of(user: Any) -> SecondFactor | None:
    """The person's second factor, if there is one."""
    return SecondFactor.objects.filter(user_id=user.pk).first()


def check(user: Any, typed: str, now: datetime) -> None:
    """Take a code of the authenticator, or a recovery code; raises `InvalidSecondFactor` or `SecondFactorLocked`.

    Never call it inside a transaction that a refusal would undo: the count of tries must stay.
    """
    factor = of(user)
    if factor is None:
        raise InvalidSecondFactor
    _count_try(factor, now)
    typed = "".join(typed.split())
    if not (_take(factor, typed, now) if _is_by_clock(typed) else _spend(user, typed, now)):
        _refuse(factor, now)
    SecondFactor.objects.filter(pk=factor.pk).update(failures=0, locks=0, locked_until=None)


def unlock(user: Any) -> bool:
    """Lift the lock; whether there was one or tries were counted."""
    counted = SecondFactor.objects.filter(user_id=user.pk).filter(Q(failures__gt=0) | ~Q(locked_until=None))
    return bool(counted.update(failures=0, locks=0, locked_until=None))


def _is_by_clock(typed: str) -> bool:
    return len(typed) == totp.DIGITS and typed.isascii() and typed.isdigit()


def _take(factor: SecondFactor, typed: str, now: datetime) -> bool:
    """One conditional UPDATE takes the step: of the same code twice, also at once, one is refused."""
    try:
        secret = unseal(factor.secret)
    except Unreadable:
        # SECRET_KEY was changed without SECRET_KEY_FALLBACKS: recovery codes are gone as well, an admin resets.
        return False
    step = totp.matching_step(secret, typed, now)
    if step is None:
        return False
    return bool(SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step))


def _spend(user: Any, typed: str, now: datetime) -> bool:
    with transaction.atomic():
        if not recovery.spend(user, typed, now):
            return False
        left = recovery.left(user)
        record("user.recovery_code_used", user, new={"left": left}, actor=user)
        telling.tell(user, telling.RECOVERY_CODE_USED, left=left)
    return True


def _count_try(factor: SecondFactor, now: datetime) -> None:
    """Count first, so that of many at once no more are looked at than the limit; raises `SecondFactorLocked`."""
    mine = SecondFactor.objects.filter(pk=factor.pk)
    mine.filter(locked_until__lte=now).update(failures=0, locked_until=None)
    open_to_tries = mine.filter(failures__lt=settings.AXES_FAILURE_LIMIT, locked_until=None)
    if not open_to_tries.update(failures=F("failures") + 1):
        raise _locked(_lock(factor, now), now)


def _refuse(factor: SecondFactor, now: datetime) -> None:
    factor.refresh_from_db()
    if factor.failures >= settings.AXES_FAILURE_LIMIT:
        raise _locked(_lock(factor, now), now)
    raise InvalidSecondFactor


def _lock(factor: SecondFactor, now: datetime) -> datetime:
    """Until when it is locked. The first to see too many tries locks it, and tells the person."""
    factor.refresh_from_db()
    until = now + settings.AXES_COOLOFF_TIME * 2 ** min(factor.locks, _DOUBLINGS)
    with transaction.atomic():
        mine = SecondFactor.objects.filter(pk=factor.pk, locked_until=None, failures__gte=settings.AXES_FAILURE_LIMIT)
        if mine.update(locked_until=until, locks=F("locks") + 1):
            minutes = ceil((until - now) / timedelta(minutes=1))
            record("user.second_factor_locked", factor.user, new={"minutes": minutes}, actor=factor.user)
            telling.tell(factor.user, telling.LOCKED, minutes=minutes)
    factor.refresh_from_db()
    return factor.locked_until or until


def _locked(until: datetime, now: datetime) -> SecondFactorLocked:
    seconds = max(1, ceil((until - now).total_seconds()))
    minutes = ceil(seconds / 60)
    words = "Too many wrong codes. Codes of this account are locked for {minutes} minutes."
    return SecondFactorLocked(words.format(minutes=minutes), retry_after=seconds)
