"""What providers report about mails, in their own formats, through the endpoint."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from django.utils import timezone

from notifications.channels import CHANNELS
from notifications.delivery import deliver
from notifications.models import Consent, Notification, Suppression
from notifications.outbox import send
from notifications.refusals import suppressing

pytestmark = pytest.mark.django_db

SECRET = "hook:zAq12WsXcDe34RfVbGt5"


@pytest.fixture(autouse=True)
def postmark(settings) -> None:
    settings.EMAIL_PROVIDER = "postmark"
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": [SECRET]}


@pytest.fixture
def row(fay) -> Notification:
    """A mail that the provider took as `pm-1`."""
    sent = send("greeting", "fay@example.com", user=fay)
    Notification.objects.filter(pk=sent.pk).update(status="sent", provider_id="pm-1", sent_at=timezone.now())
    sent.refresh_from_db()
    return sent


def tell(api, body: Any, secret: str | None = SECRET, provider: str = "postmark", **headers: str) -> Any:
    if secret is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(secret.encode()).decode()
    path = f"/api/v1/webhooks/email/{provider}"
    content = body if isinstance(body, str) else json.dumps(body)
    return api.post(path, data=content, content_type="application/json", headers=headers)


def report(kind: str, row: Notification | None = None, **more: Any) -> dict[str, Any]:
    """As Postmark says it."""
    metadata = {"notification": str(row.pk)} if row else {}
    at = {"Delivery": "DeliveredAt", "Bounce": "BouncedAt", "SpamComplaint": "BouncedAt"}.get(kind, "ReceivedAt")
    return {
        "RecordType": kind,
        "MessageID": "pm-1",
        "Metadata": metadata,
        at: "2026-11-05T16:33:54Z",
        "Recipient" if kind == "Delivery" else "Email": "Fay@Example.com",
        **more,
    }


DELIVERED = report("Delivery", Details="smtp;250 2.0.0 OK")
DELAYED = report("Bounce", Type="Transient", Details="smtp;451 4.7.1 greylisted")
SOFT = report("Bounce", Type="SoftBounce", Details="smtp;452 4.2.2 mailbox full")
HARD = report("Bounce", Type="HardBounce", Details="smtp;550 5.1.1 no such user")
SPAM = report("SpamComplaint", Type="SpamComplaint")
OPENED = report("Open")


def state(row: Notification) -> str:
    row.refresh_from_db()
    return row.provider_status


def test_what_arrived_is_known_to_have_arrived(api, row):
    answer = tell(api, DELIVERED)
    assert (answer.status_code, answer.json()) == (200, {"received": 1})
    assert state(row) == "delivered"
    assert row.delivered_at.isoformat() == "2026-11-05T16:33:54+00:00"
    assert not Suppression.objects.exists()


def test_a_dead_address_hears_no_more(api, row):
    tell(api, HARD)
    assert (state(row), row.status) == ("bounced", "sent")
    assert row.error == "smtp;550 5.1.1 no such user"
    (stopped,) = Suppression.objects.all()
    assert (stopped.channel, stopped.address, stopped.reason, stopped.kind) == (
        "email",
        "fay@example.com",
        "bounced",
        "",
    )
    assert not Consent.objects.exists()
    next_one = send("greeting", "fay@example.com")
    assert deliver(next_one.pk, next_one.next_attempt_at).status == "withheld"


def test_a_complaint_stops_everything_and_is_on_record(api, row, fay):
    tell(api, SPAM)
    tell(api, SPAM)
    assert state(row) == "complained"
    assert Suppression.objects.get().reason == "complained"
    (consent,) = Consent.objects.all()
    assert (consent.user, consent.channel, consent.address, consent.wanted, consent.source) == (
        fay,
        "email",
        "fay@example.com",
        False,
        "complaint",
    )
    assert suppressing.refusal("email", "fay@example.com", "reset_password") is not None


def test_who_unsubscribes_at_the_provider_still_hears_what_can_t_be_switched_off(api, row):
    tell(api, report("SubscriptionChange", SuppressSending=True, SuppressionReason="ManualSuppression", row=row))
    assert Suppression.objects.get().reason == "unsubscribed"
    assert Consent.objects.get().source == "link"
    assert state(row) == ""
    assert suppressing.refusal("email", "fay@example.com", "order_paid") is None
    assert suppressing.refusal("email", "fay@example.com", "parking_confirmed") is not None


@pytest.mark.parametrize("body", [SOFT, DELAYED], ids=["soft", "delayed"])
def test_what_may_pass_stops_nothing(api, row, body):
    tell(api, body)
    assert state(row) == ("soft_bounced" if body is SOFT else "deferred")
    assert row.delivered_at is None
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("bodies", "end"),
    [
        ([DELIVERED, DELAYED, SOFT], "delivered"),
        ([SOFT, DELIVERED], "delivered"),
        ([HARD, DELIVERED, DELAYED], "bounced"),
        ([DELIVERED, HARD], "bounced"),
        ([SPAM, DELIVERED, HARD], "complained"),
        ([DELIVERED, DELIVERED, OPENED], "delivered"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_reports_out_of_order_and_twice_never_lead_back(api, row, bodies, end):
    for body in [*bodies, *bodies]:
        assert tell(api, body).status_code == 200
    assert state(row) == end
    assert Suppression.objects.count() == (HARD in bodies or SPAM in bodies)


def test_a_complaint_that_overtakes_the_delivery_leaves_its_time(api, row):
    tell(api, SPAM)
    tell(api, DELIVERED)
    assert state(row) == "complained"
    assert row.delivered_at is not None


@pytest.mark.parametrize("status", ["pending", "sending"])
def test_a_report_tells_us_that_the_provider_had_it_before_we_knew(api, row, status, monkeypatch):
    """The answer was lost, or the worker died before it wrote it down: the mail is not sent a second time."""
    Notification.objects.filter(pk=row.pk).update(
        status=status, provider_id="", sent_at=None, context={"name": "Fay", "link": "https://secret"}
    )
    tell(api, report("Delivery", row))
    row.refresh_from_db()
    assert (row.status, row.provider_id, row.provider_status) == ("sent", "pm-1", "delivered")
    assert row.sent_at is not None
    assert row.context == {"name": "Fay", "_erased": ["link"]}
    monkeypatch.setitem(CHANNELS, "email", None)
    assert deliver(row.pk, timezone.now()) is None


@pytest.mark.parametrize("body", [report("Bounce", Type="SMTPApiError"), report("Bounce", Type="BadEmailAddress")])
def test_a_report_that_it_was_not_taken_leaves_the_row_to_its_next_attempt(api, row, body):
    Notification.objects.filter(pk=row.pk).update(status="pending")
    tell(api, {**body, "Metadata": {"notification": str(row.pk)}})
    assert state(row) in {"failed", "rejected"}
    assert row.status == "pending"


@pytest.mark.parametrize(
    "metadata", [{}, {"notification": "no id"}, {"notification": "01a21ef8-4647-7ebb-9da0-dadf95970e2f"}]
)
def test_a_mail_that_is_not_ours_changes_nothing(api, row, metadata, caplog):
    answer = tell(api, {**SPAM, "MessageID": "another-system", "Metadata": metadata})
    assert (answer.status_code, answer.json()) == (200, {"received": 1})
    assert state(row) == ""
    assert not Suppression.objects.exists()
    assert "mail.report_of_unknown" in caplog.text
    assert "example.com" not in caplog.text.lower()


@pytest.mark.parametrize("secret", [None, "hook:wrong", "", "other:" + SECRET.partition(":")[2]])
def test_who_does_not_know_the_secret_is_refused(api, row, secret):
    answer = tell(api, SPAM, secret)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_signature")
    assert not Suppression.objects.exists()


def test_without_a_secret_or_by_another_provider_s_address_nobody_is_heard(api, row, settings):
    assert tell(api, SPAM, provider="sendgrid").status_code == 404
    assert tell(api, SPAM, provider="pigeon").status_code == 404
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": []}
    assert tell(api, SPAM).status_code == 404
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"', json.dumps({"RecordType": "Inbound"})])
def test_what_can_t_be_read_is_refused_in_the_envelope(api, body):
    answer = tell(api, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_webhook")


def test_the_old_secret_is_good_while_it_is_replaced(api, row, settings):
    settings.ANYMAIL = {**settings.ANYMAIL, "WEBHOOK_SECRET": ["hook:new", SECRET]}
    assert tell(api, DELIVERED).status_code == 200


def test_reports_are_counted_by_no_limit_and_a_head_is_answered(api, row):
    assert {tell(api, DELIVERED).status_code for _ in range(130)} == {200}
    assert api.head("/api/v1/webhooks/email/postmark").status_code == 200
    assert api.head("/api/v1/webhooks/email/mailgun").status_code == 404


def test_sendgrid_reports_many_at_once(api, row, settings):
    settings.EMAIL_PROVIDER = "sendgrid"
    about = {"email": "fay@example.com", "timestamp": 1793896434, "notification": str(row.pk), "anymail_id": "x"}
    blocked = {**about, "event": "bounce", "type": "blocked", "reason": "550 5.7.1 blocked by policy"}
    assert tell(api, [{**about, "event": "processed"}, blocked], provider="sendgrid").json() == {"received": 2}
    assert state(row) == "soft_bounced"
    assert not Suppression.objects.exists()
    bounced = {**about, "event": "bounce", "type": "bounce", "reason": "550 5.1.1 unknown"}
    tell(api, [bounced, {**about, "event": "delivered"}], provider="sendgrid")
    assert state(row) == "bounced"
    assert Suppression.objects.get().reason == "bounced"


def test_mailgun_s_own_signature_is_checked_besides(api, row, settings):
    settings.EMAIL_PROVIDER = "mailgun"
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_WEBHOOK_SIGNING_KEY": "key"}
    moment, token = str(int(time.time())), "t" * 50
    signature = hmac.new(b"key", f"{moment}{token}".encode(), hashlib.sha256).hexdigest()
    body = {
        "signature": {"timestamp": moment, "token": token, "signature": signature},
        "event-data": {
            "event": "complained",
            "recipient": "fay@example.com",
            "timestamp": float(moment),
            "user-variables": {"notification": str(row.pk)},
            "message": {"headers": {"message-id": "x@y"}},
        },
    }
    forged = {**body, "signature": {**body["signature"], "signature": "0" * 64}}
    assert tell(api, forged, provider="mailgun").json()["error"]["code"] == "bad_signature"
    assert state(row) == ""
    assert tell(api, body, provider="mailgun").status_code == 200
    assert state(row) == "complained"
