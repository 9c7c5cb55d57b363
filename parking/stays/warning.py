"""Telling drivers once that their time runs out, and once that it did: the sweep `parking.warnings`.

On a lot without a barrier nobody knows whether a car is still there, so nobody is told that it stays too long.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from audit.trail import record
from notifications.values import clock
from parking import announcements
from parking.stays import covering, fees, telling
from parking.stays.models import ParkingSession
from parking.stays.querysets import SessionQuerySet

#: So long before its end a driver is told.
AHEAD = timedelta(minutes=15)
#: Whose time ended longer ago than this was told of it, or nobody looked: it is no news any more.
STALE = timedelta(days=1)
BATCH = 100


def warn(now: datetime) -> int:
    """Tell everyone whose time runs out, or did; returns how many stays that were. Safe to run twice at once."""
    return _each(_expiring(now), _warn, now) + _each(_overstaying(now), _tell_overstay, now)


def _expiring(now: datetime) -> SessionQuerySet:
    ends_soon = {"expires_at__gt": now, "expires_at__lte": now + AHEAD}
    return ParkingSession.objects.active().filter(warned_at=None, **ends_soon)


def _overstaying(now: datetime) -> SessionQuerySet:
    ended = {"expires_at__gt": now - STALE, "expires_at__lt": now}
    return ParkingSession.objects.active().filter(overstay_told_at=None, lot__has_barrier=True, **ended)


def _each(found: SessionQuerySet, tell: Callable[[ParkingSession, datetime], bool], now: datetime) -> int:
    """A batch a transaction, until none is left; rows another sweep holds are passed over."""
    done, after = 0, None
    while True:
        with transaction.atomic():
            rows: Any = found.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by("pk")
            batch = list(
                (rows.filter(pk__gt=after) if after else rows).select_related("lot__venue", "capacity", "user")[:BATCH]
            )
            done += sum(tell(session, now) for session in batch)
        if len(batch) < BATCH:
            return done
        after = batch[-1].pk


def _warn(session: ParkingSession, now: datetime) -> bool:
    covering.write(session, warned_at=now)
    return _say(session, "parking_expiring")


def _tell_overstay(session: ParkingSession, now: datetime) -> bool:
    begins = fees.overstays_from(session)
    if begins is None or now <= begins:
        # It is in its grace: the next sweeps will see.
        return False
    covering.write(session, overstay_told_at=now)
    record("parking_session.overstayed", session, new={"expires_at": session.expires_at}, actor=None)
    announcements.session(announcements.OVERSTAYED, session)
    return _say(session, "parking_overstay", percent=fees.percent(session))


def _say(session: ParkingSession, template: str, **context: Any) -> bool:
    until = clock(session.expires_at, session.lot.zone) if session.expires_at else ""
    telling.tell(session, template, until=until, **telling.where(session), **context)
    return True
