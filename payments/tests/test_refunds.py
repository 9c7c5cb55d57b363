"""Refunds: never more than was paid, and every one of them seen to its end."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders.errors import AlreadyRefunded
from orders.models import Order
from payments import dispute_recovery, refunds
from payments.errors import NotRefundable, PaymentDisputed, RefundExceedsPayment
from payments.gateways import sandbox_disputes
from payments.gateways.base import RefundOutcome
from payments.gateways.sandbox import SandboxGateway
from payments.models import Payment, Refund, SandboxIntent, SandboxRefund
from payments.tests.factories import OrderFactory, PaymentFactory
from trufan.lib.errors import Invalid, InvalidMove
from trufan.lib.ids import uuid7

pytestmark = pytest.mark.django_db


class TakesItsTime(SandboxGateway):
    """Accepts a refund and says later what became of it, as banks do."""

    answers: list[RefundOutcome] = []

    def refund(self, refund):
        return RefundOutcome("re_slow", Refund.Status.PENDING)

    def look_up_refund(self, refund):
        return self.answers.pop(0)


@pytest.fixture
def ask(django_capture_on_commit_callbacks):
    def request(payment, amount, by=None):
        with django_capture_on_commit_callbacks(execute=True):
            refund = refunds.request(payment, amount, reason="Rain", by=by, now=timezone.now())
        refund.refresh_from_db()
        return refund

    return request


def test_a_refund_goes_out_once_the_request_is_committed(order, pay, ask, olga):
    payment = pay()
    refund = ask(payment, 2_500, by=olga)
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (refund.status, refund.requested_by, refund.currency) == ("succeeded", olga, "USD")
    assert (payment.amount_refunded, order.amount_refunded, order.status) == (2_500, 2_500, "paid")
    assert AuditLog.objects.filter(action="payment.refunded", venue_id=order.venue_id).count() == 1


def test_nothing_leaves_before_the_commit(pay):
    refund = refunds.request(pay(), 2_500, reason="Rain", by=None, now=timezone.now())
    assert refund.status == "pending"
    assert not SandboxRefund.objects.exists()


def test_a_full_refund_ends_the_order(order, pay, ask):
    ask(pay(), 10_000)
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", 10_000)


def test_a_pending_refund_already_counts(pay):
    payment = pay()
    refunds.request(payment, 6_000, reason="Rain", by=None, now=timezone.now())
    with pytest.raises(RefundExceedsPayment) as refusal:
        refunds.request(payment, 4_001, reason="Rain", by=None, now=timezone.now())
    assert refusal.value.data["left"] == 4_000
    refunds.request(payment, 4_000, reason="Rain", by=None, now=timezone.now())


def test_parts_add_up_to_the_payment_and_not_to_more(order, pay, ask):
    payment = pay()
    for part in (3_333, 3_333, 3_334):
        ask(payment, part)
    with pytest.raises(RefundExceedsPayment):
        ask(payment, 1)
    order.refresh_from_db()
    assert order.amount_refunded == 10_000


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_or_less_is_no_refund(pay, ask, amount):
    with pytest.raises(Invalid):
        ask(pay(), amount)


@pytest.mark.parametrize("method", ["pm_card_chargeDeclined", "pm_sandbox_late", "pm_card_authenticationRequired"])
def test_only_money_that_came_can_go_back(pay, ask, method):
    with pytest.raises(NotRefundable):
        ask(pay(method), 1)


def test_everything_that_is_left_of_an_order_goes_back(order, pay, ask, django_capture_on_commit_callbacks):
    payment = pay()
    ask(payment, 4_000)
    with django_capture_on_commit_callbacks(execute=True):
        made = refunds.request_all(order, reason="Cancelled", by=None, now=timezone.now())
    assert [refund.amount for refund in made] == [6_000]
    assert refunds.request_all(order, reason="Cancelled", by=None, now=timezone.now()) == []
    order.refresh_from_db()
    assert order.amount_refunded == 10_000


def test_an_attempt_that_failed_has_nothing_to_give_back(order, pay):
    pay("pm_card_chargeDeclined")
    assert refunds.request_all(order, reason="Cancelled", by=None, now=timezone.now()) == []


def test_a_refund_the_bank_refuses_is_shown_and_frees_its_share(order, pay, ask):
    payment = pay("pm_card_refundFail")
    refund = ask(payment, 10_000)
    payment.refresh_from_db()
    order.refresh_from_db()
    assert refund.status == "failed"
    assert refund.failure_message
    assert (payment.amount_refunded, order.amount_refunded, order.status) == (0, 0, "paid")
    assert refunds.remainder(payment) == 10_000


def test_a_failed_refund_asked_again_is_a_new_request(pay, ask, use_gateway, olga, django_capture_on_commit_callbacks):
    payment = pay("pm_card_refundFail")
    refund = ask(payment, 10_000)
    SandboxRefund.objects.get().intent.refunds.model.objects.update(status="failed")
    type(SandboxRefund.objects.get().intent).objects.update(payment_method="pm_card_visa")
    with django_capture_on_commit_callbacks(execute=True):
        refunds.retry(refund, by=olga, now=timezone.now())
    refund.refresh_from_db()
    assert (refund.status, refund.round) == ("succeeded", 2)
    assert SandboxRefund.objects.count() == 2
    with pytest.raises(InvalidMove):
        refunds.retry(refund, by=olga, now=timezone.now())


def test_a_retry_never_returns_more_than_is_left(pay, ask, olga):
    payment = pay("pm_card_refundFail")
    refund = ask(payment, 10_000)
    refunds.request(payment, 1, reason="Rain", by=None, now=timezone.now())
    with pytest.raises(RefundExceedsPayment):
        refunds.retry(refund, by=olga, now=timezone.now())
    refund.refresh_from_db()
    assert refund.status == "failed"


def test_a_refund_that_takes_its_time_is_asked_about_until_it_is_done(order, pay, ask, use_gateway):
    payment = pay()
    use_gateway(TakesItsTime)
    TakesItsTime.answers = [
        RefundOutcome("re_slow", Refund.Status.PENDING),
        RefundOutcome("re_slow", Refund.Status.SUCCEEDED),
    ]
    refund = ask(payment, 10_000)
    assert (refund.status, refund.provider_id) == ("pending", "re_slow")
    for _ in range(2):
        refunds.execute_due(refund.next_attempt_at)
        refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.status, order.amount_refunded) == ("succeeded", 10_000)


def test_the_same_answer_twice_is_booked_once(order, pay):
    payment = pay()
    refund = refunds.request(payment, 4_000, reason="Rain", by=None, now=timezone.now())
    done = RefundOutcome("re_1", Refund.Status.SUCCEEDED)
    refunds.settle(refund.pk, done, timezone.now())
    refunds.settle(refund.pk, done, timezone.now())
    refunds.settle(refund.pk, RefundOutcome("re_1", Refund.Status.PENDING), timezone.now())
    payment.refresh_from_db()
    order.refresh_from_db()
    assert payment.amount_refunded == order.amount_refunded == 4_000


def test_a_second_payment_goes_back_without_touching_the_order(order, pay, ask):
    pay()
    second = PaymentFactory(order=order, status="succeeded", counted=False, provider_id=None)
    SandboxGateway().charge(second)
    assert ask(second, 10_000).status == "succeeded"
    order.refresh_from_db()
    assert (order.status, order.amount_paid, order.amount_refunded) == ("paid", 10_000, 0)


def test_a_request_keeps_who_asked_why_and_for_which_lines(pay, olga):
    line = uuid7()
    payment = pay()
    refund = refunds.request(payment, 2_500, reason="x" * 300, by=olga, now=timezone.now(), lines={line: 2_500})
    refund.refresh_from_db()
    assert (refund.reason, refund.lines, refund.requested_by) == ("x" * 255, {str(line): 2_500}, olga)
    told = AuditLog.objects.get(action="refund.requested")
    assert told.actor_id == olga.pk


def test_everything_of_an_order_is_everything_of_that_order_alone(order, pay, django_capture_on_commit_callbacks):
    other = OrderFactory(venue=order.venue)
    pay()
    kept = pay(of=other)
    with django_capture_on_commit_callbacks(execute=True):
        refunds.request_all(order, reason="Cancelled", by=None, now=timezone.now())
    kept.refresh_from_db()
    assert kept.amount_refunded == 0


def test_what_a_bank_disputes_is_not_left_to_be_refunded(pay):
    payment = pay()
    Payment.objects.filter(pk=payment.pk).update(amount_disputed=3_000, amount_refunded=1_000)
    payment.refresh_from_db()
    assert refunds.remainder(payment) == 6_000


def test_a_cent_that_is_left_goes_back_and_nothing_does_not(order, pay, ask):
    payment = pay()
    ask(payment, 9_999)
    assert [each.amount for each in refunds.request_all(order, reason="Rest", by=None, now=timezone.now())] == [1]


def test_a_retry_begins_anew_and_tells_who_asked(order, pay, ask, olga):
    refund = ask(pay("pm_card_refundFail"), 10_000)
    Refund.objects.filter(pk=refund.pk).update(attempts=4)
    again = refunds.retry(refund, by=olga, now=timezone.now())
    again.refresh_from_db()
    assert (again.status, again.attempts, again.failure_message, again.settled_at) == ("pending", 0, "", None)
    told = AuditLog.objects.get(action="refund.retried")
    assert (told.actor_id, told.new_values["round"]) == (olga.pk, 2)


def test_a_retry_asks_the_order_and_tells_it(order, pay, ask, olga, monkeypatch):
    refund = ask(pay("pm_card_refundFail"), 10_000)
    told = []
    monkeypatch.setattr(Order, "refuse_refund", lambda self, refund, now: AlreadyRefunded())
    with pytest.raises(AlreadyRefunded):
        refunds.retry(refund, by=olga, now=timezone.now())
    refund.refresh_from_db()
    assert refund.status == "failed"
    monkeypatch.setattr(Order, "refuse_refund", lambda self, refund, now: None)
    monkeypatch.setattr(Order, "on_refund_retried", lambda self, refund, again, now: told.append((refund, again)))
    refunds.retry(refund, by=olga, now=timezone.now())
    assert told == [(refund, refund)]


def test_while_a_bank_disputes_a_payment_no_refund_is_retried(order, pay, ask, olga):
    refund = ask(pay("pm_card_refundFail"), 1_000)
    kept = sandbox_disputes.open_dispute(SandboxIntent.objects.get(), timezone.now())
    assert dispute_recovery.refresh("sandbox", kept.provider_id, timezone.now())
    with pytest.raises(PaymentDisputed):
        refunds.retry(refund, by=olga, now=timezone.now())
