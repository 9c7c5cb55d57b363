"""Whether this process is alive, and whether it can do its work.

The answers name what was looked at and whether it is well; why something is not well stands in the log only.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

import structlog
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from trufan import broker
from trufan.lib import outage, queues

log = structlog.get_logger("trufan.health")
_migrated = False


class NotWell(Exception):
    """A check that could be made and failed."""


@csrf_exempt
@never_cache
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nothing else, so that a database outage does not restart every server."""
    return JsonResponse({"status": "ok"})


@csrf_exempt
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when all that a request may need is there, else 503, with the state of each.

    A server that is ready tells of the queues besides: work that waits is no reason to send requests elsewhere.
    """
    checks = {name: _is_well(name, check) for name, check in CHECKS.items()}
    well = all(checks.values())
    body = {
        "status": "ok" if well else "unavailable",
        "checks": {n: "ok" if w else "failed" for n, w in checks.items()},
        "queues": _queues() if well else {},
    }
    return JsonResponse(body, status=200 if well else 503, headers={} if well else _later())


def _queues() -> dict[str, dict[str, object] | None]:
    """Depth and oldest job of each queue, or null for one that can't be looked at."""
    measured = queues.measure_all(timezone.now())
    return {name: None if queue is None else _told(queue) for name, queue in measured.items()}


def _told(queue: queues.Queue) -> dict[str, object]:
    oldest = None if queue.oldest_seconds is None else round(queue.oldest_seconds, 1)
    return {"depth": queue.depth, "oldest_seconds": oldest, "lagging": queue.is_lagging}


def _is_well(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception as problem:
        log.error("not ready", check=name, error=type(problem).__name__, exc_info=problem)
        return False
    return True


@csrf_exempt
@never_cache
@require_safe
def serving(request: HttpRequest) -> JsonResponse:
    """200 while requests can be served: with the database alone a venue goes on selling, whatever else is gone.

    For what sends requests to servers. A server taken away for want of Redis, which they all miss, would end the sale.
    """
    checks = {name: _is_well(name, CHECKS[name]) for name in NEEDED}
    well = all(checks.values())
    body = {
        "status": "ok" if well else "unavailable",
        "checks": {n: "ok" if w else "failed" for n, w in checks.items()},
    }
    return JsonResponse(body, status=200 if well else 503, headers={} if well else _later())


def _later() -> dict[str, str]:
    return {"Retry-After": str(outage.RETRY_AFTER)}


def _database() -> None:
    # Past the pool, which takes its time to say that there is nothing.
    outage.check()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    """Whether the tables are those of this code; once they are, they stay so for this process."""
    global _migrated
    if _migrated:
        return
    outage.check()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotWell("unapplied migrations")
    _migrated = True


def _cache() -> None:
    key, value = f"health:{uuid.uuid4().hex}", uuid.uuid4().hex
    cache.set(key, value, timeout=10)
    if cache.get(key) != value:
        raise NotWell("the cache does not keep what it is given")
    cache.delete(key)


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "cache": _cache,
    "broker": broker.check,
}
#: Those without which no request can be answered.
NEEDED = ("database", "migrations")
