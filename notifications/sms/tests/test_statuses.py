"""What Twilio tells of messages later: kept in any order, and believed only with its signature."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from notifications.delivery import deliver
from notifications.models import Notification, Suppression
from notifications.outbox import send
from notifications.sms import statuses

pytestmark = pytest.mark.django_db
NUMBER = "+12125550123"


@pytest.fixture
def message(twilio):
    row = send("greeting", NUMBER, channel="sms", context={"name": "Fay", "code": "1"})
    return deliver(row.pk, row.next_attempt_at)


@pytest.fixture
def tell(caller, message):
    def post(status, **more):
        response = caller.post("status", {"MessageSid": message.provider_id, "MessageStatus": status, **more})
        message.refresh_from_db()
        return response.status_code

    return post


def test_it_arrived(tell, message):
    assert tell("delivered") == 204
    assert (message.status, message.provider_status) == ("sent", "delivered")
    assert message.delivered_at is not None


def test_late_and_repeated_news_changes_nothing(tell, message):
    tell("delivered")
    arrived = message.delivered_at
    for status in ["queued", "sent", "undelivered", "failed", "delivered"]:
        assert tell(status, ErrorCode="30005") == 204
    assert (message.provider_status, message.delivered_at, message.error) == ("delivered", arrived, "")
    assert not Suppression.objects.exists()


def test_news_comes_step_by_step(tell, message):
    for status in ["queued", "sending", "sent", "undelivered"]:
        tell(status, **({"ErrorCode": "30003"} if status == "undelivered" else {}))
        assert message.provider_status == status
    assert message.error == "twilio undelivered: 30003"
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(("code", "reason"), [("30005", "bounced"), ("30006", "bounced"), ("21610", "stopped")])
def test_a_dead_number_is_not_written_to_again(tell, message, code, reason):
    tell("undelivered", ErrorCode=code)
    assert Suppression.objects.get(address=NUMBER).reason == reason
    row = send("greeting", NUMBER, channel="sms", context={"name": "Fay", "code": "1"})
    assert deliver(row.pk, row.next_attempt_at).status == "withheld"


@pytest.mark.parametrize(
    "form", [{"MessageSid": "SMother", "MessageStatus": "delivered"}, {"MessageStatus": "sent"}, {}]
)
def test_what_is_not_about_a_message_of_ours_is_taken_and_ignored(caller, message, form):
    assert caller.post("status", form).status_code == 204
    message.refresh_from_db()
    assert message.provider_status == ""


def test_a_state_that_nobody_knows_is_ignored(tell, message):
    assert tell("teleported") == 204
    assert message.provider_status == ""


def test_news_that_overtakes_the_answer_keeps_it_from_being_sent_twice(twilio, caller):
    twilio.mishaps = ["drop"]
    row = send("greeting", NUMBER, channel="sms", context={"name": "Fay", "code": "1"})
    deliver(row.pk, row.next_attempt_at)
    path = f"status?notification={row.pk}"
    assert caller.post(path, {"MessageSid": "SMearly", "MessageStatus": "sent"}).status_code == 204
    row.refresh_from_db()
    after = deliver(row.pk, row.next_attempt_at)
    assert (after.status, after.provider_id, after.provider_status) == ("sent", "SMearly", "sent")
    assert (len(twilio.messages), twilio.lookups) == (1, [])


def test_bad_news_that_overtakes_the_answer_stays(twilio, caller):
    twilio.mishaps = ["drop"]
    row = send("greeting", NUMBER, channel="sms", context={"name": "Fay", "code": "1"})
    deliver(row.pk, row.next_attempt_at)
    form = {"MessageSid": "SMearly", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    caller.post(f"status?notification={row.pk}", form)
    row.refresh_from_db()
    after = deliver(row.pk, row.next_attempt_at)
    assert (after.status, after.provider_status, after.error) == ("sent", "undelivered", "twilio undelivered: 30003")


def test_news_that_comes_while_the_answer_is_recorded_is_not_lost(caller, message, monkeypatch):
    Notification.objects.filter(pk=message.pk).update(provider_id="")
    found = statuses._row

    def recorded_meanwhile(*given):
        row = found(*given)
        Notification.objects.filter(pk=message.pk).update(provider_id=message.provider_id)
        return row

    monkeypatch.setattr(statuses, "_row", recorded_meanwhile)
    form = {"MessageSid": message.provider_id, "MessageStatus": "delivered"}
    caller.post(f"status?notification={message.pk}", form)
    message.refresh_from_db()
    assert message.provider_status == "delivered"


def test_news_for_one_message_never_becomes_anothers(caller, message):
    path = f"status?notification={message.pk}"
    assert caller.post(path, {"MessageSid": "SMother", "MessageStatus": "delivered"}).status_code == 204
    message.refresh_from_db()
    assert (message.provider_id == "SMother", message.provider_status) == (False, "")


@pytest.mark.parametrize("path", ["status", "inbound"])
@pytest.mark.parametrize(
    "wrong", [{"token": "guessed"}, {"signed_for": "https://elsewhere.example.com/api/v1/webhooks/twilio/status"}]
)
def test_who_is_not_twilio_is_refused(caller, message, path, wrong):
    form = {"MessageSid": message.provider_id, "MessageStatus": "delivered", "From": NUMBER, "Body": "STOP"}
    response = caller.post(path, form, **wrong)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "bad_provider_signature")
    message.refresh_from_db()
    assert message.provider_status == ""
    assert not Suppression.objects.exists()


def test_a_form_that_was_changed_on_its_way_is_refused(caller):
    unsigned = Client().post("/api/v1/webhooks/twilio/status", {"MessageStatus": "sent"})
    assert unsigned.status_code == 403


@pytest.mark.parametrize("body", [b"", b"\xff\xfe=\xff", b"a" * 5000, b"a=1&" * 900, b'{"MessageSid": 1}'])
def test_garbage_is_refused_like_a_stranger(caller, body):
    for path in ("status", "inbound"):
        kind = "application/x-www-form-urlencoded"
        response = Client().post(f"/api/v1/webhooks/twilio/{path}", body, content_type=kind)
        assert response.status_code == 403


def test_too_many_fields_are_no_form_of_twilios(caller):
    kind = "application/x-www-form-urlencoded"
    response = Client().post("/api/v1/webhooks/twilio/status", b"a=1&" * 2000, content_type=kind)
    assert response.status_code == 400


def test_a_proxy_in_between_does_not_matter(caller, message):
    form = {"MessageSid": message.provider_id, "MessageStatus": "delivered"}
    headers = {"X-Forwarded-Proto": "http", "Host": "localhost"}
    assert caller.post("status", form, headers=headers).status_code == 204


def test_without_a_twilio_account_nothing_is_there(caller, settings):
    settings.TWILIO_ACCOUNT_SID = ""
    for path in ("status", "inbound"):
        assert caller.post(path, {"MessageSid": "SM1"}).status_code == 404


def test_a_push_or_mail_of_the_same_id_is_left_alone(caller):
    row = Notification.objects.create(
        template="plain", recipient="fay@example.com", provider_id="SMx", status="sent", next_attempt_at=timezone.now()
    )
    caller.post("status", {"MessageSid": "SMx", "MessageStatus": "failed"})
    row.refresh_from_db()
    assert row.provider_status == ""
