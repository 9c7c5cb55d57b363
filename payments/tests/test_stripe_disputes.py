"""Disputes through Stripe's own client: webhooks in any order, twice, late, never; answers; what goes wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from payments import dispute_answers, dispute_recovery, refunds, webhooks
from payments.errors import GatewayRefused, GatewayUnavailable, NeverHeard, PaymentDisputed
from payments.gateways.stripe import StripeGateway
from payments.models import Dispute, Payment, Refund, Transfer, WebhookEvent
from payments.tests.factories import OrderFactory, PaymentFactory
from payments.tests.stripe_standin import StripeStandIn

pytestmark = pytest.mark.django_db

KINDS = [f"charge.dispute.{kind}" for kind in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")]


@pytest.fixture
def paid(pay, standin: StripeStandIn) -> Payment:
    payment: Payment = pay("pm_card_visa")
    assert payment.status == "succeeded"
    return payment


def held(payment: Payment) -> tuple[int, int]:
    """Of the payment, and of its order."""
    payment.refresh_from_db()
    return payment.amount_disputed, payment.payable().amount_disputed


def told(standin: StripeStandIn) -> list:
    return standin.events(*KINDS)


def test_a_webhook_opens_a_dispute(paid, standin, deliver):
    dispute_id = standin.open_dispute(paid.provider_id, 4_000)
    assert deliver(told(standin)) == [200, 200]
    dispute = Dispute.objects.get()
    assert (dispute.provider, dispute.provider_id, dispute.payment) == ("stripe", dispute_id, paid)
    assert (dispute.status, dispute.amount, dispute.currency, dispute.reason) == (
        "needs_response", 4_000, "USD", "fraudulent",
    )  # fmt: skip
    assert dispute.evidence_due_by == dispute.opened_at + timedelta(days=7)
    assert (dispute.fee, dispute.fee_currency, dispute.funds_withdrawn_at is not None) == (1_500, "USD", True)
    assert held(paid) == (4_000, 4_000)
    assert set(WebhookEvent.objects.values_list("payment", "error")) == {(paid.pk, "")}


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_every_order_of_events_comes_to_the_same_end(pay, standin, deliver, outcome, venue):
    for number, row in enumerate(permutations(range(4 if outcome == "won" else 3))):
        payment = pay("pm_card_visa", of=OrderFactory(venue=venue))
        seen = len(standin.book.events)
        standin.close_dispute(standin.open_dispute(payment.provider_id), outcome)
        news = [event for event in standin.book.events[seen:] if event["type"] in KINDS]
        again = [{**news[at], "id": f"evt_{number}_{at}"} for at in row]
        assert deliver([*again, *again]) == [200] * 2 * len(news)
        dispute = payment.disputes.get()
        left = 0 if outcome == "won" else payment.amount
        assert (dispute.status, held(payment)) == (outcome, (left, left))
        assert (dispute.funds_reinstated_at is not None) == (outcome == "won")
    assert not WebhookEvent.objects.filter(processed_at=None).exists()


def test_each_step_is_followed_as_it_is_told(paid, standin, deliver):
    dispute_id = standin.open_dispute(paid.provider_id, status="warning_needs_response")
    deliver(told(standin))
    assert (Dispute.objects.get().stage, held(paid)) == ("warning", (0, 0))
    for status, left in (("needs_response", 10_000), ("under_review", 10_000), ("won", 0)):
        seen = len(standin.book.events)
        standin.close_dispute(dispute_id, status)
        deliver(standin.book.events[seen:])
        assert (Dispute.objects.get().status, held(paid)) == (status, (left, left))
    dispute = Dispute.objects.get()
    assert (dispute.fee, dispute.fee_returned) == (1_500, 1_500)


def test_late_news_are_asked_about_and_change_nothing(paid, standin, deliver):
    dispute_id = standin.open_dispute(paid.provider_id)
    early = told(standin)
    standin.close_dispute(dispute_id, "won")
    deliver(told(standin)[len(early) :])
    deliver(early)
    assert (Dispute.objects.get().status, held(paid)) == ("won", (0, 0))


def test_what_a_webhook_says_is_not_believed(paid, standin, deliver):
    standin.open_dispute(paid.provider_id)
    (event, _) = told(standin)
    event["data"]["object"] |= {"status": "lost", "amount": 1}
    deliver([event])
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.amount) == ("needs_response", 10_000)


def test_a_dispute_may_overtake_the_news_of_its_payment(order, pay, standin, deliver):
    payment = pay("")
    standin.confirm_in_browser(payment.provider_id, "pm_card_createDispute", payment.client_secret)
    deliver(told(standin))
    order.refresh_from_db()
    assert (order.status, held(payment)) == ("paid", (10_000, 10_000))


def test_a_dispute_is_found_where_the_answer_to_the_charge_was_lost(paid, standin, deliver):
    """Our own id in the intent's metadata leads to the payment."""
    standin.open_dispute(paid.provider_id)
    Payment.objects.update(provider_id=None)
    deliver(told(standin))
    assert Dispute.objects.get().payment == paid


def test_a_strangers_dispute_is_kept_and_nothing_follows(paid, standin, deliver):
    standin.open_dispute(paid.provider_id)
    standin.book.intents[paid.provider_id]["metadata"] = {}
    Payment.objects.update(provider_id="pi_other")
    assert deliver(told(standin)) == [200, 200]
    assert not Dispute.objects.exists()
    assert not WebhookEvent.objects.filter(processed_at=None).exists()


