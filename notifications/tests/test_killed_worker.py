"""kill -9 at each step of a delivery: nothing is lost, and nothing is said twice but where nobody can know.

Real processes on PostgreSQL, a real mail server, and Celery workers on Redis.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from notifications import delivery, tasks
from notifications.delivery import LEASE
from notifications.models import Notification
from notifications.tests.conftest import Mailbox
from trufan.celery import app
from trufan.tests.servers import _environment

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

STEPS = ["before_claim", "after_claim", "after_taken", "after_recorded"]
#: How often a mail comes when the worker dies there. Between "the server took it" and "we wrote it down" nobody knows.
MAILS = {"before_claim": 1, "after_claim": 1, "after_taken": 2, "after_recorded": 1}


@pytest.fixture
def row() -> Notification:
    return Notification.objects.create(
        template="password_changed", recipient="fay@example.com", next_attempt_at=timezone.now()
    )


@pytest.fixture
def start(mailbox: Mailbox, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts a process that may die at a step; all that still run at the end are killed."""
    running: list[subprocess.Popen[bytes]] = []

    def run(*command: str, **environment: str) -> subprocess.Popen[bytes]:
        told = {
            **os.environ,
            **_environment(),
            "DJANGO_SETTINGS_MODULE": "trufan.settings",
            "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "DIE_ONCE": str(tmp_path / "died"),
            **environment,
        }
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", *command],
                env=told,
                cwd=settings.BASE_DIR,
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return running[-1]

    yield run
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def worker(start: Callable[..., subprocess.Popen[bytes]]) -> Callable[..., subprocess.Popen[bytes]]:
    """Starts a Celery worker with one child on a queue of this test's own."""

    def run(queue: str, **environment: str) -> subprocess.Popen[bytes]:
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        command = ("celery", "-A", "notifications.tests.dying", "worker", "-c", "1", "-Q", queue, *quiet)
        return start(*command, CELERY_BROKER_URL=settings.REDIS_URL, **environment)

    return run


def wait_for(happened: Callable[[], object], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def ask(row: Notification, queue: str) -> None:
    with app.connection_for_write(settings.REDIS_URL) as link:
        app.send_task(tasks.deliver.name, args=[str(row.pk)], queue=queue, connection=link)


def idle(queue: str) -> bool:
    """Nothing waits, and nobody holds a task that is not done; asked twice, as for a moment a task is neither."""
    with app.connection_for_write(settings.REDIS_URL) as link:
        redis = link.default_channel.client
        for pause in (0.3, 0.0):
            if redis.llen(queue) or redis.hlen("unacked"):
                return False
            time.sleep(pause)
        return True


def sweep_later() -> None:
    """As the next sweeps do, once the lease of a dead worker has lapsed; and again, for what a second would add."""
    for _ in range(2):
        delivery.sweep_due(timezone.now() + LEASE + timedelta(seconds=1))


def status_of(row: Notification) -> str:
    row.refresh_from_db()
    return row.status


@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_at_a_step_loses_nothing(row, mailbox, start, step):
    process = start("notifications.tests.dying", DIE_AT=step)
    assert process.wait(timeout=60) == -signal.SIGKILL
    assert status_of(row) == {"before_claim": "pending", "after_recorded": "sent"}.get(step, "sending")
    if step != "before_claim":
        assert delivery.sweep_due(timezone.now()) == 0, "nobody else may send while the lease holds"
    sweep_later()
    assert status_of(row) == "sent"
    assert len(mailbox.mails) == MAILS[step]
    assert {mail["Message-ID"] for mail in mailbox.mails} == {f"<{row.pk}@localhost>"}


def test_a_process_killed_while_it_sends_loses_nothing(row, mailbox, start):
    mailbox.at_the_end = [Mailbox.HANG]
    process = start("notifications.tests.dying")
    assert mailbox.reached.wait(timeout=60)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert (status_of(row), mailbox.mails) == ("sending", [])
    sweep_later()
    assert (status_of(row), row.attempts, len(mailbox.mails)) == ("sent", 2, 1)


@pytest.mark.redis
@pytest.mark.parametrize("step", STEPS)
def test_a_task_whose_worker_was_killed_is_run_again_and_does_no_harm(row, mailbox, worker, tmp_path, step):
    queue = f"test-{uuid4()}"
    worker(queue, DIE_AT=step)
    ask(row, queue)
    wait_for((tmp_path / "died").exists)
    wait_for(lambda: idle(queue))
    # The second run finds a lease that holds, or a row that is done; only what was not claimed yet it sends itself.
    assert status_of(row) == ("sent" if step in ("before_claim", "after_recorded") else "sending")
    sweep_later()
    assert status_of(row) == "sent"
    assert len(mailbox.mails) == MAILS[step]
    assert {mail["Message-ID"] for mail in mailbox.mails} == {f"<{row.pk}@localhost>"}


@pytest.mark.redis
def test_what_a_vanished_machine_had_taken_is_swept_and_handed_to_another_worker(row, mailbox, worker):
    queue = f"test-{uuid4()}"
    mailbox.at_the_end = [Mailbox.HANG]
    gone = worker(queue)
    ask(row, queue)
    assert mailbox.reached.wait(timeout=60)
    os.killpg(gone.pid, signal.SIGKILL)
    gone.wait()
    assert not idle(queue), "the broker still has the task"
    sweep_later()
    assert (status_of(row), len(mailbox.mails)) == ("sent", 1)
    worker(queue, VISIBILITY_TIMEOUT="1")
    wait_for(lambda: idle(queue))
    assert (status_of(row), row.attempts, len(mailbox.mails)) == ("sent", 2, 1)
