"""How long to wait before trying again, and what a sweep does with rows that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

import structlog

log = structlog.get_logger("trufan.payments")

Row = TypeVar("Row")

#: Who claims a row keeps it so long; longer than any call to a gateway takes.
LEASE = timedelta(minutes=2)
_FIRST = timedelta(seconds=30)
_LONGEST = timedelta(hours=1)


def pause(attempts: int) -> timedelta:
    """Half a minute after the first attempt, then twice as long each time, an hour at most."""
    return min(_LONGEST, _FIRST * 2 ** min(max(attempts - 1, 0), 10))


def each(rows: Iterable[Row], run: Callable[[Row], bool]) -> int:
    """Run every row though some fail; returns how many did something. Failures are raised together at the end."""
    done, failures = 0, []
    for row in rows:
        try:
            done += run(row)
        except Exception as failure:
            log.exception("sweep_row_failed", row=str(getattr(row, "pk", row)))
            failures.append(failure)
    if failures:
        raise ExceptionGroup("some rows could not be handled", failures)
    return done
