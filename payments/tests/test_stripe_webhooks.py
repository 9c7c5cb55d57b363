"""Stripe's webhooks: signed by a live secret, kept once, in any order, twice, late or never."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from io import StringIO
from itertools import permutations

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from payments import recovery, refunds, webhooks
from payments.models import Payment, Refund, WebhookEvent

pytestmark = pytest.mark.django_db

URL = "/api/v1/webhooks/stripe"


@pytest.fixture
def paid_unheard(order, pay, standin):
    """The payer paid in the browser; Stripe knows, and we do not."""
    payment = pay("")
    standin.confirm_in_browser(payment.provider_id, "pm_card_visa", payment.client_secret)
    return payment


@pytest.fixture
def post(client):
    def send(raw, headers):
        return client.post(URL, raw, content_type="application/json", headers=headers).status_code

    return send


def success(standin):
    return standin.events("payment_intent.succeeded")[0]


def test_a_webhook_pays_the_order(order, paid_unheard, standin, deliver):
    assert deliver([success(standin)]) == [200]
    order.refresh_from_db()
    event = WebhookEvent.objects.get()
    assert (order.status, event.payment, event.error) == ("paid", paid_unheard, "")


@pytest.mark.parametrize("secret", ["whsec_former", "whsec_present"])
def test_every_live_secret_is_good(paid_unheard, standin, post, secret):
    assert post(*standin.signed(success(standin), secret)) == 200
    assert WebhookEvent.objects.count() == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda standin, event: standin.signed(event, "whsec_retired"),
        lambda standin, event: standin.signed(event, at=time.time() - 301),
        lambda standin, event: (standin.signed(event)[0] + b" ", standin.signed(event)[1]),
        lambda standin, event: (standin.signed(event)[0], {}),
        lambda standin, event: (standin.signed(event)[0], {"Stripe-Signature": "t=1,v1="}),
        lambda standin, event: (standin.signed(event)[0], {"Stripe-Signature": f"t={'9' * 5000},v1=a"}),
        lambda standin, event: (b"\xff\xfe", standin.signed(event)[1]),
        lambda standin, event: standin.signed(b"this is no JSON"),
        lambda standin, event: standin.signed(b"[]"),
        lambda standin, event: standin.signed(b"[" * 100_000),
        lambda standin, event: standin.signed({**event, "object": "v2.core.event"}),
        lambda standin, event: standin.signed({**event, "data": None}),
        lambda standin, event: standin.signed({**event, "id": "evt_" + "1" * 200}),
        lambda standin, event: standin.signed({**event, "padding": "x" * webhooks.MAX_BYTES}),
        lambda standin, event: standin.signed({**event, "padding": "x" * 1024 * 1024}),
    ],
    ids="secret age bytes unsigned empty digits binary text list deep thin hollow long large larger".split(),
)
def test_what_cannot_be_believed_or_read_gets_400_and_leaves_no_row(paid_unheard, standin, post, spoil):
    assert post(*spoil(standin, success(standin))) == 400
    assert not WebhookEvent.objects.exists()


def test_without_a_key_nobody_listens(paid_unheard, standin, post, settings):
    message = standin.signed(success(standin))
    settings.STRIPE_SECRET_KEY = ""
    assert post(*message) == 404


def test_without_a_secret_nobody_is_believed(paid_unheard, standin, post, settings):
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert post(*standin.signed(success(standin), "")) == 400


def test_the_answer_comes_before_the_work(paid_unheard, standin, post):
    """Nothing is asked of Stripe until the row is committed, so that a slow answer of its costs no retry."""
    asked = len(standin.requests)
    assert post(*standin.signed(success(standin))) == 200
    assert len(standin.requests) == asked
    assert WebhookEvent.objects.get().processed_at is None


def test_what_a_webhook_says_is_asked_again(order, pay, standin, deliver):
    payment = pay("")
    lie = {
        "id": "evt_lie", "object": "event", "type": "payment_intent.succeeded",
        "data": {"object": {**standin.book.intents[payment.provider_id], "status": "succeeded"}},
    }  # fmt: skip
    assert deliver([lie]) == [200]
    order.refresh_from_db()
    assert order.status == "pending"


def test_every_order_of_events_comes_to_the_same_end(order, pay, standin, deliver, monkeypatch):
    payment = pay("")
    for method in ("pm_card_chargeDeclined", "pm_card_visa"):
        standin.confirm_in_browser(payment.provider_id, method, payment.client_secret)
    kinds = ("payment_intent.created", "payment_intent.payment_failed", "payment_intent.succeeded", "charge.succeeded")
    for row in permutations(standin.events(*kinds)):
        again = [{**event, "id": f"{event['id']}-{number}"} for number, event in enumerate(row)]
        assert deliver([*again, *again]) == [200] * 8
        order.refresh_from_db()
        payment.refresh_from_db()
        assert (order.status, order.amount_paid, payment.status) == ("paid", 10_000, "succeeded")
    assert not WebhookEvent.objects.filter(processed_at=None).exists()


def test_a_webhook_delivered_twice_is_kept_once(paid_unheard, standin, deliver):
    event = success(standin)
    assert deliver([event, event, event]) == [200, 200, 200]
    assert WebhookEvent.objects.count() == 1


def test_a_webhook_that_never_comes_is_made_up_for_by_the_sweep(order, paid_unheard):
    recovery.recover(timezone.now() + timedelta(minutes=6))
    order.refresh_from_db()
    assert order.status == "paid"


def test_what_is_no_concern_of_ours_is_kept_and_nothing_follows(standin, deliver, order, pay):
    strangers = [
        {"id": "evt_s1", "object": "event", "type": "customer.created", "data": {"object": {"id": "cus_1"}}},
        {
            "id": "evt_s2", "object": "event", "type": "payment_intent.succeeded",
            "data": {"object": {"id": "pi_stranger", "object": "payment_intent", "metadata": {"payment": "no uuid"}}},
        },
    ]  # fmt: skip
    assert deliver(strangers) == [200, 200]
    assert WebhookEvent.objects.exclude(processed_at=None).count() == 2
    assert not Payment.objects.exists()


def test_a_refund_that_took_its_time_is_settled_by_its_webhook(order, pay, standin, deliver):
    refund = refunds.request(pay("pm_card_pendingRefund"), 4_000, reason="Rain", by=None, now=timezone.now())
    refunds.execute(refund.pk, timezone.now())
    refund.refresh_from_db()
    assert refund.status == "pending"
    standin.end_refund(refund.provider_id, "succeeded")
    deliver(standin.events("refund.updated"))
    order.refresh_from_db()
    assert (Refund.objects.get().status, order.amount_refunded) == ("succeeded", 4_000)


def test_a_refund_that_its_bank_sends_back_is_shown(order, pay, standin, deliver):
    refund = refunds.request(pay("pm_card_visa"), 4_000, reason="Rain", by=None, now=timezone.now())
    refunds.execute(refund.pk, timezone.now())
    refund.refresh_from_db()
    standin.end_refund(refund.provider_id, "failed")
    deliver(standin.events("refund.failed"))
    refund.refresh_from_db()
    assert "expired or canceled card" in refund.failure_message


def replay(*arguments):
    said = StringIO()
    call_command("replay_webhooks", *arguments, stdout=said)
    return said.getvalue().strip()


def test_what_failed_is_replayed(order, paid_unheard, standin, deliver):
    standin.fail("429")
    deliver([success(standin), standin.events("payment_intent.created")[0]])
    assert WebhookEvent.objects.filter(processed_at=None).count() == 1
    assert replay() == "1 webhooks replayed, 0 failed"
    order.refresh_from_db()
    assert order.status == "paid"
    assert replay() == "0 webhooks replayed, 0 failed"


def test_what_fails_again_is_said(paid_unheard, standin, deliver):
    standin.fail("429", times=2)
    deliver([success(standin)])
    with pytest.raises(CommandError, match="failed again"):
        replay()


def test_webhooks_are_replayed_by_id_and_by_time(order, paid_unheard, standin, deliver):
    deliver(standin.events("payment_intent.created", "payment_intent.succeeded"))
    assert replay(success(standin)["id"]) == "1 webhooks replayed, 0 failed"
    assert replay("--since", "2020-01-01") == "2 webhooks replayed, 0 failed"
    assert replay("--since", (timezone.now() + timedelta(minutes=1)).isoformat()) == "0 webhooks replayed, 0 failed"
    assert replay("--provider", "sandbox", "--since", "2020-01-01") == "0 webhooks replayed, 0 failed"
    order.refresh_from_db()
    assert (order.status, order.amount_paid) == ("paid", 10_000)


@pytest.mark.parametrize("arguments", [["evt_unknown"], ["--since", "yesterday"], ["--since", "2026-13-01"]])
def test_a_replay_of_nothing_there_is_says_so(arguments):
    with pytest.raises(CommandError):
        replay(*arguments)


def test_an_event_is_kept_without_the_payers_name_and_secret(paid_unheard, standin, deliver):
    event = success(standin)
    about = event["data"]["object"]
    event["data"]["object"] = about | {
        "receipt_email": "fay@example.com",
        "last_payment_error": {"payment_method": {"id": "pm_1", "billing_details": {"name": "Fay Fan"}}},
    }
    deliver([event])
    kept = WebhookEvent.objects.get().payload
    assert (kept["id"], kept["data"]["object"]["id"]) == (event["id"], about["id"])
    assert kept["data"]["object"]["last_payment_error"] == {"payment_method": {"id": "pm_1"}}
    for private in ("fay@example.com", "Fay Fan", about["client_secret"]):
        assert private not in json.dumps(kept)
