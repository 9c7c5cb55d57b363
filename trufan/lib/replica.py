"""Heavy reads go to a streaming replica, where there is one: reports, and the console's lists as files.

`read` answers with what was read and as of when it is true. A replica that is gone or too far behind is not read from:
the primary is asked instead, and for `PAUSE` seconds nobody tries again. What is read right after it was written, and
whatever is written, stays with the primary.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections
from django.utils import timezone

from trufan.lib import measures

log = structlog.get_logger("trufan.replica")
ALIAS = "replica"
#: Seconds for which a replica that was of no use is not asked again.
PAUSE = 10.0
#: Seconds behind. One that plays everything back that came is not behind, however long ago that was, as long as it is
#: connected; one that lost its primary is as far behind as the last it heard of.
_LAG = """SELECT CASE
    WHEN NOT pg_is_in_recovery() THEN 0
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
    ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END"""
_inside: ContextVar[bool] = ContextVar("trufan_replica", default=False)
Read = TypeVar("Read")


@dataclass
class _State:
    """`resting` until then, on the monotonic clock."""

    resting: float = 0.0


_state = _State()


class Router:
    """Inside of `read`, rows come from the replica. Whatever is written goes to the primary, always."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return ALIAS if _inside.get() else None

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db != ALIAS


def exists() -> bool:
    """Whether this installation has a replica."""
    return ALIAS in connections.settings


def read(what: Callable[[], Read]) -> tuple[Read, datetime]:
    """What `what()` reads, and as of when. It may be called twice, so it writes nothing.

    It reads everything before it returns: a queryset that is evaluated later asks the primary.
    """
    behind = _usable()
    if behind is not None:
        as_of, token = timezone.now() - behind, _inside.set(True)
        try:
            return what(), as_of
        except (OperationalError, InterfaceError) as problem:
            _rest("gone", problem)
        finally:
            _inside.reset(token)
    return what(), timezone.now()


def alias() -> str:
    """The database that rows which are read one after the other come from: the replica, if it is of use now."""
    return ALIAS if _usable() is not None else DEFAULT_DB_ALIAS


def lag() -> timedelta | None:
    """How far the replica is behind; None before it has played anything back. Raises `DatabaseError` if it is gone."""
    with connections[ALIAS].cursor() as cursor:
        if connections[ALIAS].vendor != "postgresql":
            return timedelta(0)
        cursor.execute(_LAG)
        seconds = cursor.fetchone()[0]
    return None if seconds is None else timedelta(seconds=max(float(seconds), 0.0))


def reset() -> None:
    """Try the replica again at once; for tests."""
    _state.resting = 0.0


def _usable() -> timedelta | None:
    """How far behind it is; None where it is not to be read from."""
    if not exists() or time.monotonic() < _state.resting:
        return None
    try:
        behind = lag()
    except DatabaseError as problem:
        _rest("gone", problem)
        return None
    if behind is None or behind.total_seconds() > settings.REPLICA_MAX_LAG:
        _rest("lagging", None, seconds=behind and round(behind.total_seconds(), 1))
        return None
    return behind


def _rest(why: str, problem: Exception | None, **facts: Any) -> None:
    _state.resting = time.monotonic() + PAUSE
    measures.REPLICA_FALLBACKS.labels(why).inc()
    log.warning("replica not read", why=why, error=type(problem).__name__ if problem else "", **facts)
    if problem is not None:
        connections[ALIAS].close()
