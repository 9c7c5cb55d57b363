"""Real threads on a real database: two at once never charge twice and never return more than was paid."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from orders import cancellation
from payments import charges, gateways, recovery, refunds, sandbox_payer, webhooks
from payments.errors import RefundExceedsPayment
from payments.gateways.base import ChargeOutcome
from payments.models import Payment, Refund, SandboxIntent, SandboxRefund
from payments.tests.factories import OrderFactory, PaymentFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(count: int, run: Callable[[int], Any]) -> list[Any]:
    """The answers, or the failures, of `run(0)` … `run(count - 1)`, all started at the same moment."""
    barrier = Barrier(count)

    def one(number: int) -> Any:
        try:
            barrier.wait()
            return run(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        futures = [threads.submit(one, number) for number in range(count)]
    return [future.exception() or future.result() for future in futures]


def test_eight_starts_at_once_charge_once():
    order = OrderFactory()
    answers = at_once(
        8,
        lambda n: charges.start(order, payer=None, payment_method="pm_card_authenticationRequired", now=timezone.now()),
    )
    assert {answer.pk for answer in answers} == {Payment.objects.get().pk}
    assert {answer.status for answer in answers} == {"requires_action"}
    assert SandboxIntent.objects.count() == 1


def test_starts_with_different_cards_charge_once():
    order = OrderFactory()
    cards = ["pm_card_visa", "pm_card_amex", "pm_card_mastercard", "pm_card_discover"]
    at_once(4, lambda n: charges.start(order, payer=None, payment_method=cards[n], now=timezone.now()))
    order.refresh_from_db()
    assert order.amount_paid == 10_000
    assert Payment.objects.filter(status="succeeded").count() == 1
    assert SandboxIntent.objects.filter(status="succeeded").count() == 1


def test_the_same_success_from_eight_sides_pays_once():
    payment = PaymentFactory()
    outcome = ChargeOutcome("pi_1", Payment.Status.SUCCEEDED, 10_000, "USD")
    answers = at_once(8, lambda n: charges.settle(payment.pk, outcome, timezone.now()))
    assert {answer.status for answer in answers} == {"succeeded"}
    assert payment.payable().amount_paid == 10_000


def test_refunds_at_once_never_exceed_the_payment():
    order = OrderFactory()
    payment = charges.start(order, payer=None, payment_method="pm_card_visa", now=timezone.now())
    answers = at_once(6, lambda n: refunds.request(payment, 3_000, reason="Rain", by=None, now=timezone.now()))
    assert sum(isinstance(answer, Refund) for answer in answers) == 3
    assert sum(isinstance(answer, RefundExceedsPayment) for answer in answers) == 3
    order.refresh_from_db()
    payment.refresh_from_db()
    assert payment.amount_refunded == order.amount_refunded == 9_000
    assert sum(SandboxRefund.objects.values_list("amount", flat=True)) == 9_000


def test_one_refund_is_sent_by_one_of_many_workers():
    payment = charges.start(OrderFactory(), payer=None, payment_method="pm_card_visa", now=timezone.now())
    refund = Refund.objects.create(
        payment=payment, amount=1, currency="USD", reason="Rain", next_attempt_at=timezone.now()
    )
    assert sorted(at_once(6, lambda n: refunds.execute(refund.pk, timezone.now()))) == [False] * 5 + [True]
    payment.refresh_from_db()
    assert payment.amount_refunded == 1


def test_one_webhook_received_many_times_at_once_is_kept_once():
    order = OrderFactory()
    charges.start(order, payer=None, payment_method="pm_sandbox_late", now=timezone.now())
    SandboxIntent.objects.update(status="succeeded")
    now = timezone.now()
    raw, headers = sandbox_payer.webhook_for(SandboxIntent.objects.get(), "succeeded", now)
    answers = at_once(6, lambda n: webhooks.receive("sandbox", raw, headers, now).pk)
    assert len(set(answers)) == 1
    order.refresh_from_db()
    assert order.amount_paid == 10_000


def test_sweeps_at_once_share_the_work():
    payments = PaymentFactory.create_batch(5, checked_at=timezone.now() - charges.IN_FLIGHT)
    for payment in payments:
        gateways.current().charge(payment)
    answers = at_once(4, lambda n: recovery.recover(timezone.now()))
    assert sum(answers) == 5
    assert Payment.objects.filter(status="succeeded").count() == 5


@pytest.mark.parametrize("round_", range(5))
def test_paying_while_cancelling_ends_paid_or_with_the_money_back(round_):
    order = OrderFactory()
    deeds = [
        lambda: charges.start(order, payer=None, payment_method="pm_card_visa", now=timezone.now()),
        lambda: cancellation.cancel(order, by=None, now=timezone.now()),
    ]
    at_once(2, lambda n: deeds[(n + round_) % 2]())
    recovery.recover(timezone.now() + charges.IN_FLIGHT)
    refunds.execute_due(timezone.now())
    order.refresh_from_db()
    if order.status == "paid":
        assert (order.amount_paid, order.amount_refunded) == (10_000, 0)
    else:
        assert order.status == "cancelled"
        assert order.amount_paid == order.amount_refunded
    assert not Payment.objects.open().exists()
