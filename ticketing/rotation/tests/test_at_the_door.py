"""Where codes rotate, the door lets in the code of the moment and no picture of one."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from events import planning
from events.models import Event
from ticketing import codes
from ticketing.models import Scan, Ticket
from ticketing.rotation import texts
from ticketing.tests.sales import buy
from trufan.testing import EventFactory, StaffFactory

URL = "/api/v1/checkin/scans"
NOW = timezone.now


@pytest.fixture
def scan(api, gus):
    def send(code, by=gus, **more):
        answer = api.as_(by).post(URL, {"code": code, "nonce": uuid4().hex, "gate": "North", **more})
        assert answer.status_code == 200, answer.content
        return answer.json()

    return send


def status_of(ticket):
    return Ticket.objects.values_list("status", flat=True).get(pk=ticket.pk)


def test_the_code_of_the_moment_lets_in_once(scan, ticket):
    text = texts.shown_at(ticket, NOW())
    assert scan(text)["result"] == "accepted"
    assert scan(text)["reason"] == "already_used"
    assert scan(texts.shown_at(ticket, NOW()))["reason"] == "already_used"


def test_a_screenshot_is_refused_and_spends_nothing(scan, ticket):
    answer = scan(texts.shown_at(ticket, NOW() - timedelta(minutes=5)))
    assert (answer["result"], answer["reason"]) == ("refused", "screenshot")
    assert answer["message"] == "This code is not of this moment. Ask to open the ticket in the app or on the web."
    assert answer["ticket"]["number"] == ticket.number
    assert status_of(ticket) == "valid"
    assert scan(texts.shown_at(ticket, NOW()))["result"] == "accepted"


def test_the_static_code_is_refused_and_by_hand_the_ticket_is_good(api, scan, gus, event, ticket):
    answer = scan(codes.sign(ticket))
    assert (answer["reason"], status_of(ticket)) == ("code_not_rotating", "valid")
    by_hand = {"number": ticket.number, "event": str(event.pk), "reason": "No phone; saw the passport."}
    assert api.as_(gus).post("/api/v1/checkin/admissions", by_hand).json()["result"] == "accepted"


@pytest.mark.parametrize(("seconds", "reason"), [(-30, "screenshot"), (-15, ""), (0, ""), (15, ""), (30, "screenshot")])
def test_one_step_before_and_after_is_tolerated(scan, ticket, seconds, reason):
    at = NOW() - timedelta(minutes=10)
    answer = scan(texts.shown_at(ticket, at + timedelta(seconds=seconds)), scanned_at=at.isoformat())
    assert answer["reason"] == reason


def test_the_scanners_time_decides_for_scans_that_come_late(scan, ticket):
    at = NOW() - timedelta(minutes=40)
    assert scan(texts.shown_at(ticket, at))["reason"] == "screenshot"
    assert scan(texts.shown_at(ticket, at), scanned_at=at.isoformat())["result"] == "accepted"


def test_the_old_holders_device_is_outdated_after_the_ticket_changed_hands(scan, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(code_version=2)
    assert scan(texts.shown_at(ticket, NOW()))["reason"] == "outdated_code"
    fresh = Ticket.objects.with_event().get(pk=ticket.pk)
    assert scan(texts.shown_at(fresh, NOW()))["result"] == "accepted"


def test_after_the_door_got_a_new_key_old_secrets_open_nothing(scan, olga, event, ticket):
    old = texts.device(ticket)
    planning.change(event, olga, configuration={"rotating_codes": True, "door_key_version": 2})
    assert scan(old.text(NOW()))["reason"] == "screenshot"
    fresh = Ticket.objects.with_event().get(pk=ticket.pk)
    assert scan(texts.device(fresh).text(NOW()))["result"] == "accepted"


def test_a_refunded_ticket_is_refused_as_that(scan, ticket):
    Ticket.objects.update(status="refunded")
    assert scan(texts.shown_at(ticket, NOW()))["reason"] == "refunded"


def test_a_door_in_trouble_does_without(scan, event, ticket):
    """Switched off, both kinds of code are good: phones go on showing what they have."""
    stale = texts.shown_at(ticket, NOW() - timedelta(hours=1))
    Event.objects.update(configuration={})
    assert scan(stale)["result"] == "accepted"
    assert scan(codes.sign(ticket))["reason"] == "already_used"


def test_the_number_of_another_ticket_does_not_help(scan, fay, ticket, ticket_type):
    other = buy(fay, ticket_type)[0]
    mixed = texts.device(ticket).static + texts.shown_at(other, NOW())[-8:]
    assert scan(mixed)["reason"] == "screenshot"


def test_a_rotating_ticket_for_another_event_is_refused_as_that(scan, venue, ticket):
    tomorrow = EventFactory(venue=venue)
    assert scan(texts.shown_at(ticket, NOW()), event=str(tomorrow.pk))["reason"] == "wrong_event"


def test_staff_of_another_venue_learn_nothing(scan, stan, other_venue, ticket):
    steward = StaffFactory(venue=other_venue, role="door").user
    for text in (texts.shown_at(ticket, NOW()), texts.shown_at(ticket, NOW() - timedelta(hours=1))):
        for by in (stan, steward):
            answer = scan(text, by=by)
            assert (answer["reason"], answer["ticket"]) == ("wrong_event", None)


def test_a_static_code_with_a_number_behind_it_is_no_rotating_one(scan, ticket):
    number = texts.shown_at(ticket, NOW())[-8:]
    assert scan(codes.sign(ticket) + number)["reason"] == "unknown"
    assert scan("TF2:" + codes.sign(ticket)[4:] + number)["reason"] == "forged"
    assert scan("TF1:" + texts.device(ticket).static[4:])["reason"] == "forged"


def test_garbage_behind_the_prefix_is_unknown(scan, ticket):
    good = texts.shown_at(ticket, NOW())
    texts_ = [
        "TF2:",
        good[:-1],
        good + "0",
        good[:-1] + "A",
        good[:-1] + "٣",
        good[:-8] + "-1234567",
        good[:60] + "1" + good[61:],
    ]
    for text in texts_:
        assert scan(text)["reason"] == "unknown", text
    assert Scan.objects.filter(reason="unknown").count() == len(texts_)


def test_case_and_space_do_not_matter(scan, ticket):
    assert scan(f" {texts.shown_at(ticket, NOW()).lower()}\n")["result"] == "accepted"


def test_rotating_codes_survive_a_new_seed_in_front(scan, ticket, settings):
    text = texts.shown_at(ticket, NOW())
    settings.TICKET_SIGNING_KEYS = ["new:" + "A" * 43 + "=", *settings.TICKET_SIGNING_KEYS]
    assert scan(text)["result"] == "accepted"
