"""Sending refunds: which one is taken up and when, and what is kept of each answer of the provider."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from structlog.testing import capture_logs

from audit.models import AuditLog
from orders.models import Order
from payments import dispute_recovery, refunds
from payments.errors import GatewayUnavailable, KeySpent, PaymentDisputed, RefundExceedsPayment
from payments.gateways import sandbox_disputes
from payments.gateways.base import RefundOutcome
from payments.gateways.sandbox import SandboxGateway
from payments.models import Dispute, Refund, SandboxIntent, SandboxRefund
from payments.pauses import LEASE
from payments.tests.factories import OrderFactory
from trufan.lib.errors import Missing
from trufan.lib.ids import uuid7

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SECOND = timedelta(seconds=1)
SUCCEEDED = RefundOutcome("re_1", Refund.Status.SUCCEEDED)
FAILED = RefundOutcome("", Refund.Status.FAILED, "No.")


class Spent(SandboxGateway):
    def refund(self, refund):
        raise KeySpent


class SettledMeanwhile(SandboxGateway):
    """Its webhook is acted on before the line breaks."""

    def refund(self, refund):
        refunds.settle(refund.pk, super().refund(refund), NOW)
        raise GatewayUnavailable


@pytest.fixture
def payment(pay):
    return pay()


def ask(payment, amount=1_000, **more):
    return refunds.request(payment, amount, reason="Rain", by=None, now=NOW, **more)


def fresh(refund):
    return Refund.objects.select_related("payment").get(pk=refund.pk)


def entry(action):
    return AuditLog.objects.get(action=action)


def dispute(payment):
    """The payer goes to the bank, and we have not heard of it."""
    return sandbox_disputes.open_dispute(SandboxIntent.objects.get(reference=payment.pk), NOW)


# --- Which one, and when ---


def test_only_the_one_that_was_meant_is_sent(payment):
    first, other = ask(payment), ask(payment)
    assert refunds.execute(first.pk, NOW)
    assert (fresh(first).status, fresh(first).attempts) == ("succeeded", 1)
    assert (fresh(other).status, fresh(other).attempts, fresh(other).next_attempt_at) == ("pending", 0, NOW)


def test_one_is_sent_when_it_is_due_and_not_before(payment):
    refund = ask(payment)
    assert not refunds.execute(refund.pk, NOW - SECOND)
    assert not SandboxRefund.objects.exists()
    assert refunds.execute(refund.pk, NOW)


def test_one_that_is_settled_is_not_sent(payment):
    refund = ask(payment)
    refunds.settle(refund.pk, SUCCEEDED, NOW)
    assert not refunds.execute(refund.pk, NOW)
    assert (fresh(refund).attempts, SandboxRefund.objects.count()) == (0, 0)


def test_those_that_are_settled_take_no_place_in_the_sweep(payment):
    done = ask(payment)
    refunds.settle(done.pk, SUCCEEDED, NOW)
    waiting = refunds.request(payment, 1_000, reason="Rain", by=None, now=NOW + SECOND)
    assert refunds.execute_due(NOW + SECOND, limit=1) == 1
    assert fresh(waiting).status == "succeeded"


# --- A provider that does not answer ---


def test_an_attempt_without_an_answer_was_one_and_puts_off_no_other(payment, use_gateway):
    refund, other = ask(payment), ask(payment)
    use_gateway(Spent)
    assert refunds.execute(refund.pk, NOW)
    assert (fresh(refund).attempts, fresh(refund).next_attempt_at) == (1, NOW + timedelta(seconds=30))
    assert (fresh(other).next_attempt_at, fresh(other).round) == (NOW, 1)


def test_a_key_that_the_provider_will_not_take_again_is_replaced(payment, use_gateway):
    refund = ask(payment)
    use_gateway(Spent)
    refunds.execute(refund.pk, NOW)
    assert fresh(refund).round == 2


def test_what_was_settled_while_the_line_broke_is_left_as_it_is(payment, use_gateway):
    refund = ask(payment)
    use_gateway(SettledMeanwhile)
    refunds.execute(refund.pk, NOW)
    assert (fresh(refund).status, fresh(refund).next_attempt_at) == ("succeeded", NOW + LEASE)


def test_one_that_takes_its_time_is_asked_about_after_the_pause(payment):
    refund = ask(payment)
    refunds.settle(refund.pk, RefundOutcome("re_1", Refund.Status.PENDING), NOW)
    assert (fresh(refund).provider_id, fresh(refund).next_attempt_at) == ("re_1", NOW + timedelta(seconds=30))


def test_the_log_says_what_did_not_go_as_it_should(payment, use_gateway):
    late, bounced, refused = (ask(payment) for _ in range(3))
    use_gateway(Spent)
    with capture_logs() as lines:
        refunds.execute(late.pk, NOW)
        for refund, words in ((bounced, [SUCCEEDED, FAILED]), (refused, [FAILED])):
            for word in words:
                refunds.settle(refund.pk, word, NOW)
    said = [(line["log_level"], line["event"], line["refund"]) for line in lines if line["event"].startswith("refund_")]
    assert said == [
        ("warning", "refund_postponed", str(late.pk)),
        ("error", "refund_came_back", str(bounced.pk)),
        ("error", "refund_failed", str(refused.pk)),
    ]


# --- What is kept of an answer ---


def test_the_answer_is_booked_at_the_payment_that_it_is_about(order, pay):
    older = ask(pay())
    ask(pay(of=OrderFactory(venue=order.venue)))
    settled = refunds.settle(older.pk, SUCCEEDED, NOW)
    assert (settled, settled.payment_id, fresh(older).payment.amount_refunded) == (older, older.payment_id, 1_000)
    assert refunds.settle(older.pk, SUCCEEDED, NOW) == older, "told again, it answers the same"


def test_an_answer_about_no_refund_of_ours_is_refused():
    with pytest.raises(Missing):
        refunds.settle(uuid7(), SUCCEEDED, NOW)


def test_of_one_that_succeeded_the_time_is_kept_and_the_payment_says_so(payment):
    refund = ask(payment)
    refunds.settle(refund.pk, SUCCEEDED, NOW)
    assert fresh(refund).settled_at == NOW
    assert (entry("payment.refunded").entity_id, entry("refund.requested").entity_id) == (payment.pk, refund.pk)


def test_of_one_that_failed_it_is_kept_which_when_and_why(payment, monkeypatch):
    told = []
    monkeypatch.setattr(Order, "on_refund_failed", lambda self, refund, now: told.append((self.pk, refund.pk, now)))
    refund = ask(payment)
    refunds.settle(refund.pk, RefundOutcome("re_1", Refund.Status.FAILED, "x" * 300), NOW)
    failed = fresh(refund)
    assert (failed.provider_id, failed.settled_at, failed.failure_message) == ("re_1", NOW, "x" * 255)
    assert told == [(payment.payable_id, refund.pk, NOW)]
    assert entry("refund.failed").new_values["reason"] == "x" * 255


def test_a_refusal_without_a_number_of_the_providers_leaves_none(payment):
    first, second = ask(payment), ask(payment)
    for refund in (first, second):
        refunds.settle(refund.pk, FAILED, NOW)
    assert {fresh(refund).provider_id for refund in (first, second)} == {None}


def test_a_refusal_makes_us_ask_for_a_dispute_that_we_have_not_heard_of(payment):
    dispute(payment)
    refund = ask(payment)
    refunds.execute(refund.pk, NOW)
    assert fresh(refund).status == "failed"
    assert Dispute.objects.get().payment_id == payment.pk


def test_nothing_is_asked_back_of_what_a_bank_disputes(order, payment):
    kept = dispute(payment)
    dispute_recovery.refresh("sandbox", kept.provider_id, NOW)
    with pytest.raises(PaymentDisputed):
        ask(payment)
    with pytest.raises(PaymentDisputed):
        refunds.refuse_disputed(order)
    assert not Refund.objects.exists()


# --- One that came back ---


@pytest.fixture
def came_back(payment):
    """It was for a line of the order."""
    refund = ask(payment, lines={uuid7(): 1_000})
    refunds.settle(refund.pk, SUCCEEDED, NOW)
    refunds.settle(refund.pk, RefundOutcome("re_1", Refund.Status.FAILED, "x" * 300), NOW)
    return fresh(refund)


def test_what_came_back_is_written_down_with_what_is_refunded_now(came_back):
    assert came_back.failure_message == "x" * 255
    told = entry("refund.came_back").new_values
    assert (told["refunded"], told["reason"]) == (0, "x" * 255)


def test_what_replaces_it_is_for_the_same_and_says_who_asked(came_back, olga):
    again = fresh(refunds.retry(came_back, by=olga, now=NOW))
    assert (again.reason, again.lines, again.amount) == ("Rain", came_back.lines, 1_000)
    told = entry("refund.retried")
    assert (told.actor_id, told.entity_id, told.new_values["replaces"]) == (olga.pk, again.pk, str(came_back.pk))


# --- Made without us ---


@pytest.fixture
def by_hand(payment):
    """A refund in the provider's dashboard; its number there."""

    def make(amount, status="succeeded"):
        intent = SandboxIntent.objects.get(reference=payment.pk)
        return intent.refunds.create(key=f"by-hand-{uuid7()}", amount=amount, status=status).provider_id

    return make


def test_one_made_without_us_is_booked_with_where_it_came_from(payment, by_hand, olga):
    number = by_hand(2_500)
    booked = fresh(refunds.adopt(payment, number, 2_500, by=olga, now=NOW))
    assert (booked.status, booked.amount, booked.provider_id) == ("succeeded", 2_500, number)
    assert booked.reason == "Made at the payment provider."
    told = entry("refund.adopted")
    assert (told.actor_id, told.entity_id, told.new_values["provider_id"]) == (olga.pk, booked.pk, number)


def test_one_made_without_us_is_booked_once(payment, by_hand, olga):
    number = by_hand(2_500)
    first, again = (refunds.adopt(payment, number, 2_500, by=olga, now=NOW) for _ in range(2))
    assert again == first
    assert refunds.adopt(payment, by_hand(1_000), 1_000, by=olga, now=NOW) != first
    assert fresh(first).payment.amount_refunded == 3_500


def test_one_made_without_us_is_not_booked_beyond_what_is_left(payment, by_hand, olga):
    number = by_hand(2_500)
    ask(payment, 8_000)
    with pytest.raises(RefundExceedsPayment):
        refunds.adopt(payment, number, 2_500, by=olga, now=NOW)
    assert Refund.objects.count() == 1
