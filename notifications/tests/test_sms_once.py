"""Short messages are said once as far as can be known: after an attempt without an answer Twilio is asked first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.delivery import LEASE, _claim, deliver
from notifications.models import Notification, SmsNumber, Suppression
from notifications.outbox import send
from notifications.sms import numbers
from notifications.sms import twilio as api
from trufan.lib.errors import Invalid

pytestmark = pytest.mark.django_db
NUMBER = "+12125550123"


def say(to=NUMBER, venue_id=None, name="Fay"):
    return send("greeting", to, channel="sms", context={"name": name, "code": "123456"}, venue_id=venue_id)


def go(row):
    """Deliver it as soon as it may be tried."""
    row.refresh_from_db()
    return deliver(row.pk, row.next_attempt_at)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(api, "TIMEOUT_SECONDS", 0.3)
    api._client.cache_clear()
    yield
    api._client.cache_clear()


@pytest.mark.parametrize("mishap", ["drop", "hang"])
def test_a_message_that_was_taken_without_an_answer_is_found_and_not_sent_again(twilio, mishap):
    twilio.mishaps = [mishap]
    row = say()
    assert go(row).status == "pending"
    after = go(row)
    assert (after.status, after.provider_id, after.attempts, after.error) == ("sent", twilio.sid(1), 2, "")
    assert len(twilio.messages) == 1
    assert twilio.lookups == [{"To": NUMBER, "PageSize": "50"}]


@pytest.mark.parametrize("mishap", ["drop_before", "hang_before"])
def test_one_that_never_arrived_is_sent(twilio, mishap):
    twilio.mishaps = [mishap]
    row = say()
    assert (go(row).status, len(twilio.messages)) == ("pending", 0)
    assert (go(row).status, len(twilio.messages)) == ("sent", 1)


def test_after_a_worker_died_twilio_is_asked(twilio):
    row = say()
    _claim(row.pk, row.next_attempt_at)
    twilio.messages.append({"To": NUMBER, "From": "+15005550006", "Body": "Hello Fay, your code is 123456"})
    after = deliver(row.pk, timezone.now() + LEASE + timedelta(seconds=5))
    assert (after.status, after.provider_id, len(twilio.messages)) == ("sent", twilio.sid(1), 1)


def test_a_clear_refusal_is_tried_again_without_asking(twilio):
    twilio.answers[NUMBER] = (429, 20429)
    row = say()
    assert go(row).status == "pending"
    twilio.answers.clear()
    assert go(row).status == "sent"
    assert not twilio.lookups


def test_an_error_of_twilios_own_is_not_known_to_have_done_nothing(twilio):
    twilio.answers[NUMBER] = (500, 20500)
    row = say()
    assert go(row).status == "pending"
    twilio.answers.clear()
    assert go(row).status == "sent"
    assert (len(twilio.lookups), len(twilio.messages)) == (1, 1)


def test_while_twilio_cannot_say_nothing_is_sent(twilio):
    twilio.mishaps, twilio.is_deaf_to_lookups = ["drop"], True
    row = say()
    go(row)
    assert (go(row).status, len(twilio.messages)) == ("pending", 1)
    twilio.is_deaf_to_lookups = False
    assert (go(row).status, len(twilio.messages)) == ("sent", 1)


@pytest.mark.parametrize(
    "other",
    [
        {"Body": "Hello Gus, your code is 123456"},
        {"From": "+15005550999"},
        {"To": "+12125550199"},
    ],
)
def test_another_message_is_not_taken_for_this_one(twilio, other):
    twilio.mishaps = ["drop_before"]
    row = say()
    go(row)
    given = {"To": NUMBER, "From": "+15005550006", "Body": "Hello Fay, your code is 123456"}
    twilio.messages.append(given | other)
    after = go(row)
    assert (after.status, after.provider_id) == ("sent", twilio.sid(2))


def test_the_same_words_said_before_are_another_message(twilio):
    assert go(say()).provider_id == twilio.sid(1)
    twilio.mishaps = ["drop_before"]
    row = say()
    go(row)
    assert go(row).provider_id == twilio.sid(2)


@pytest.mark.parametrize("number", ["", "5550123", "+1212", "fay@example.com", "TruFan", "+999123456789012345"])
def test_what_can_be_no_number_is_given_up_before_anybody_is_asked(twilio, number):
    row = go(say(number))
    assert (row.status, row.attempts) == ("failed", 1)
    assert not twilio.requests


def test_its_parts_are_counted_and_a_novel_is_refused(twilio):
    assert go(say(name="“Fay”")).segments == 1
    assert twilio.messages[0]["Body"] == 'Hello "Fay", your code is 123456'
    assert go(say(name="á" * 100)).segments == 2
    row = go(say(name="á" * 700))
    assert (row.status, "11 segments" in row.error, len(twilio.messages)) == ("failed", True, 2)


def test_who_said_stop_at_twilio_is_not_written_to_again(twilio):
    twilio.answers[NUMBER] = (400, 21610)
    assert go(say()).status == "failed"
    assert Suppression.objects.get(channel="sms", address=NUMBER).reason == "stopped"
    assert go(say()).status == "withheld"
    assert len(twilio.requests) == 1


def test_a_number_is_stopped_however_it_is_written(twilio):
    Suppression.objects.create(channel="sms", address=NUMBER, reason="stopped")
    assert go(say("+1 (212) 555-0123")).status == "failed"
    assert not twilio.requests


def test_a_venue_writes_from_its_own_number(twilio, venue, other_venue, ada):
    numbers.add(number="+1 (212) 555-0100", venue_id=venue.pk, is_active=True, by=ada)
    numbers.add(number="+12125550101", venue_id=venue.pk, is_active=True, by=ada)
    assert go(say(venue_id=venue.pk)).status == go(say(venue_id=other_venue.pk)).status == go(say()).status == "sent"
    assert [each["From"] for each in twilio.messages] == ["+12125550100", "+15005550006", "+15005550006"]
    numbers.change(SmsNumber.objects.get(number="+12125550100"), by=ada, is_active=False)
    go(say(venue_id=venue.pk))
    assert twilio.messages[-1]["From"] == "+12125550101"


def test_without_any_sender_it_waits(twilio, settings, ada):
    settings.TWILIO_FROM = ""
    row = say()
    assert (go(row).status, "TWILIO_FROM" in go(row).error) == ("pending", True)
    numbers.add(number="+12125550102", venue_id=None, is_active=True, by=ada)
    assert (go(row).status, twilio.messages[0]["From"]) == ("sent", "+12125550102")


def test_a_number_is_listed_once_and_can_be_one(ada, venue):
    numbers.add(number="+12125550100", venue_id=venue.pk, is_active=True, by=ada)
    with pytest.raises(numbers.NumberTaken):
        numbers.add(number="+1 212 555 0100", venue_id=None, is_active=True, by=ada)
    with pytest.raises(Invalid):
        numbers.add(number="0100", venue_id=None, is_active=True, by=ada)
    assert SmsNumber.objects.count() == 1


def test_twilio_is_told_where_to_report_only_where_it_can_reach_us(twilio, settings):
    go(say())
    assert "StatusCallback" not in twilio.messages[0]
    settings.PUBLIC_URL = "https://tickets.example.com"
    row = go(say())
    address = f"https://tickets.example.com/api/v1/webhooks/twilio/status?notification={row.pk}"
    assert twilio.messages[1]["StatusCallback"] == address


def test_a_retry_by_hand_after_no_answer_asks_too(twilio):
    twilio.mishaps = ["drop"]
    row = say()
    go(row)
    Notification.objects.filter(pk=row.pk).update(attempts=0)
    assert (go(row).status, len(twilio.messages)) == ("sent", 1)
