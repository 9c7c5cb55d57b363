"""Webhooks: believed only as far as their signature, kept once, acted on until it works."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from payments import refunds, sandbox_payer, webhooks
from payments.errors import GatewayUnavailable
from payments.gateways import signatures
from payments.gateways.base import RefundOutcome
from payments.gateways.sandbox import SandboxGateway
from payments.models import Payment, SandboxIntent, WebhookEvent

pytestmark = pytest.mark.django_db

URL = "/api/v1/webhooks/sandbox"


@pytest.fixture
def late(order, pay):
    """A payment that the provider has collected and we have not heard of."""
    payment = pay("pm_sandbox_late")
    SandboxIntent.objects.update(status="succeeded", webhook_state="succeeded")
    return payment


@pytest.fixture
def send(client, django_capture_on_commit_callbacks):
    def post(raw, headers):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(URL, raw, content_type="application/json", headers=headers)

    return post


def message(at=None, **changes):
    """The signed webhook of the one intent there is."""
    return sandbox_payer.webhook_for(SandboxIntent.objects.get(), "succeeded", at or timezone.now())


def signed(body, settings, at=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return raw, {"Sandbox-Signature": signatures.sign(raw, settings.SANDBOX_WEBHOOK_SECRET, at or timezone.now())}


def test_a_good_webhook_pays_the_order(order, late, send):
    response = send(*message())
    order.refresh_from_db()
    event = WebhookEvent.objects.get()
    assert (response.status_code, response.json()) == (200, {"received": True})
    assert order.status == "paid"
    assert event.processed_at
    assert event.payment == late
    assert event.attempts == 1


def test_the_same_webhook_twice_is_kept_once(order, late, send):
    raw, headers = message()
    assert [send(raw, headers).status_code for _ in range(2)] == [200, 200]
    order.refresh_from_db()
    assert order.amount_paid == 10_000
    assert WebhookEvent.objects.get().attempts == 1


def test_what_a_webhook_claims_is_not_believed(order, pay, send):
    payment = pay("pm_sandbox_late")
    assert send(*message()).status_code == 200
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.status, order.status) == ("processing", "pending")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        "t=,v1=",
        "t=1,v1=abc",
        "t=99999999999999999999,v1=abc",
        "v1=abc",
        "t=²,v1=abc",
        "t=1,t=2,v1=abc",
    ],
)
def test_a_bad_signature_leaves_no_row(late, send, header):
    raw, _ = message()
    response = send(raw, {"Sandbox-Signature": header})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_signature"
    assert not WebhookEvent.objects.exists()


def test_no_signature_at_all_leaves_no_row(late, send):
    assert send(message()[0], {}).status_code == 400
    assert not WebhookEvent.objects.exists()


def test_a_changed_body_leaves_no_row(late, send):
    raw, headers = message()
    assert send(raw.replace(b"succeeded", b"Succeeded"), headers).status_code == 400
    assert not WebhookEvent.objects.exists()


def test_a_signature_under_another_secret_leaves_no_row(late, send):
    raw, _ = message()
    headers = {"Sandbox-Signature": signatures.sign(raw, "another", timezone.now())}
    assert send(raw, headers).status_code == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_recording_leaves_no_row(late, send, age):
    assert send(*message(timezone.now() - age)).status_code == 400
    assert not WebhookEvent.objects.exists()


def test_one_of_several_signatures_is_enough(late, send):
    raw, headers = message()
    stamp, _, good = headers["Sandbox-Signature"].partition(",")
    assert send(raw, {"Sandbox-Signature": f"{stamp},v1=old,{good}"}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"",
        b"[]",
        b'"text"',
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"id": "evt_1", "type": "x", "data": []}',
        b'{"id": "evt_1", "type": "x", "data": {"object": {"id": "pi", "metadata": {"payment": "me"}}}}',
        b"[" * 100_000,
    ],
)
def test_a_signed_body_that_makes_no_sense_leaves_no_row(send, settings, body):
    response = send(*signed(body, settings))
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_webhook"
    assert not WebhookEvent.objects.exists()


def test_a_body_too_large_leaves_no_row(send, settings):
    raw, headers = signed(b" " * (webhooks.MAX_BYTES + 1), settings)
    assert send(raw, headers).status_code == 400
    assert not WebhookEvent.objects.exists()


def test_a_webhook_about_somebody_elses_payment_is_kept_and_let_be(late, send, settings):
    raw, _ = message()
    body = json.loads(raw)
    body["data"]["object"] |= {"id": "pi_elsewhere", "metadata": {"payment": "01938d2e-6f1c-7c2a-9d4e-2b6f0a1c3e5d"}}
    assert send(*signed(body, settings)).status_code == 200
    event = WebhookEvent.objects.get()
    assert event.processed_at
    assert event.payment is None


def test_a_failure_is_kept_with_the_event_and_tried_again_later(order, late, send, use_gateway):
    class Absent(SandboxGateway):
        def look_up(self, payment):
            raise GatewayUnavailable

    use_gateway(Absent)
    assert send(*message()).status_code == 200
    event = WebhookEvent.objects.get()
    assert event.processed_at is None
    assert "GatewayUnavailable" in event.error
    waited = event.next_attempt_at
    webhooks.process_due(waited)
    event.refresh_from_db()
    assert event.attempts == 2
    assert event.next_attempt_at - waited == timedelta(minutes=1)
    use_gateway(SandboxGateway)
    assert webhooks.process_due(timezone.now()) == 0
    assert webhooks.process_due(event.next_attempt_at) == 1
    event.refresh_from_db()
    order.refresh_from_db()
    assert (order.status, event.error) == ("paid", "")
    assert event.processed_at


def test_a_webhook_about_a_refund_brings_the_refund_up_to_date(order, pay, send, use_gateway):
    class Slow(SandboxGateway):
        """Its refunds take time, and a webhook says when to ask again."""

        def refund(self, refund):
            return RefundOutcome("re_slow", "pending")

        def look_up_refund(self, refund):
            return RefundOutcome("re_slow", "succeeded")

        def parse_event(self, payload):
            return replace(super().parse_event(payload), provider_refund_id="re_slow")

    use_gateway(Slow)
    payment, now = pay(), timezone.now()
    refund = refunds.request(payment, 4_000, reason="Rain", by=None, now=now)
    refunds.execute(refund.pk, now)
    assert send(*message()).status_code == 200
    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.status, order.amount_refunded) == ("succeeded", 4_000)
    assert WebhookEvent.objects.get().payment == payment


def test_a_webhook_that_a_crash_left_is_acted_on_by_the_sweep(order, late):
    now = timezone.now()
    webhooks.receive("sandbox", *message(now), now)
    assert Payment.objects.get().status == "processing"
    assert webhooks.process_due(now) == 1
    assert webhooks.process_due(now) == 0
    order.refresh_from_db()
    assert order.status == "paid"


def test_the_sandbox_sends_its_webhooks_when_they_are_due(order, pay, settings):
    pay("pm_sandbox_late")
    now = timezone.now()
    assert sandbox_payer.deliver_due(now) == 0
    later = now + timedelta(seconds=settings.SANDBOX_LATE_SECONDS + 1)
    assert sandbox_payer.deliver_due(later) == 1
    assert sandbox_payer.deliver_due(later) == 0
    webhooks.process_due(later)
    order.refresh_from_db()
    assert order.status == "paid"


def test_a_late_failure_leaves_the_order_to_be_paid_again(order, pay):
    pay("pm_sandbox_late_failure")
    later = timezone.now() + timedelta(minutes=1)
    sandbox_payer.deliver_due(later)
    webhooks.process_due(later)
    assert Payment.objects.get().status == "failed"
    assert pay().status == "succeeded"


def test_production_has_no_sandbox_to_listen_to(late, send, settings):
    raw, headers = message()
    settings.DJANGO_ENV = "production"
    assert send(raw, headers).status_code == 404
    assert not WebhookEvent.objects.exists()
