"""kill -9 in the middle of two hundred purchases: no ticket without money, no money without ticket or refund."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPException
from threading import Event as Flag

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders.models import Order
from payments.models import Payment, Refund, SandboxIntent
from ticketing.models import TicketType
from trufan.lib import sweeps
from trufan.testing import TicketTypeFactory
from trufan.tests.servers import Server, servers
from trufan.tests.test_on_sale import buy

PURCHASES, BEFORE_THE_KILL = 200, 40


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_when_the_server_is_killed_half_way():
    ticket_type = TicketTypeFactory(quantity=500)
    answered = _buy_until_killed(str(ticket_type.pk))
    assert BEFORE_THE_KILL <= answered < PURCHASES, "the kill came too early or too late to prove anything"

    _restart_and_sweep()

    for order in Order.objects.prefetch_related("tickets"):
        live = [ticket for ticket in order.tickets.all() if ticket.status == "valid"]
        assert len(live) == (1 if order.status == "paid" else 0), order.number
        assert order.status in {"paid", "expired", "refunded"}
    for intent in SandboxIntent.objects.filter(status="succeeded"):
        payment = Payment.objects.get(provider_id=intent.provider_id)
        order = Order.objects.get(pk=payment.payable_id)
        given_back = Refund.objects.filter(payment=payment, status="succeeded").exists()
        assert payment.status == "succeeded"
        assert (order.status == "paid") != given_back
    assert Order.objects.filter(status="paid").count() >= answered
    assert TicketType.objects.get().held == 0
    assert TicketType.objects.get().sold == Order.objects.filter(status="paid").count()
    call_command("check_inventory")
    call_command("check_books")


def _buy_until_killed(ticket_type: str) -> int:
    """Kill the server once some purchases were answered; returns how many were answered with success."""
    enough = Flag()
    answered: list[int] = []

    def purchase(number: int) -> None:
        try:
            outcome = buy(server, number, ticket_type)
        except (OSError, HTTPException):
            return  # the server died under this request, as it is meant to
        if outcome == ("succeeded", 200):
            answered.append(number)
        if len(answered) >= BEFORE_THE_KILL:
            enough.set()

    with servers(1, workers=2) as (server,), ThreadPoolExecutor(24) as crowd:
        running = [crowd.submit(purchase, number) for number in range(PURCHASES)]
        enough.wait(timeout=60)
        server.kill()
        for purchase_running in running:
            purchase_running.result()
    return len(answered)


def _restart_and_sweep() -> None:
    """A new server comes up, and the sweeps run as they would when every hold has run out."""
    fresh = Server()
    assert fresh.get("/health/ready")[0] == 200
    fresh.stop()
    for minutes in (11, 12):
        results = sweeps.run_all(timezone.now() + timedelta(minutes=minutes))
        assert all(handled >= 0 for handled in results.values()), results
