"""A transaction that commits late is not missed, however many were faster."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest
from django.db import connection, transaction
from django.utils import timezone

from ticketing.manifest import making
from ticketing.manifest.tests.scanner import Scanner
from ticketing.manifest.versions import Version
from ticketing.models import Ticket
from ticketing.tests.sales import buy

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def learn(scanner: Scanner, event) -> None:
    known = scanner.header.get("version")
    scanner.take(making.make(event, timezone.now(), Version.parse(known) if known else None).content)


def test_what_was_changed_before_and_committed_after_is_told(scanner, event, tickets):
    slow, fast = tickets[:2]
    changed, go = Signal(), Signal()

    def late() -> None:
        try:
            with transaction.atomic():
                Ticket.objects.filter(pk=slow.pk).update(code_version=5)
                changed.set()
                assert go.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(late)
        assert changed.wait(30)
        Ticket.objects.filter(pk=fast.pk).update(code_version=6)
        numbers = dict(Ticket.objects.values_list("pk", "door_version"))
        learn(scanner, event)
        assert scanner.tickets[str(slow.pk)]["code_version"] == 1
        assert scanner.tickets[str(fast.pk)]["code_version"] == 6
        go.set()
        running.result(30)
    late_number = Ticket.objects.values_list("door_version", flat=True).get(pk=slow.pk)
    assert late_number < numbers[fast.pk], "the case that counting up would miss"
    learn(scanner, event)
    assert scanner.header["since"] is not None
    assert scanner.tickets[str(slow.pk)]["code_version"] == 5


def test_what_a_nested_transaction_changed_has_the_number_of_the_whole(scanner, event, tickets):
    with transaction.atomic():
        Ticket.objects.filter(pk=tickets[0].pk).update(seat="A-1")
        with transaction.atomic():
            Ticket.objects.filter(pk=tickets[1].pk).update(seat="A-2")
    first, second = (Ticket.objects.get(pk=each.pk).door_version for each in tickets[:2])
    assert first == second > 0


def test_a_scanner_that_asks_all_the_time_knows_everything_in_the_end(scanner, fay, event, ticket_type):
    """Four writers of short and long transactions, some rolled back, while a scanner learns change by change."""
    tickets = buy(fay, ticket_type, 10)
    done = Signal()

    def write(number: int) -> None:
        rng = random.Random(number)
        try:
            for _ in range(25):
                try:
                    with transaction.atomic():
                        pk = rng.choice(tickets).pk
                        Ticket.objects.filter(pk=pk).update(code_version=rng.randrange(1, 30_000))
                        time.sleep(rng.choice([0, 0, 0.01, 0.03]))
                        if rng.random() < 0.2:
                            raise InterruptedError
                except InterruptedError:
                    continue
        finally:
            connection.close()

    def listen() -> None:
        try:
            while not done.is_set():
                learn(scanner, event)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        listening = pool.submit(listen)
        try:
            for writer in [pool.submit(write, number) for number in range(4)]:
                writer.result(60)
        finally:
            done.set()
        listening.result(60)
    learn(scanner, event)
    fresh = Scanner(scanner.trusted)
    learn(fresh, event)
    assert scanner.tickets == fresh.tickets
    assert scanner.header["since"] is not None
