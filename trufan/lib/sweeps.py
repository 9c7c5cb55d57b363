"""The sweeps of all apps: what a crash, a lost task or the clock left to do, done from one schedule.

An app registers its own in `AppConfig.ready()`. Each does its work in short transactions of its own, is safe to run
twice at once, and says how many rows it handled. `manage.py sweep` and the Celery task `trufan.tasks.sweep` run all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import close_old_connections

from trufan.lib import measures

log = structlog.get_logger("trufan.sweeps")
Sweep = Callable[[datetime], int]
#: What `run_all` reports for a sweep that raised.
FAILED = -1
_sweeps: dict[str, Sweep] = {}


def register(name: str, run: Sweep) -> None:
    """Add a sweep, in the order of registration. Raises `ValueError` when another has the name."""
    if _sweeps.get(name, run) is not run:
        raise ValueError(f"a sweep named {name!r} is registered already")
    _sweeps[name] = run


def run_all(now: datetime) -> dict[str, int]:
    """Run every sweep; how many rows each handled, `FAILED` for one that raised (logged, and the others still run)."""
    handled = {name: _run(name, sweep, now) for name, sweep in list(_sweeps.items())}
    measures.SWEEP_FINISHED.set(time.time())
    return handled


def _run(name: str, sweep: Sweep, now: datetime) -> int:
    try:
        handled = sweep(now)
    except Exception:
        log.exception("sweep failed", sweep=name)
        measures.SWEEP_FAILURES.labels(name).inc()
        # A connection the failure broke would fail every sweep after it.
        close_old_connections()
        return FAILED
    if handled:
        log.info("swept", sweep=name, rows=handled)
    return handled