def test_a_webhook_that_never_comes_is_made_up_for_by_the_sweeps(paid, standin):
    dispute_id = standin.open_dispute(paid.provider_id)
    assert dispute_recovery.look_for_new(timezone.now()) == 1
    assert held(paid) == (10_000, 10_000)
    standin.close_dispute(dispute_id, "won")
    assert dispute_recovery.refresh_due(timezone.now() + timedelta(hours=7)) == 1
    assert held(paid) == (0, 0)


def test_new_disputes_are_looked_for_once_an_hour(paid, standin):
    dispute_recovery.look_for_new(timezone.now())
    asked = len(standin.requests)
    standin.open_dispute(paid.provider_id)
    assert dispute_recovery.look_for_new(timezone.now()) == 0
    assert len(standin.requests) == asked


def test_more_disputes_than_fit_on_a_page_are_all_found(pay, standin, venue):
    payment = pay("pm_card_visa")
    for _ in range(101):
        standin.open_dispute(payment.provider_id, 10)
    assert len(list(StripeGateway().disputes_of(payment))) == 101


def test_a_status_that_is_new_to_us_hides_no_other_dispute(paid, standin, deliver):
    strange = standin.open_dispute(paid.provider_id, 1_000)
    standin.book.disputes[strange]["status"] = "arbitrated"
    standin.open_dispute(paid.provider_id, 2_000)
    assert dispute_recovery.look_for_new(timezone.now()) == 1
    assert held(paid) == (2_000, 2_000)
    deliver(told(standin)[:1])
    assert "arbitrated" in WebhookEvent.objects.get().error


def test_a_refund_that_stripe_refuses_makes_us_look_for_disputes(paid, standin):
    refund = refunds.request(paid, 4_000, reason="Rain", by=None, now=timezone.now())
    standin.open_dispute(paid.provider_id)
    refunds.execute(refund.pk, timezone.now())
    refund.refresh_from_db()
    assert (refund.status, refund.failure_message.endswith("cannot issue a refund.")) == ("failed", True)
    assert held(paid) == (10_000, 10_000)
    with pytest.raises(PaymentDisputed):
        refunds.request(paid, 1, reason="Rain", by=None, now=timezone.now())
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "status"),
    [("winning_evidence", "won"), ("losing_evidence", "lost"), ("They danced all night.", "under_review")],
)
def test_evidence_is_sent_once_and_the_bank_decides(paid, standin, deliver, olga, text, status):
    dispute_id = standin.open_dispute(paid.provider_id)
    deliver(told(standin))
    dispute_answers.submit(Dispute.objects.get(), text=text, by=olga, now=timezone.now())
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.evidence) == (status, text)
    assert standin.book.disputes[dispute_id]["evidence"]["uncategorized_text"] == text
    assert ("POST", f"/v1/disputes/{dispute_id}", f"dispute-{dispute.pk}-1") in standin.requests


def test_a_dispute_is_given_up(paid, standin, deliver, olga):
    standin.open_dispute(paid.provider_id)
    deliver(told(standin))
    dispute_answers.accept(Dispute.objects.get(), by=olga, now=timezone.now())
    assert (Dispute.objects.get().stage, held(paid)) == ("lost", (10_000, 10_000))


def test_an_answer_that_stripe_refuses_says_so(paid, standin, deliver, olga):
    dispute_id = standin.open_dispute(paid.provider_id)
    deliver(told(standin))
    standin.close_dispute(dispute_id, "under_review")
    with pytest.raises(GatewayRefused, match="closed or under review"):
        dispute_answers.submit(Dispute.objects.get(), text="Too late", by=olga, now=timezone.now())


def test_an_answer_whose_echo_was_lost_is_given_again_and_found_given(paid, standin, deliver, olga):
    dispute_id = standin.open_dispute(paid.provider_id)
    deliver(told(standin))
    standin.fail("drop", times=3)
    dispute = Dispute.objects.get()
    with pytest.raises(GatewayUnavailable):
        dispute_answers.submit(dispute, text="They danced.", by=olga, now=timezone.now())
    assert standin.book.disputes[dispute_id]["evidence_details"]["submission_count"] == 1
    dispute_recovery.refresh("stripe", dispute_id, timezone.now())
    assert Dispute.objects.get().status == "under_review"


@pytest.mark.parametrize("fault", ["429", "500", "drop"])
def test_a_webhook_is_acted_on_again_where_stripe_does_not_answer(paid, standin, deliver, fault):
    standin.open_dispute(paid.provider_id)
    standin.fail(fault, times=3)
    deliver(told(standin)[:1])
    assert WebhookEvent.objects.get().error.startswith("GatewayUnavailable")
    standin.faults.clear()
    webhooks.replay(WebhookEvent.objects.all(), timezone.now())
    assert held(paid) == (10_000, 10_000)


def test_a_dispute_that_stripe_does_not_know(standin):
    with pytest.raises(NeverHeard):
        StripeGateway().look_up_dispute("du_none")


def test_a_payment_that_never_reached_stripe_has_no_disputes(standin, order):
    assert list(StripeGateway().disputes_of(PaymentFactory(order=order, provider="stripe"))) == []


def test_an_event_is_kept_without_the_evidence(paid, standin, deliver):
    standin.open_dispute(paid.provider_id)
    deliver(told(standin))
    for event in WebhookEvent.objects.all():
        assert "evidence_details" in event.payload["data"]["object"]
        for private in ("Fay Fan", "203.0.113.9"):
            assert private not in json.dumps(event.payload)


def test_shares_stay_owed_while_it_is_disputed(paid, standin, deliver):
    standin.open_dispute(paid.provider_id, 5_000)
    deliver(told(standin))
    (transfer,) = Transfer.objects.all()
    assert (transfer.status, transfer.sendable) == ("owed", 5_000)
