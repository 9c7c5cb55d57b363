"""Settling: whatever a provider says, however often and in whatever order, is recorded once."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from audit.models import AuditLog
from orders.models import Order
from payments import charges
from payments.gateways.base import ChargeOutcome
from payments.models import Payment, Refund
from payments.tests.factories import PaymentFactory
from trufan.lib.errors import Missing

pytestmark = pytest.mark.django_db

SUCCESS = ChargeOutcome("pi_1", Payment.Status.SUCCEEDED, 10_000, "USD")
FAILURE = ChargeOutcome("pi_1", Payment.Status.FAILED, 10_000, "USD", failure_code="card_declined")
ACTION = ChargeOutcome("pi_1", Payment.Status.REQUIRES_ACTION, 10_000, "USD", client_secret="s")
PROCESSING = ChargeOutcome("pi_1", Payment.Status.PROCESSING, 10_000, "USD")
CANCELLED = ChargeOutcome("pi_1", Payment.Status.CANCELLED, 10_000, "USD")


@pytest.fixture
def payment(order):
    return PaymentFactory(order=order)


@pytest.fixture
def settle(django_capture_on_commit_callbacks):
    def run(payment, outcome, **changes):
        with django_capture_on_commit_callbacks(execute=True):
            return charges.settle(payment.pk, replace(outcome, **changes), timezone.now())

    return run


def actions():
    return list(AuditLog.objects.order_by("created_at", "id").values_list("action", flat=True))


def test_success_twice_pays_once(order, payment, settle):
    first = settle(payment, SUCCESS)
    second = settle(payment, SUCCESS)
    order.refresh_from_db()
    assert first.settled_at == second.settled_at
    assert order.amount_paid == 10_000
    assert actions().count("payment.succeeded") == 1


@pytest.mark.parametrize("older", [FAILURE, ACTION, PROCESSING, CANCELLED])
def test_what_is_older_than_success_changes_nothing(order, payment, settle, older):
    settle(payment, SUCCESS)
    assert settle(payment, older).status == "succeeded"
    order.refresh_from_db()
    assert order.status == "paid"


@pytest.mark.parametrize("older", [ACTION, PROCESSING, CANCELLED])
def test_what_is_older_than_failure_changes_nothing(payment, settle, older):
    settle(payment, FAILURE)
    assert settle(payment, older).status == "failed"


@pytest.mark.parametrize("next_", [ACTION, PROCESSING, CANCELLED])
def test_what_failed_but_may_be_tried_again_follows_its_provider(payment, settle, next_):
    settle(payment, FAILURE, can_retry=True)
    assert settle(payment, next_).status == next_.status


def test_of_two_declined_cards_the_last_one_is_shown(payment, settle):
    settle(payment, FAILURE, can_retry=True)
    assert settle(payment, FAILURE, can_retry=True, failure_code="expired_card").failure_code == "expired_card"
    assert actions().count("payment.failed") == 1


def test_what_failed_stays_so_while_another_attempt_is_open(order, payment, settle):
    settle(payment, FAILURE, can_retry=True)
    PaymentFactory(order=order)
    assert settle(payment, PROCESSING).status == "failed"
    assert settle(payment, SUCCESS).status == "succeeded", "but money is money"


def test_success_over_less_than_is_due_is_held(order, payment, settle):
    Order.objects.update(amount_total=12_000)
    assert settle(payment, SUCCESS).status == "created"
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.failure_code, order.status, order.amount_paid) == ("amount_mismatch", "pending", 0)


@pytest.mark.parametrize("before", [FAILURE, CANCELLED])
def test_success_is_honoured_after_failure_and_cancellation(order, payment, settle, before):
    settle(payment, before)
    settle(payment, SUCCESS)
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (payment.status, payment.failure_code, order.status) == ("succeeded", "", "paid")


def test_the_way_through_a_second_step(order, payment, settle):
    assert settle(payment, ACTION).client_secret == "s"
    settle(payment, PROCESSING)
    settle(payment, SUCCESS)
    order.refresh_from_db()
    assert order.status == "paid"


@pytest.mark.parametrize(
    "wrong",
    [{"amount": 9_999}, {"amount": 10_001}, {"currency": "EUR"}, {"amount": 1, "status": Payment.Status.PROCESSING}],
)
def test_another_sum_is_never_settled_but_held_for_a_person(order, payment, settle, wrong):
    with capture_logs() as logs:
        settle(payment, SUCCESS, **wrong)
        settle(payment, SUCCESS, **wrong)
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (payment.status, payment.failure_code) == ("created", "amount_mismatch")
    assert (order.status, order.amount_paid) == ("pending", 0)
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["payment_held"]
    assert actions().count("payment.held") == 1


def test_the_currency_may_be_written_small(order, payment, settle):
    assert settle(payment, SUCCESS, currency="usd").status == "succeeded"


def test_an_outcome_of_another_charge_is_held(order, payment, settle):
    settle(payment, ACTION)
    held = settle(payment, SUCCESS, provider_id="pi_2")
    assert (held.status, held.failure_code, held.provider_id) == ("requires_action", "provider_id_mismatch", "pi_1")


def test_money_for_a_cancelled_order_goes_back_in_full(order, payment, settle):
    Order.objects.filter(pk=order.pk).update(status="cancelled")
    payment.provider_id = None
    settled = settle(payment, SUCCESS)
    order.refresh_from_db()
    refund = Refund.objects.get()
    assert (settled.status, refund.amount, order.status) == ("succeeded", 10_000, "cancelled")
    assert order.amount_paid == 10_000
    assert "payment.succeeded" in actions()
    assert "refund.requested" in actions()


def test_a_second_payment_does_not_count_and_goes_back(order, settle):
    first = PaymentFactory(order=order)
    settle(first, SUCCESS)
    second = PaymentFactory(order=order)
    settle(second, SUCCESS, provider_id="pi_2")
    order.refresh_from_db()
    second.refresh_from_db()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("paid", 10_000, 0)
    assert not second.counted
    assert second.refunds.get().amount == 10_000
    assert not first.refunds.exists()


def test_a_late_success_takes_an_expired_order_again(order, payment, settle):
    Order.objects.filter(pk=order.pk).update(status="expired", expires_at=timezone.now() - timedelta(minutes=1))
    settle(payment, SUCCESS)
    order.refresh_from_db()
    assert order.status == "paid"
    assert not Refund.objects.exists()


def test_a_payment_nobody_made_is_missing(settle, db):
    with pytest.raises(Missing):
        charges.settle(uuid.uuid4(), SUCCESS, timezone.now())
