"""How long it takes to tell all holders that their event is off, and what it costs the rest.

    DATABASE_URL=postgres://…/postgres python benchmarks/broadcast.py [50000]

Writes into a database of its own, which is removed afterwards. A worker of its own process hands out; it is killed
twice on the way and another goes on. Prints the time, the worker's peak memory, whether everybody has exactly one
row, and the milliseconds of `GET /api/v1/events` before and meanwhile.
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import django
from django.db import connection
from django.test.utils import setup_test_environment

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")
os.environ.setdefault("BROADCAST_PER_MINUTE", "10000000")
WORK = "--work"
ROOT = Path(__file__).resolve().parent.parent
PORT = 8791


def main(count: int) -> None:
    """Build the event, tell its holders, and print what it took."""
    django.setup()
    if connection.vendor != "postgresql":
        sys.exit("The worker needs a database of its own beside this process: set DATABASE_URL.")
    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        event = _event(count)
        server = _server()
        try:
            _measure(event, count)
        finally:
            server.terminate()
            server.wait(timeout=60)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def work() -> None:
    """The worker: sweep until all is handed out."""
    django.setup()
    from django.utils import timezone

    from notifications.broadcasts import working
    from notifications.broadcasts.models import Broadcast

    while Broadcast.objects.filter(status="running").exists():
        working.sweep(timezone.now())


def _event(count: int) -> Any:
    from ticketing.tests.sales import buy
    from trufan.lib.ids import uuid7
    from trufan.testing import TicketTypeFactory

    kind = TicketTypeFactory()
    ticket = buy(None, kind)[0]
    order, item = ticket.order, ticket.order_item
    orders, items, tickets = [], [], []
    for number in range(count - 1):
        for row, rows in ((order, orders), (item, items), (ticket, tickets)):
            twin = copy.copy(row)
            twin._state = copy.copy(row._state)
            twin.pk = uuid7()
            rows.append(twin)
        orders[-1].number = tickets[-1].number = f"B{number:010}"
        orders[-1].contact_email = f"holder{number}@example.com"
        items[-1].order_id = tickets[-1].order_id = orders[-1].pk
        tickets[-1].order_item_id = items[-1].pk
    for rows in (orders, items, tickets):
        type(rows[0]).objects.bulk_create(rows, batch_size=1000)
    return kind.event


def _measure(event: Any, count: int) -> None:
    from django.utils import timezone

    from events import lifecycle
    from notifications.models import Broadcast, Notification

    quiet = [_request() for _ in range(200)]
    lifecycle.cancel(event, None, timezone.now(), "We are sorry.")
    row = Broadcast.objects.get(template="event_cancelled")
    begun, busy, killed, peak = time.perf_counter(), [], 0, 0
    worker = _worker()
    while worker.poll() is None:
        busy.append(_request())
        peak = max(peak, _peak(worker.pid))
        row.refresh_from_db()
        if killed < 2 and row.queued > count * (killed + 1) // 3:
            worker.kill()
            worker.wait()
            killed, worker = killed + 1, _worker()
    spent = time.perf_counter() - begun
    row.refresh_from_db()
    told = Notification.objects.filter(broadcast=row)
    _say(f"{row.queued:,} of {row.total:,} people handed out in {spent:.1f} s; killed {killed} times; {row.status}")
    _say(f"rows {told.count():,}, people {told.values('recipient').distinct().count():,}")
    _say(f"peak of the workers' memory {peak / 1024:.0f} MiB")
    for name, times in (("before", quiet), ("meanwhile", busy)):
        _say(f"GET /api/v1/events {name}: median {median(times):.0f} ms, p99 {quantiles(times, n=100)[-1]:.0f} ms")


def _peak(pid: int) -> int:
    """The most memory that the process has had, in KiB; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def _worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, __file__, WORK]
    return subprocess.Popen(command, env=_environment())


def _server() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", "trufan.asgi:application", "--port", str(PORT), "--log-level", "error"]
    server = subprocess.Popen(command, cwd=ROOT, env=_environment())
    for _ in range(120):
        try:
            _request()
        except OSError:
            time.sleep(0.5)
        else:
            return server
    server.kill()
    sys.exit("the server did not start")


def _environment() -> dict[str, str]:
    url = connection.settings_dict
    address = f"postgres://{url['USER']}:{url['PASSWORD']}@{url['HOST']}:{url['PORT']}/{url['NAME']}"
    plain = {"REDIS_URL": "", "CELERY_BROKER_URL": "", "LOG_LEVEL": "ERROR", "RATE_LIMIT_PER_MINUTE": "0"}
    return {**os.environ, **plain, "DATABASE_URL": address, "EMAIL_URL": "dummymail://"}


def _request() -> float:
    """Milliseconds of one request; the query makes it new to any cache."""
    begun = time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/events?again={begun}", timeout=30) as answer:
        answer.read()
    return (time.perf_counter() - begun) * 1000


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work() if WORK in sys.argv else main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
