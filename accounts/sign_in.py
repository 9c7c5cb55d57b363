"""Signing in and out. A sign-in is a family of refresh tokens of which only the newest is good."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.http import HttpRequest

from accounts import credentials, lockout, new_devices, tokens
from accounts.console_sessions import sessions
from accounts.errors import InvalidToken, SecondFactorNotSetUp, SecondFactorRequired
from accounts.models import PhoneCode, SignIn, User
from accounts.second_factor import checking, policy
from audit.trail import record
from notifications.push import devices
from trufan.lib import correlation, retention


class Ended:
    """Why a sign-in ended (`SignIn.revoked_because`)."""

    LOGOUT = "logout"
    LOGOUT_ALL = "logout_all"
    REUSE = "refresh_token_reused"
    CHANGED = "password_changed"
    RESET = "password_reset"
    SWITCHED_OFF = "account_switched_off"
    ERASED = "account_erased"
    SECOND_FACTOR = "second_factor_changed"
    STAFF = "staff_changed"


def login(request: HttpRequest, email: str, password: str, now: datetime, otp: str = "") -> SignIn:
    """Sign in, with a code of the second factor where the person has one.

    Raises `InvalidCredentials`, `AccountLocked`, `SecondFactorRequired`, `InvalidSecondFactor`, `SecondFactorLocked`,
    `SecondFactorNotSetUp`. Whether an account has a second factor is told to nobody who lacks its password.
    """
    user = credentials.check(request, email, password)
    _second_factor(user, otp, now)
    with transaction.atomic():
        # Resets the count of failures and notes `last_login`.
        user_logged_in.send(sender=User, request=request, user=user)
        record("user.signed_in", user, actor=user)
        sign_in = start(user, now)
        new_devices.tell(user, sign_in, now)
        return sign_in


def _second_factor(user: User, otp: str, now: datetime) -> None:
    if checking.of(user) is None:
        # Without this the API would do with the password alone what the console does not.
        if policy.is_required_of(user):
            raise SecondFactorNotSetUp
        return
    if not otp:
        raise SecondFactorRequired
    checking.check(user, otp, now)


def start(user: User, now: datetime) -> SignIn:
    """Begin a family for this device."""
    context = correlation.current()
    return SignIn.objects.create(
        user=user,
        current_jti=tokens.new_jti(),
        expires_at=now + settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"],
        last_used_at=now,
        ip_address=_plain(context.ip),
        user_agent=context.user_agent,
    )


def refresh(raw: str, now: datetime) -> SignIn:
    """Spend a refresh token for the next; raises `InvalidToken`.

    One conditional UPDATE names the token that is spent, so of several at once one wins. Who comes with a spent token
    may be a thief or the robbed, which cannot be told apart: the whole family ends.
    """
    claims = tokens.read_refresh(raw)
    sign_in = (
        SignIn.objects.select_related("user__message_settings")
        .filter(pk=claims.sign_in_id, user_id=claims.user_id)
        .first()
    )
    if sign_in is None or not sign_in.is_live(now) or not sign_in.user.may_sign_in:
        raise InvalidToken
    if not _rotate(sign_in, claims.jti, now):
        end(sign_in, now, because=Ended.REUSE, action="session.reuse_detected")
        raise InvalidToken
    return sign_in


def _rotate(sign_in: SignIn, spent: str, now: datetime) -> bool:
    context = correlation.current()
    changes = {
        "current_jti": tokens.new_jti(),
        "expires_at": now + settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"],
        "last_used_at": now,
        "ip_address": _plain(context.ip),
        "user_agent": context.user_agent,
    }
    if not SignIn.objects.filter(pk=sign_in.pk, current_jti=spent, revoked_at=None).update(**changes):
        return False
    for name, value in changes.items():
        setattr(sign_in, name, value)
    return True


def _plain(address: str | None) -> str | None:
    """Without an interface's name (`fe80::1%eth0`), which the column does not take."""
    return (address or "").partition("%")[0] or None


def end(sign_in: SignIn, now: datetime, *, because: str, action: str = "session.revoked") -> bool:
    """End one sign-in; False when it had ended before."""
    with transaction.atomic():
        ended = SignIn.objects.filter(pk=sign_in.pk, revoked_at=None).update(revoked_at=now, revoked_because=because)
        if ended:
            record(action, sign_in, new={"because": because}, actor=sign_in.user)
    return bool(ended)


def end_all(user: User, now: datetime, *, because: str, keep: SignIn | None = None, keep_session: str = "") -> int:
    """End every live sign-in of the person but `keep`, and every session of the console but that with the key
    `keep_session`; runs in the caller's transaction. Returns how many sign-ins ended.

    With none kept, nothing is pushed to their devices either: one of them may be in a thief's hands.
    """
    sessions.end_all(user, now, because=because, keep=keep_session)
    rows = SignIn.objects.filter(user=user, revoked_at=None)
    if keep is not None:
        rows = rows.exclude(pk=keep.pk)
    else:
        devices.silence(user, because, now)
    return rows.update(revoked_at=now, revoked_because=because)


def logout_all(user: User, now: datetime) -> None:
    """End every sign-in of the person, this one included."""
    with transaction.atomic():
        ended = end_all(user, now, because=Ended.LOGOUT_ALL)
        record("user.signed_out_everywhere", user, new={"ended": ended}, actor=user)


def remove_expired(now: datetime) -> int:
    """Delete sign-ins and phone codes that ended `SIGN_IN_DAYS` ago, and failure counts that lock nobody; how many.

    They are kept that long for who asks what happened to an account.
    """
    failures = lockout.remove_expired(now)
    overdue = retention.before("SIGN_IN_DAYS", now)
    if overdue is None:
        return failures
    sign_ins = SignIn.objects.filter(expires_at__lt=overdue).delete()[0]
    codes = PhoneCode.objects.filter(expires_at__lt=overdue).delete()[0]
    return sign_ins + codes + sessions.remove_expired(overdue) + failures
