"""How much work waits, and for how long: every queue of the apps, seen by the health check and the metrics.

An app registers its own in `AppConfig.ready()`. A measurement is asked for often and must stay cheap however long the
queue is: `of_rows` counts no further than `CEILING`, along an index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet

from trufan.lib import outage

#: A queue this long needs a look; how much longer it is does not matter.
CEILING = 10_000
log = structlog.get_logger("trufan.queues")


@dataclass(frozen=True)
class Queue:
    """`depth`: jobs that could be done now, `CEILING` meaning so many or more. `oldest_seconds`: for how long the first
    of them has waited; None when there is none, or the queue does not know."""

    depth: int
    oldest_seconds: float | None = None

    @property
    def is_lagging(self) -> bool:
        """Whether its oldest job has waited for `settings.QUEUE_LAG_SECONDS`."""
        return self.oldest_seconds is not None and self.oldest_seconds >= settings.QUEUE_LAG_SECONDS


Measure = Callable[[datetime], Queue | None]
_queues: dict[str, Measure] = {}


def register(name: str, measure: Measure) -> None:
    """Add a queue; `measure` answers None where it does not exist in this installation. Raises `ValueError` when
    another has the name."""
    if _queues.get(name, measure) is not measure:
        raise ValueError(f"a queue named {name!r} is registered already")
    _queues[name] = measure


def measure_all(now: datetime) -> dict[str, Queue | None]:
    """Every queue by name; None for one that could not be measured, which is logged. Never raises."""
    measured = {name: _measure(name, measure, now) for name, measure in list(_queues.items())}
    return {name: queue for name, (exists, queue) in measured.items() if exists}


def of_rows(due: QuerySet[Any], since: str, now: datetime) -> Queue:
    """A queue that is rows: `due` is what could be done now, ordered by `since`, the moment from which each waits.

    Two queries; an index on `since` under the condition of `due` keeps both short.
    """
    first = due.values_list(since, flat=True)[:1].first()
    if first is None:
        return Queue(0)
    # In their order, which leads along the index: without it the planner may read a table of rows that are done.
    depth = due.values(since)[:CEILING].count()
    return Queue(depth, max(0.0, (now - first).total_seconds()))


def _measure(name: str, measure: Measure, now: datetime) -> tuple[bool, Queue | None]:
    if outage.is_on():
        return True, None
    try:
        queue = measure(now)
    except DatabaseError as problem:
        outage.noticed(problem)
        log.warning("queue not measured", queue=name, error=type(problem).__name__)
        return True, None
    except Exception as problem:
        log.error("queue not measured", queue=name, error=type(problem).__name__, exc_info=problem)
        return True, None
    return queue is not None, queue
