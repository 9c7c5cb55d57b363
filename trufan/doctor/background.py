"""What goes on behind the requests: Redis, the broker, workers, the sweep, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import redis as client
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import KombuError

from trufan import broker as tasks
from trufan.celery import app
from trufan.doctor.database import skew
from trufan.doctor.findings import Finding, error, note, ok, warning
from trufan.lib import queues as measured
from trufan.lib import sweeps

#: Seconds for an answer of Redis, and of the workers.
PATIENCE, WORKERS_PATIENCE = 2, 3
TESTED_REDIS = 7
#: So many rounds of the sweep may be missed before somebody should look; at least so long.
ROUNDS, AT_LEAST = 4, timedelta(minutes=2)
#: After so long, holds that ran out and mails that wait are noticed by fans.
TOO_LONG = timedelta(minutes=15)


def redis() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield note("No Redis: cache, rate limits and live updates stay within each process.")
        return
    there = client.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
    before = timezone.now()
    try:
        seconds, micros = there.time()
    except client.RedisError as problem:
        yield error(
            f"Redis does not answer ({type(problem).__name__}).",
            "Check REDIS_URL and that Redis runs. Meanwhile nothing is rate-limited across processes.",
        )
        return
    yield skew("Redis", datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros), before, timezone.now())
    yield from _server(there)


def _server(there: client.Redis) -> Iterator[Finding]:
    told: dict[str, Any] = there.info()
    major = int(str(told["redis_version"]).partition(".")[0])
    if major < TESTED_REDIS:
        yield warning(f"Redis {told['redis_version']} is older than what is tested.", f"Upgrade to {TESTED_REDIS}.")
    if told.get("maxmemory_policy", "noeviction") != "noeviction":
        yield warning(
            f"Redis drops keys when it is full ({told['maxmemory_policy']}): tasks and limits among them.",
            "Set maxmemory-policy to noeviction.",
        )
    if told.get("maxmemory") and told["used_memory"] > 0.9 * told["maxmemory"]:
        yield warning("Redis is nearly full.", "Raise maxmemory, or move the broker to a Redis of its own.")
    yield ok(f"Redis {told['redis_version']} answers.")


def workers() -> Iterator[Finding]:
    """The broker, and whether a worker takes what it holds."""
    if not settings.CELERY_BROKER_URL:
        yield note("No broker: tasks run in the process that asks for them.")
        return
    try:
        tasks.check()
        answers = app.control.ping(timeout=WORKERS_PATIENCE)
    except (KombuError, client.RedisError, OSError) as problem:
        yield error(
            f"The broker does not answer ({type(problem).__name__}).", "Check CELERY_BROKER_URL and its server."
        )
        return
    if answers:
        yield ok(f"{len(answers)} workers answer.")
        return
    yield error(
        "No worker answers: mail and webhooks wait for the sweep.", "Start celery -A trufan worker, or read its log."
    )


def sweep() -> Iterator[Finding]:
    """When the sweep last ran, whoever ran it."""
    advice = "Is the scheduler running (celery -A trufan beat), and a worker? Without them: manage.py sweep --every 30."
    if not settings.REDIS_URL:
        yield note("Without Redis it isn't known when the last sweep ran.")
        return
    last = sweeps.last_run()
    if last is None:
        yield error("No sweep has run yet.", advice)
        return
    age = timezone.now() - last
    said = f"The last sweep ran {age.total_seconds():.0f} seconds ago."
    if age >= TOO_LONG:
        yield error(said, advice)
    elif age >= max(AT_LEAST, ROUNDS * timedelta(seconds=settings.SWEEP_SECONDS)):
        yield warning(said, advice)
    else:
        yield ok(said)


def queues() -> Iterator[Finding]:
    """Every queue of the installation, by the age of its oldest job."""
    for name, queue in measured.measure_all(timezone.now()).items():
        if queue is None:
            yield error(f"The queue {name} could not be measured.", "Its log line has the whole error.")
        elif queue.is_lagging:
            yield warning(
                f"The oldest of {queue.depth} jobs in the queue {name} waits for {queue.oldest_seconds:.0f} seconds.",
                "Read the worker's log for failures; if there are none, start more workers.",
            )
        elif queue.depth >= measured.CEILING:
            yield warning(f"{queue.depth} or more jobs wait in the queue {name}.", "Start more workers.")
        else:
            yield ok(f"{queue.depth} jobs wait in the queue {name}.")
