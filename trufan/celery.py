"""The Celery application: Redis in production, in process on a laptop."""

import os
import time
from typing import Any

from celery import Celery, Task
from celery.signals import before_task_publish, task_postrun, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")

from trufan.lib import correlation, measures

CORRELATION = "trufan_correlation_id"
STARTED = "trufan_started"

app = Celery("trufan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@before_task_publish.connect
def send_correlation(headers: dict[str, Any], **_: Any) -> None:
    """A task carries the id of the request that asked for it."""
    headers[CORRELATION] = correlation.current().correlation_id


@task_prerun.connect
def begin_correlation(task: Task, **_: Any) -> None:
    """A worker takes the id up; a task that runs in the asking process is in its context already."""
    if not task.request.is_eager:
        correlation.begin(correlation.sane(str(getattr(task.request, CORRELATION, "") or "")))
    task.request.update(**{STARTED: time.perf_counter()})


@task_postrun.connect
def measure(task: Task, state: str | None = None, **_: Any) -> None:
    """How long it took, and how it ended: SUCCESS, FAILURE, RETRY. Its name is one of those registered here."""
    started = getattr(task.request, STARTED, None)
    if started is not None:
        measures.TASK_SECONDS.labels(task.name, (state or "unknown").lower()).observe(time.perf_counter() - started)
