"""kill -9 while a called-off event is worked through: every order is asked back exactly once. Real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from orders.calloffs import starting, working
from orders.calloffs.models import CallOff, CallOffOrder
from orders.models import Order, OrderRefund
from payments import refunds
from payments.models import Refund
from ticketing.models import Ticket
from ticketing.tests.sales import buy
from trufan.tests.servers import _environment

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ORDERS = 30


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "work_call_offs"],
        env={**os.environ, **_environment(), "DJANGO_SETTINGS_MODULE": "trufan.settings"},
        cwd=settings.BASE_DIR,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def done() -> int:
    return CallOffOrder.objects.filter(status="refunded").count()


def test_killed_twice_on_the_way_it_refunds_each_order_once(olga, fay, event, ticket_type):
    for _ in range(ORDERS):
        buy(fay, ticket_type)
    starting.call_off(event, by=olga, now=timezone.now())
    for at_least in (3, 12):
        worker = start()
        wait_for(lambda least=at_least: done() >= least)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        assert done() < ORDERS, "it was over before it could be killed"

    # Two at once finish it; what the killed ones asked for and never sent is sent by the payments' own sweep.
    for worker in [start(), start()]:
        assert worker.wait(timeout=120) == 0
    refunds.execute_due(timezone.now() + timedelta(minutes=30))
    working.sweep(timezone.now() + timedelta(minutes=2))

    assert (done(), OrderRefund.objects.count(), Refund.objects.count()) == (ORDERS, ORDERS, ORDERS)
    assert set(Refund.objects.values_list("status", flat=True)) == {"succeeded"}
    assert set(Order.objects.values_list("status", flat=True)) == {"refunded"}
    assert not Ticket.objects.live().exists()
    assert CallOff.objects.get().status == "done"
