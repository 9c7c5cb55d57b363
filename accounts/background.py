"""Doing what a request left for afterwards: by a worker where there is one, else in a thread beside the answer.

Only a nudge: the notes are rows, and the sweep `accounts.reset_requests` finds those that a crash left.
"""

from __future__ import annotations

import threading

import structlog
from django.conf import settings
from django.db import connection

from accounts import tasks
from trufan.lib import correlation, nudging

log = structlog.get_logger(__name__)


def nudge() -> None:
    """Have the notes answered soon, never within the request: its time would tell who has an account."""
    if settings.CELERY_TASK_ALWAYS_EAGER:
        correlation_id = correlation.current().correlation_id
        threading.Thread(target=_run_here, args=(correlation_id,), name="accounts.reset_requests", daemon=True).start()
    else:
        nudging.nudge(tasks.answer_reset_requests)


def _run_here(correlation_id: str) -> None:
    correlation.begin(correlation_id)
    try:
        tasks.answer_reset_requests()
    except Exception:
        log.exception("accounts.reset_requests_left_to_the_sweep")
    finally:
        connection.close()
