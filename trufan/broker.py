"""The broker's own queue: tasks that no worker has taken yet."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from trufan.celery import app
from trufan.lib.queues import Queue

#: Seconds for which the broker may keep a probe waiting.
PATIENCE = 2
_OPTIONS = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}


def check() -> None:
    """Raises while the broker does not answer. Without one, tasks run in process and there is nothing to check."""
    if not settings.CELERY_BROKER_URL:
        return
    with app.connection_for_read(transport_options=_OPTIONS) as broker:
        broker.ensure_connection(max_retries=1, timeout=PATIENCE, interval_start=0, interval_step=0)


def depth(now: datetime) -> Queue | None:
    """The tasks that wait in Redis (`LLEN`), which does not say since when; None without Redis as broker."""
    if not settings.CELERY_BROKER_URL.startswith(("redis", "sentinel")):
        return None
    with app.connection_for_read(transport_options=_OPTIONS) as broker:
        broker.ensure_connection(max_retries=1, timeout=PATIENCE, interval_start=0, interval_step=0)
        waiting: int = broker.default_channel.client.llen(app.conf.task_default_queue)
    return Queue(waiting)
