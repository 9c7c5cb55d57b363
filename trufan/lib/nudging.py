"""Asking a worker, once the transaction is committed, to look at a row now rather than at the next sweep.

What happened is committed, so nothing here may turn it into an error: neither a broker that is down nor, without one, a
task that fails in this process. Django's `on_commit(robust=True)` means the same, but Django 5.2 itself fails when it
logs the failure of a `functools.partial`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from trufan.lib import measures

#: How long a process leaves a broker alone that did not answer; the sweeps do the work meanwhile.
PAUSE_SECONDS = 30.0
logger = structlog.get_logger(__name__)


@dataclass
class Broker:
    """What this process knows of the broker: not to be asked before `down_until`, on the monotonic clock."""

    down_until: float = 0.0


broker = Broker()


def after_commit(task: Any, *args: str) -> None:
    """Nudge the Celery task once the caller's transaction is committed; not at all if it is rolled back."""
    transaction.on_commit(partial(nudge, task, *args))


def nudge(task: Any, *args: Any) -> None:
    """Ask a worker to run the task; without a broker it runs here. Never raises."""
    if time.monotonic() < broker.down_until:
        return
    try:
        task.apply_async(args=args, retry=False)
    except OperationalError as down:
        # Finding that out takes seconds: one request pays for it now and then, not every one that sells.
        broker.down_until = time.monotonic() + PAUSE_SECONDS
        measures.REDIS_FAILURES.labels("broker").inc()
        logger.error("nudge.broker_down", task=task.name, error=str(down))
    except Exception:
        logger.exception("nudge.failed", task=task.name)
