"""A push to an app: our service account asks for a token, and Firebase's answers mean what they mean."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from notifications.delivery import deliver
from notifications.models import Device, Notification
from notifications.outbox import send
from notifications.push import devices, http

pytestmark = pytest.mark.django_db
TOKEN = "cZ9:APA91b-token_1"


def error(status: str, code: str = "") -> dict[str, Any]:
    """As Firebase writes it."""
    kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    details = [{"@type": kind, "errorCode": code}] if code else []
    return {"error": {"code": 0, "message": "no", "status": status, "details": details}}


@pytest.fixture
def phone(fay) -> Device:
    return devices.register(fay, kind="fcm", token=TOKEN, now=timezone.now())[0]


def push(phone: Device) -> Notification:
    said = {"name": "Fay", "said": "Bring your card", "link": "https://www.example.com/valet"}
    row = send("nudge", str(phone.pk), channel="push", context=said, user=phone.user)
    return deliver(row.pk, row.next_attempt_at)


def test_the_app_is_told_with_a_token_of_our_service_account(firebase, phone):
    row = push(phone)
    assert (row.status, row.provider_id, row.error) == ("sent", "0:77", "")
    assertion = firebase.assertion()
    assert assertion["iss"] == "push@trufan-test.iam.gserviceaccount.com"
    assert assertion["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
    (request,) = firebase.api.requests
    assert request.path == "/v1/projects/trufan-test/messages:send"
    assert request.headers["authorization"] == "Bearer granted"
    message = request.json["message"]
    assert message["token"] == TOKEN
    assert message["notification"] == {"title": "Hello Fay", "body": "Bring your card"}
    assert message["data"] == {"url": "https://www.example.com/valet", "tag": str(row.pk), "id": str(row.pk)}
    assert message["android"] == {"ttl": "3600s", "priority": "HIGH", "notification": {"tag": str(row.pk)}}
    apple = message["apns"]["headers"]
    assert (apple["apns-priority"], apple["apns-collapse-id"]) == ("10", str(row.pk))
    assert 3500 < int(apple["apns-expiration"]) - timezone.now().timestamp() <= 3600


def test_one_token_serves_many_messages_until_it_is_refused(firebase, phone):
    push(phone)
    push(phone)
    assert (len(firebase.api.requests), len(firebase.tokens.requests)) == (2, 1)
    firebase.api.refuse(401, error("UNAUTHENTICATED"))
    row = push(phone)
    assert row.status == "pending"
    assert deliver(row.pk, row.next_attempt_at).status == "sent"
    assert len(firebase.tokens.requests) == 2


def test_an_app_that_is_unregistered_is_retired(firebase, phone):
    firebase.api.refuse(404, error("NOT_FOUND", "UNREGISTERED"))
    assert push(phone).status == "failed"
    phone.refresh_from_db()
    assert phone.retired_at is not None
    assert "UNREGISTERED" in phone.retired_because
    assert push(phone).status == "failed"
    assert len(firebase.api.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, error("INVALID_ARGUMENT", "INVALID_ARGUMENT"), "failed"),
        (403, error("PERMISSION_DENIED", "SENDER_ID_MISMATCH"), "pending"),
        (404, "<html>no such page</html>", "pending"),
        (413, "", "failed"),
        (429, error("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), "pending"),
        (500, error("INTERNAL", "INTERNAL"), "pending"),
        (503, "[]", "pending"),
        (302, "", "failed"),
    ],
)
def test_other_refusals_retire_nobody(firebase, phone, status, body, outcome):
    firebase.api.refuse(status, body)
    row = push(phone)
    assert (row.status, row.attempts) == (outcome, 1)
    assert f"firebase {status}" in row.error
    phone.refresh_from_db()
    assert phone.retired_at is None


def test_an_answer_that_is_not_json_is_still_a_yes(firebase, phone):
    firebase.api.answers.append((200, {}, b"fine"))
    row = push(phone)
    assert (row.status, row.provider_id) == ("sent", f"fcm-{row.pk}")


@pytest.mark.parametrize("silent", ["api", "tokens"])
def test_whoever_hangs_is_left_after_a_while(firebase, phone, monkeypatch, silent):
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", 0.3)
    getattr(firebase, silent).answers.append("hang")
    row = push(phone)
    assert (row.status, "no answer" in row.error) == ("pending", True)
    assert deliver(row.pk, row.next_attempt_at).status == "sent"


def test_an_account_that_is_refused_is_ours_to_mend(firebase, phone):
    firebase.tokens.refuse(400, {"error": "invalid_grant", "error_description": "no"})
    row = push(phone)
    assert (row.status, firebase.api.requests) == ("pending", [])
    assert "FCM_CREDENTIALS" in row.error


@pytest.mark.parametrize("given", ["{}", "{nonsense", "/nowhere/at/all.json"])
def test_credentials_that_are_none_are_ours_to_mend(phone, settings, given):
    settings.FCM_CREDENTIALS = given
    row = push(phone)
    assert row.status == "pending"
    assert "FCM_CREDENTIALS can't be read" in row.error


def test_credentials_may_stand_in_a_file(firebase, phone, settings, tmp_path):
    path = tmp_path / "firebase.json"
    path.write_text(settings.FCM_CREDENTIALS)
    settings.FCM_CREDENTIALS = str(path)
    assert push(phone).status == "sent"


def test_without_credentials_a_live_server_keeps_it(phone, settings):
    settings.FCM_CREDENTIALS, settings.IS_LIVE = "", True
    row = push(phone)
    assert row.status == "pending"
    assert "FCM_CREDENTIALS" in row.error
