"""Setting up, replacing, removing and resetting a second factor."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import sign_in
from accounts.errors import InvalidSecondFactor, OwnAccount, SecondFactorMissing, SecondFactorStays
from accounts.models import User
from accounts.second_factor import checking, policy, recovery, telling, totp
from accounts.second_factor.models import RecoveryCode, SecondFactor
from audit.trail import record
from trufan.lib.sealing import seal


def confirm(user: User, secret: str, typed: str, now: datetime, *, keep_session: str = "") -> list[str]:
    """Make `secret` the person's authenticator, once `typed` proves that they hold it; the recovery codes, shown once.

    The caller has asked for the password, and for a code of the authenticator that is replaced. Every other sign-in
    ends: none of them has passed this. Raises `InvalidSecondFactor`.
    """
    step = totp.matching_step(secret, "".join(typed.split()), now)
    if step is None:
        raise InvalidSecondFactor
    with transaction.atomic():
        # The code that proved it is spent: nobody who looked over a shoulder signs in with it.
        facts = {"secret": seal(secret), "last_step": step, "failures": 0, "locks": 0, "locked_until": None}
        _, is_new = SecondFactor.objects.update_or_create(user=user, defaults=facts)
        codes = recovery.renew(user)
        ended = sign_in.end_all(user, now, because=sign_in.Ended.SECOND_FACTOR, keep_session=keep_session)
        what = telling.SET_UP if is_new else telling.REPLACED
        record(f"user.second_factor_{what}", user, new={"sign_ins_ended": ended}, actor=user)
        telling.tell(user, what)
    return codes


def renew_codes(user: User) -> list[str]:
    """Ten new recovery codes in place of the old; the caller has asked for a code. Raises `SecondFactorMissing`."""
    if checking.of(user) is None:
        raise SecondFactorMissing
    with transaction.atomic():
        codes = recovery.renew(user)
        record("user.recovery_codes_made", user, actor=user)
        telling.tell(user, telling.RECOVERY_CODES_MADE)
    return codes


def remove(user: User) -> None:
    """Do without; the caller has asked for password and code. Raises `SecondFactorStays`, `SecondFactorMissing`."""
    if policy.is_required_of(user):
        raise SecondFactorStays
    with transaction.atomic():
        _forget(user)
        record("user.second_factor_removed", user, actor=user)
        telling.tell(user, telling.REMOVED)


def reset(target: User, *, by: User | None, now: datetime, reason: str, venue_id: UUID | None = None) -> None:
    """Take the second factor away from somebody who lost it; they set up another when they sign in next.

    `venue_id`: at whose venue that was decided, whose staff may read of it.

    Whoever calls has asked whether `by` may; None: whoever runs the server. Every sign-in of theirs ends. Raises
    `OwnAccount` (one's own is changed under My account, with a code), `SecondFactorMissing`.
    """
    if by is not None and target.pk == by.pk:
        raise OwnAccount
    with transaction.atomic():
        _forget(target)
        ended = sign_in.end_all(target, now, because=sign_in.Ended.SECOND_FACTOR)
        new = {"reason": reason, "sign_ins_ended": ended}
        record("user.second_factor_reset", target, new=new, actor=by, venue_id=venue_id)
        telling.tell(target, telling.RESET)


def _forget(user: Any) -> None:
    deleted, _ = SecondFactor.objects.filter(user=user).delete()
    if not deleted:
        raise SecondFactorMissing
    RecoveryCode.objects.filter(user=user).delete()
