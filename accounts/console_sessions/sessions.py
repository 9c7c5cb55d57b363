"""Beginning, seeing and ending sessions of the console."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.console_sessions.clock import Clock
from accounts.console_sessions.models import ConsoleSession
from audit.trail import record
from trufan.lib import correlation
from trufan.lib.paths import speaks_json

GRACE = timedelta(minutes=10)
SIGNED_OUT, IDLE, TOO_LONG, BY_OWNER, BY_ADMIN = "signed_out", "idle", "too_long", "ended_by_owner", "ended_by_admin"


def begin(request: HttpRequest, user: Any, now: datetime, *, has_passed: bool = False) -> ConsoleSession:
    """Write down the session that was just signed in; its end stands fixed, however often it is saved."""
    context = correlation.current()
    present = int(now.timestamp())
    expires_at = datetime.fromtimestamp(present + settings.SESSION_COOKIE_AGE, UTC)
    # A little later than the end, so that whoever comes back just then is told what happened.
    request.session.set_expiry(expires_at + GRACE)
    row = ConsoleSession(
        user=user,
        last_seen_at=now,
        expires_at=expires_at,
        ip_address=_address(context.ip),
        user_agent=context.user_agent,
    )
    Clock(str(row.pk), present, present, present, has_passed).keep(request.session)
    request.session.save()
    row.session_key = request.session.session_key
    row.save(force_insert=True)
    return row


def signed_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Receiver of Django's signal: of sign-ins that made a session, which those of the API don't."""
    if request is None or speaks_json(request) or not hasattr(request, "session"):
        return
    if request.session.get(SESSION_KEY) == str(user.pk):
        begin(request, user, timezone.now())


def signed_out(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Receiver of Django's signal, before the session is emptied."""
    clock = Clock.read(request.session) if request is not None and hasattr(request, "session") else None
    if clock is not None:
        _end([row] if (row := _row(clock.row)) else [], timezone.now(), SIGNED_OUT)


def of(request: HttpRequest) -> ConsoleSession | None:
    """The row of the session that asks."""
    clock = Clock.read(request.session)
    return _row(clock.row) if clock else None


def mark_passed(request: HttpRequest, has_passed: bool = True) -> None:
    """Remember that this session showed the second factor, or that there is none any more."""
    if clock := Clock.read(request.session):
        clock.has_passed = has_passed
        clock.keep(request.session)


def rekeyed(request: HttpRequest) -> None:
    """After Django gave the session another key, as when its password changed."""
    if clock := Clock.read(request.session):
        request.session.save()
        ConsoleSession.objects.filter(pk=clock.row).update(session_key=request.session.session_key)


def see(clock: Clock, now: datetime) -> bool:
    """Write down that the session is alive; False where somebody ended it meanwhile."""
    context = correlation.current()
    rows = ConsoleSession.objects.filter(pk=clock.row, ended_at=None)
    return bool(
        rows.update(last_seen_at=now, ip_address=_address(context.ip), user_agent=context.user_agent, updated_at=now)
    )


def end(row: ConsoleSession, now: datetime, *, because: str, by: Any) -> bool:
    """End one session, wherever it is open; False when it had ended before."""
    with transaction.atomic():
        ended = bool(_end([row], now, because))
        if ended:
            record("console_session.ended", row, new={"because": because}, actor=by)
    return ended


def end_all(user: Any, now: datetime, *, because: str, keep: str = "") -> int:
    """End every session of the person but the one with the key `keep`; in the caller's transaction. How many ended."""
    rows = ConsoleSession.objects.filter(user=user, ended_at=None)
    return _end(list(rows.exclude(session_key=keep) if keep else rows), now, because)


def finish(clock: Clock, now: datetime, because: str) -> None:
    """The session ran out by itself."""
    if row := _row(clock.row):
        _end([row], now, because)


def remove_expired(before: datetime) -> int:
    """Delete what ran out before that; how many."""
    return ConsoleSession.objects.filter(expires_at__lt=before).delete()[0]


def _row(pk: str) -> ConsoleSession | None:
    return ConsoleSession.objects.filter(pk=UUID(pk), ended_at=None).first()


def _end(rows: list[ConsoleSession], now: datetime, because: str) -> int:
    ended = 0
    for row in rows:
        live = ConsoleSession.objects.filter(pk=row.pk, ended_at=None)
        if live.update(ended_at=now, ended_because=because, session_key=None):
            ended += 1
            if row.session_key:
                transaction.on_commit(_Closing(row.session_key))
    return ended


class _Closing:
    """Empties Django's session once the end is committed. Where its cache can't be reached, `see` finds out later."""

    def __init__(self, session_key: str) -> None:
        self.session_key = session_key

    def __call__(self) -> None:
        engine = import_module(settings.SESSION_ENGINE)
        engine.SessionStore(self.session_key).delete()


def _address(ip: str | None) -> str | None:
    """Without an interface's name (`fe80::1%eth0`), which the column does not take."""
    return (ip or "").partition("%")[0] or None
