"""While PostgreSQL is gone: every request is refused at once with a 503, and served again once it is back.

Without this each request would wait for the pool to give up, `DB_POOL_TIMEOUT` seconds, until every thread of a server
waits and not even `/health` is answered. So whoever meets a lost connection makes sure with one of its own, past the
pool. If that fails too, this process refuses for `PAUSE` seconds; then one request tries again, and the others are
refused until that one gets through. A pool that is merely busy refuses nobody. SQLite is a file and never gone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
import structlog
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from trufan.lib import measures
from trufan.lib.errors import Unavailable
from trufan.lib.paths import speaks_json

log = structlog.get_logger("trufan.outage")
#: Seconds for which nobody asks the database that is gone; and what callers are told to wait.
PAUSE = 1.0
RETRY_AFTER = 5
#: Seconds for a connection that makes sure.
PATIENCE = 2
#: SQLSTATEs of a connection that was refused or lost: connection exceptions, no resources, intervention of an operator.
_LOST = ("08", "53", "57")
#: What is answered without a database.
_WITHOUT = ("/health", "/metrics")


@dataclass
class _State:
    """What this process knows. `until`: on the monotonic clock, 0 while all is well."""

    until: float = 0.0
    trying: threading.Lock = field(default_factory=threading.Lock)


_state = _State()


def is_on() -> bool:
    """Whether there is no database now, as far as this process knows. At most one caller at a time finds out anew."""
    if not _state.until:
        return False
    if time.monotonic() < _state.until or not _state.trying.acquire(blocking=False):
        return True
    try:
        return not _look()
    finally:
        _state.trying.release()


def noticed(problem: BaseException) -> bool:
    """Told of what a query raised: whether it means that the database is gone. Takes `PATIENCE` seconds at most."""
    if connection.vendor != "postgresql" or not _is_lost(problem):
        return False
    measures.QUERY_FAILURES.labels("connection").inc()
    with _state.trying:
        return time.monotonic() < _state.until or not _look()


def check() -> None:
    """Raises `OperationalError` while no connection can be made, past the pool and what is remembered."""
    if connection.vendor == "postgresql" and not _look():
        raise OperationalError("PostgreSQL does not answer")


def reset() -> None:
    """Forget what was noticed; for tests."""
    _state.until = 0.0


def _look() -> bool:
    """Whether the database takes a connection, which is remembered."""
    try:
        with psycopg.connect(**{**connection.get_connection_params(), "connect_timeout": PATIENCE}) as one:
            # A pooler lets everybody in, also while there is no database behind it.
            one.execute("SELECT 1")
    except psycopg.Error as problem:
        if not _state.until:
            log.error("database gone", error=type(problem).__name__)
        _state.until = time.monotonic() + PAUSE
        measures.DATABASE_GONE.set(1)
        return False
    if _state.until:
        log.info("database back")
    _state.until = 0.0
    measures.DATABASE_GONE.set(0)
    return True


def _is_lost(problem: BaseException) -> bool:
    """By its SQLSTATE; a connection that was never made, or a pool that gave up, has none."""
    if not isinstance(problem, (OperationalError, InterfaceError)):
        return False
    state = getattr(problem.__cause__, "sqlstate", None)
    return state is None or state.startswith(_LOST)


class OutageMiddleware:
    """Refuses what needs the database while there is none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_on() and not request.path.startswith(_WITHOUT):
            return refused(request)
        return self.get_response(request)


def refused(request: HttpRequest) -> HttpResponse:
    """The 503, for programs or for people."""
    # Late: what makes envelopes asks this module what a failure of the database means.
    from trufan.lib.exception_handler import refuse

    refusal = Unavailable(retry_after=RETRY_AFTER)
    if speaks_json(request):
        return refuse(refusal)
    return page(refusal)


def page(refusal: Unavailable) -> HttpResponse:
    """What people read. It needs neither a session nor a user, whom nobody could look up."""
    headers = {**refusal.headers, "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html"), status=refusal.status, headers=headers)
