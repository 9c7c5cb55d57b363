"""How long it takes to call an event off and refund all of its orders, with the worker killed twice on the way.

    DATABASE_URL=postgres://…/postgres python benchmarks/call_off.py [5000]

Writes into a database of its own, which is removed afterwards. The orders are placed and paid through the rules, which
takes longer than refunding them. Two workers of their own process work through them; both are killed (SIGKILL) twice.
Prints the times, and whether each order was refunded exactly once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
from django.db import connection
from django.test.utils import setup_test_environment

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")
ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2


def main(count: int) -> None:
    """Sell, call off, refund, and count."""
    django.setup()
    if connection.vendor != "postgresql":
        sys.exit("The workers need a database of their own beside this process: set DATABASE_URL.")
    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        _measure(_sold(count), count)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def _sold(count: int) -> Any:
    from ticketing.tests.sales import buy
    from trufan.testing import TicketTypeFactory, UserFactory

    kind, fan = TicketTypeFactory(quantity=count + 10, event__capacity=count + 10), UserFactory()
    begun = time.perf_counter()
    for _ in range(count):
        buy(fan, kind)
    _say(f"{count:,} orders placed and paid in {time.perf_counter() - begun:.0f} s")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does, where it is on
    return kind.event


def _measure(event: Any, count: int) -> None:
    from django.utils import timezone

    from orders.calloffs import figures, starting, working
    from orders.calloffs.models import CallOffOrder
    from orders.models import Order, OrderRefund
    from payments import refunds
    from payments.models import Refund
    from ticketing.models import Ticket

    begun = time.perf_counter()
    seen = figures.preview(event)
    _say(f"preview: {seen['orders']:,} orders, {seen['amount'] / 100:,.2f}, in {time.perf_counter() - begun:.2f} s")
    begun = time.perf_counter()
    row = starting.call_off(event, by=None, now=timezone.now())
    _say(f"called off in {time.perf_counter() - begun:.2f} s")
    begun, killed, workers = time.perf_counter(), 0, [_worker() for _ in range(WORKERS)]
    while any(worker.poll() is None for worker in workers):
        done = CallOffOrder.objects.filter(call_off=row, status="refunded").count()
        if killed < 2 and done > count * (killed + 1) // 3:
            for worker in workers:
                worker.kill()
                worker.wait()
            killed, workers = killed + 1, [_worker() for _ in range(WORKERS)]
        time.sleep(0.2)
    _say(f"worked through in {time.perf_counter() - begun:.0f} s by {WORKERS} workers, killed {killed} times")
    left = Refund.objects.exclude(status="succeeded").count()
    refunds.execute_due(timezone.now() + timedelta(hours=1))
    working.sweep(timezone.now() + timedelta(minutes=2), budget=None)
    _say(f"refunds that the killed ones had asked for and not sent, sent by the sweep: {left}")
    row.refresh_from_db()
    once = OrderRefund.objects.count() == Refund.objects.count() == count
    whole = Order.objects.filter(status="refunded").count() == count and not Ticket.objects.live().exists()
    _say(f"{row.status}; each order refunded exactly once: {once and whole}")


def _worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "work_call_offs"]
    return subprocess.Popen(command, cwd=ROOT, env=_environment(), stdout=subprocess.DEVNULL)


def _environment() -> dict[str, str]:
    url = connection.settings_dict
    address = f"postgres://{url['USER']}:{url['PASSWORD']}@{url['HOST']}:{url['PORT']}/{url['NAME']}"
    plain = {"REDIS_URL": "", "CELERY_BROKER_URL": "", "LOG_LEVEL": "ERROR"}
    return {**os.environ, **plain, "DATABASE_URL": address, "EMAIL_URL": "dummymail://"}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
