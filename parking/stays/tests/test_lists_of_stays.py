"""A driver sees their own stays; those who run a lot see all of it, find a car, and read its story."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parking.models import ParkingSession
from parking.stays import access, charging
from parking.stays.tests.at_the_gate import entry, leaving, there
from parking.stays.tests.parked import SESSIONS, park, post, url
from trufan.testing import CapacityFactory, LotFactory

pytestmark = pytest.mark.django_db


def listed(api, who, path="", **asked):
    answer = api.as_(who).get(f"{SESSIONS}{path}", asked)
    assert answer.status_code == 200, answer.json()
    return [each["id"] for each in answer.json()["results"]]


@pytest.fixture
def stays(capacity, fay, venue):
    other = CapacityFactory(lot=LotFactory(venue=venue))
    mine = park(capacity, user=fay, plate="FAY 100", plate_key="FAY100")
    old = park(other, minutes=600, user=fay)
    ParkingSession.objects.filter(pk=old.pk).update(status="ended", ended_at=timezone.now())
    theirs = there(capacity, "XYZ 9", minutes=30)
    return [str(stay.pk) for stay in (mine, old, theirs)]


def test_a_driver_lists_their_own(api, fay, stan, stays):
    mine, old, _ = stays
    assert listed(api, fay) == [mine, old]
    assert listed(api, fay, "/active") == [mine]
    assert listed(api, stan) == []
    assert api.as_(None).get(SESSIONS).status_code == 401
    assert api.as_(None).get(f"{SESSIONS}/active").status_code == 401


def test_those_who_run_the_lots_list_them_by_venue_or_lot(api, val, gus, stan, fay, venue, lot, stays):
    mine, old, theirs = stays
    assert listed(api, val, venue=venue.pk) == [theirs, mine, old]
    assert listed(api, val, lot=lot.pk) == [theirs, mine]
    assert listed(api, val, "/active", venue=venue.pk) == [theirs, mine]
    refused = [[api.as_(who).get(SESSIONS, {name: pk}).status_code for who in (gus, stan, fay)]
               for name, pk in (("venue", venue.pk), ("lot", lot.pk))]  # fmt: skip
    assert refused == [[403, 403, 403], [403, 404, 404]]
    assert api.as_(val).get(SESSIONS, {"venue": "no-id"}).status_code == 422


def test_they_are_narrowed_and_searched(api, val, venue, stays):
    mine, old, theirs = stays
    assert listed(api, val, venue=venue.pk, plate="fay-1OO") == [mine]
    assert listed(api, val, venue=venue.pk, status="ended") == [old]
    assert listed(api, val, venue=venue.pk, search="XYZ") == [theirs]
    assert listed(api, val, venue=venue.pk, started_after=timezone.now() - timedelta(minutes=40)) == [theirs]
    assert listed(api, val, venue=venue.pk, started_before=timezone.now() - timedelta(hours=5)) == [old]
    assert listed(api, val, venue=venue.pk, ordering="started_at")[0] == old
    assert api.as_(val).get(SESSIONS, {"status": "gone"}).status_code == 422


def test_a_list_takes_the_same_queries_however_long(api, val, capacity, lot, django_assert_num_queries):
    park(capacity)
    # What a person may do is asked once.
    listed(api, val, lot=lot.pk)
    with django_assert_num_queries(3):
        listed(api, val, lot=lot.pk)
    for _ in range(9):
        park(capacity)
    # What a person may do is asked once.
    listed(api, val, lot=lot.pk)
    with django_assert_num_queries(3):
        assert len(listed(api, val, lot=lot.pk)) == 10


def test_one_stay_is_shown_to_whom_it_concerns(api, fay, val, gus, stan, capacity):
    stay = park(capacity, user=fay, contact_email="fay@example.com")
    assert [api.as_(who).get(url(stay)).status_code for who in (gus, stan, None)] == [404, 404, 404]
    own, seen = (api.as_(who).get(url(stay)).json() for who in (fay, val))
    assert own["due"]["amount"] == seen["due"]["amount"] == 700
    assert (own["contact"]["email"], own["history"]) == ("fay@example.com", None)
    assert seen["contact"]["email"] == "fay@example.com"
    assert isinstance(seen["history"], list)
    code = {"HTTP_X_PARKING_ACCESS_CODE": access.code_for(stay)}
    by_code = api.get(url(stay), **code).json()
    assert (by_code["contact"], by_code["code"]) == (None, access.gate_code(stay))
    wrong = {"HTTP_X_PARKING_ACCESS_CODE": access.code_for(park(capacity))}
    assert api.get(url(stay), **wrong).status_code == 404


def test_the_access_code_outlives_a_rotation_of_the_key(api, capacity, settings):
    stay = park(capacity)
    code = {"HTTP_X_PARKING_ACCESS_CODE": access.code_for(stay)}
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another-secret-key-of-fifty-letters-or-so",
    )
    assert api.get(url(stay), **code).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert api.get(url(stay), **code).status_code == 404


def test_the_story_of_a_stay_takes_few_queries(api, val, lot, capacity, django_assert_max_num_queries):
    stay = ParkingSession.objects.get(pk=entry(api, val, lot, plate="ABC 1234")["session"]["id"])
    ParkingSession.objects.filter(pk=stay.pk).update(started_at=timezone.now() - timedelta(minutes=70))
    for number in range(5):
        post(api, val, stay, "note", note=f"Note {number}")
    leaving(api, val, lot, plate="ABC 1234")
    charging.pay(stay, payer=None, payment_method="pm_card_visa", now=timezone.now())
    leaving(api, val, lot, plate="ABC 1234")
    with django_assert_max_num_queries(12):
        story = api.as_(val).get(url(stay)).json()["history"]
    words = [line["words"] for line in reversed(story)]
    assert words[0] == "Came in"
    assert [each for each in words if each.startswith("Note")] == [f"Note: Note {number}" for number in range(5)]
    assert "Paid: $7.00" in words
    assert {line["by"] for line in story} == {str(val), ""}
