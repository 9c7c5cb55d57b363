"""Real threads on a real database: what came back is booked once, paid again once, and compared by one at a time."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from payments import charges, reconciliation, refunds
from payments.errors import ReconciliationUnderWay
from payments.gateways.base import RefundOutcome
from payments.models import Payment, ReconciliationFinding, ReconciliationRun, Refund, SandboxIntent, SandboxRefund
from payments.tests.factories import OrderFactory
from payments.tests.test_races import at_once
from trufan.lib.errors import InvalidMove

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def refund() -> Refund:
    """Of all that was paid, gone to the buyer."""
    payment = charges.start(OrderFactory(), payer=None, payment_method="pm_card_visa", now=timezone.now())
    refunds.request(payment, 10_000, reason="Rain", by=None, now=timezone.now())
    gone = Refund.objects.get()
    assert gone.status == "succeeded"
    return gone


def bounce(refund: Refund) -> Any:
    return refunds.settle(refund.pk, RefundOutcome("", Refund.Status.FAILED, "Closed."), timezone.now())


def test_eight_who_hear_it_at_once_book_it_back_once(refund):
    at_once(8, lambda n: bounce(refund))
    payment = Payment.objects.get()
    assert (payment.amount_refunded, payment.payable().amount_refunded) == (0, 0)


def test_four_who_pay_it_again_at_once_pay_it_once(refund):
    SandboxRefund.objects.update(status="failed")
    bounce(refund)
    answers = at_once(4, lambda n: refunds.retry(refund, by=None, now=timezone.now()))
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [InvalidMove] * 3
    assert Refund.objects.exclude(pk=refund.pk).get().status == "succeeded"
    assert SandboxRefund.objects.filter(status="succeeded").count() == 1
    assert Payment.objects.get().amount_refunded == 10_000


def test_four_comparisons_at_once_raise_a_difference_once():
    payment = charges.start(OrderFactory(), payer=None, payment_method="pm_card_visa", now=timezone.now())
    SandboxIntent.objects.update(amount=9_000)
    now = timezone.now()
    whole = at_once(4, lambda n: reconciliation.reconcile("sandbox", payment.created_at, now))
    assert all(isinstance(each, tuple | ReconciliationUnderWay) for each in whole), whole
    assert 1 <= ReconciliationRun.objects.count() <= 4
    at_once(4, lambda n: reconciliation.ask_again(payment, by=None, now=now))
    assert ReconciliationFinding.objects.count() == 1
