"""Short messages by Twilio's own client, against a server on loopback that answers as Twilio does."""

import socket

import pytest

from notifications.delivery import deliver
from notifications.models import Notification
from notifications.outbox import send
from notifications.sms import twilio as api

pytestmark = pytest.mark.django_db
NUMBER = "+12125550123"


def say(**context: str) -> Notification:
    row = send("greeting", NUMBER, channel="sms", context={"name": "Fay", "code": "123456"})
    return deliver(row.pk, row.next_attempt_at)


def test_a_message_goes_to_twilio_with_our_keys(twilio, settings):
    row = say()
    assert (row.status, row.provider_id) == ("sent", "SM" + "1".zfill(32))
    assert twilio.messages == [{"To": NUMBER, "From": "+15005550006", "Body": "Hello Fay, your code is 123456"}]
    path, authorization = twilio.requests[0]
    assert path == f"/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}/Messages.json"
    assert authorization.startswith("Basic ")
    assert "123456" not in str(Notification.objects.get().context)


def test_a_messaging_service_picks_the_sender(twilio, settings):
    settings.TWILIO_MESSAGING_SERVICE_SID = "MG" + "0" * 32
    say()
    assert twilio.messages[0]["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in twilio.messages[0]


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (400, 21211, "failed"),
        (401, 20003, "pending"),
        (429, 20429, "pending"),
        (500, 20500, "pending"),
        (503, 20503, "pending"),
    ],
)
def test_whether_a_refusal_is_final_is_a_fact_of_its_status_and_wrong_keys_are_ours_to_mend(
    twilio, status, code, outcome
):
    twilio.answers[NUMBER] = (status, code)
    row = say()
    assert (row.status, row.attempts) == (outcome, 1)
    assert f"twilio {status}/{code}" in row.error


def test_a_server_that_is_not_there_is_tried_again(twilio, settings):
    settings.TWILIO_API_BASE = "http://127.0.0.1:1"
    assert say().status == "pending"


def test_a_server_that_never_answers_does_not_hold_the_worker(twilio, settings, monkeypatch):
    monkeypatch.setattr(api, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.TWILIO_API_BASE = f"http://127.0.0.1:{silent.getsockname()[1]}"
        row = say()
    assert row.status == "pending"
    assert "Timeout" in row.error


def test_neither_number_nor_code_is_logged(twilio, caplog):
    caplog.set_level("DEBUG")
    say()
    twilio.answers[NUMBER] = (400, 21211)
    say()
    assert NUMBER not in caplog.text
    assert "123456" not in caplog.text


def test_a_laptop_prints_the_message(settings, caplog):
    settings.TWILIO_ACCOUNT_SID = ""
    row = say()
    assert row.status == "sent"
    assert "your code is 123456" in caplog.text


def test_production_without_twilio_neither_pretends_nor_prints(settings, caplog):
    settings.TWILIO_ACCOUNT_SID, settings.IS_LIVE = "", True
    row = say()
    assert (row.status, "TWILIO_ACCOUNT_SID" in row.error) == ("pending", True)
    assert "123456" not in caplog.text
