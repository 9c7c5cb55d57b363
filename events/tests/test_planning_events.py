"""Events drawn up and changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.models import AuditLog
from events.models import Event
from trufan.testing import EventFactory, StaffFactory, VenueFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seller")]
URL = "/api/v1/events"


@pytest.fixture
def new(venue) -> dict:
    return {
        "venue": str(venue.pk),
        "name": "Opening Night",
        "category": "concert",
        "starts_at": "2030-07-03T19:30:00",
        "ends_at": "2030-07-03T22:30:00",
        "capacity": 1000,
    }


def fields(answer) -> list[str]:
    assert answer.status_code == 422, answer.json()
    return [detail["field"] for detail in answer.json()["error"]["details"]]


def test_an_operator_draws_up_a_draft_by_the_clocks_of_the_venue(api, olga, venue, new):
    answer = api.as_(olga).post(URL, new)
    assert answer.status_code == 201, answer.json()
    shown = answer.json()
    assert (shown["status"], shown["capacity"], shown["allocated"]) == ("draft", 1000, 0)
    assert (shown["starts_at"], shown["starts_at_local"]) == ("2030-07-03T23:30:00Z", "2030-07-03T19:30:00-04:00")
    assert shown["doors_at_local"] == "2030-07-03T18:30:00-04:00", "an hour before, unless said otherwise"
    assert api.get(f"{URL}/{shown['id']}").status_code == 404
    entry = AuditLog.objects.get(action="event.created")
    assert (entry.actor, entry.venue_id, str(entry.entity_id)) == (olga, venue.pk, shown["id"])


def test_a_time_with_an_offset_says_what_it_says(api, olga, new):
    new |= {"starts_at": "2030-07-03T19:30:00Z", "ends_at": "2030-07-03T23:30:00+02:00"}
    shown = api.as_(olga).post(URL, new).json()
    assert (shown["starts_at"], shown["ends_at"]) == ("2030-07-03T19:30:00Z", "2030-07-03T21:30:00Z")


def test_a_local_time_that_clocks_skip_is_refused(api, olga, new):
    new |= {"starts_at": "2030-03-10T02:30:00", "ends_at": "2030-03-10T06:00:00"}
    answer = api.as_(olga).post(URL, new)
    assert fields(answer) == ["starts_at"]
    assert answer.json()["error"]["details"][0]["code"] == "nonexistent_time"


def test_a_local_time_that_happens_twice_is_the_first(api, olga, new):
    new |= {"starts_at": "2030-11-03T01:30:00", "ends_at": "2030-11-03T01:45:00-05:00"}
    shown = api.as_(olga).post(URL, new).json()
    assert (shown["starts_at"], shown["starts_at_local"]) == ("2030-11-03T05:30:00Z", "2030-11-03T01:30:00-04:00")
    assert (shown["ends_at"], shown["ends_at_local"]) == ("2030-11-03T06:45:00Z", "2030-11-03T01:45:00-05:00")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2030-02-30T20:00:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_at"),
        ({"ends_at": "9999-12-31T23:59:59-14:00"}, "ends_at"),
        ({"starts_at": None}, "starts_at"),
        ({"ends_at": "2030-07-03T19:30:00"}, "ends_at"),
        ({"doors_at": "2030-07-03T19:30:01"}, "doors_at"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": -5}, "capacity"),
        ({"capacity": 10**10}, "capacity"),
        ({"capacity": "many"}, "capacity"),
        ({"category": "love"}, "category"),
        ({"name": ""}, "name"),
        ({"configuration": "yes"}, "configuration"),
    ],
)
def test_nonsense_is_refused_by_field(api, olga, venue, new, wrong, field):
    assert fields(api.as_(olga).post(URL, {**new, **wrong})) == [field]
    start = datetime(2030, 7, 3, 23, 30, tzinfo=UTC)
    event = EventFactory(venue=venue, status="draft", starts_at=start)
    assert fields(api.as_(olga).patch(f"{URL}/{event.pk}", wrong)) == [field]


def test_a_venue_must_exist_for_who_names_it(api, olga, other_venue, new):
    assert fields(api.as_(olga).post(URL, {**new, "venue": "here"})) == ["venue"]
    assert fields(api.as_(olga).post(URL, {**new, "venue": 7})) == ["venue"]
    assert fields(api.as_(olga).post(URL, {**new, "venue": "0198c0de-7a11-7000-8000-00000000a001"})) == ["venue"]
    closed = VenueFactory(is_active=False)
    assert fields(api.as_(olga).post(URL, {**new, "venue": str(closed.pk)})) == ["venue"]
    assert api.as_(olga).post(URL, {**new, "venue": str(other_venue.pk)}).status_code == 403


def test_a_repeated_request_under_one_key_draws_up_one_event(api, olga, new):
    answers = [api.as_(olga).post(URL, new, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Event.objects.count() == 1


def test_moving_a_published_event_is_written_down_before_and_after(api, olga, venue):
    event = EventFactory(venue=venue, starts_at=datetime(2030, 7, 3, 23, 30, tzinfo=UTC))
    asked = {"starts_at": "2030-07-03T20:00:00", "ends_at": "2030-07-03T23:00:00"}
    answer = api.as_(olga).patch(f"{URL}/{event.pk}", asked)
    assert (answer.status_code, answer.json()["starts_at"]) == (200, "2030-07-04T00:00:00Z")
    entry = AuditLog.objects.get(action="event.changed")
    assert entry.old_values["starts_at"].startswith("2030-07-03T23:30:00")
    assert entry.new_values["starts_at"].startswith("2030-07-04T00:00:00")
    assert set(entry.new_values) == {"starts_at", "ends_at"}


def test_a_change_that_changes_nothing_leaves_no_trace(api, olga, event):
    assert api.as_(olga).patch(f"{URL}/{event.pk}", {"name": event.name}).status_code == 200
    assert not AuditLog.objects.filter(action="event.changed").exists()


def test_times_are_held_against_those_that_stay(api, olga, venue):
    event = EventFactory(venue=venue, starts_at=datetime(2030, 7, 3, 23, 30, tzinfo=UTC))
    assert fields(api.as_(olga).patch(f"{URL}/{event.pk}", {"starts_at": "2030-07-04T23:00:00"})) == ["ends_at"]
    assert fields(api.as_(olga).patch(f"{URL}/{event.pk}", {"starts_at": "2030-07-03T12:00:00"})) == ["doors_at"]


def test_the_capacity_does_not_fall_below_what_is_allotted(api, olga, venue):
    event = EventFactory(venue=venue, capacity=100, allocated=60)
    refused = api.as_(olga).patch(f"{URL}/{event.pk}", {"capacity": 59, "name": "Smaller"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "capacity_too_small")
    event.refresh_from_db()
    assert (event.capacity, event.name != "Smaller") == (100, True)
    assert api.as_(olga).patch(f"{URL}/{event.pk}", {"capacity": 60}).json()["capacity"] == 60


@pytest.mark.parametrize("status", ["cancelled", "completed"])
def test_what_is_closed_does_not_change(api, olga, venue, status):
    event = EventFactory(venue=venue, status=status)
    refused = api.as_(olga).patch(f"{URL}/{event.pk}", {"name": "Again"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "event_closed")


def test_status_venue_and_allotment_are_not_for_writing(api, olga, event, other_venue):
    asked = {"status": "completed", "venue": str(other_venue.pk), "allocated": 900, "published_at": None}
    api.as_(olga).patch(f"{URL}/{event.pk}", asked)
    event.refresh_from_db()
    assert (event.status, event.allocated) == ("published", 0)
    assert event.venue_id != other_venue.pk


def test_only_who_holds_the_right_plans(api, venue, event, new, fay, gus, stan):
    url = f"{URL}/{event.pk}"
    for user, status in ((None, 401), (fay, 403), (gus, 403), (stan, 403)):
        caller = api.as_(user)
        assert [caller.post(URL, new).status_code, caller.patch(url, {"name": "X"}).status_code] == [status] * 2
    planner = StaffFactory(venue=venue, role="kitchen", extra_permissions=["manage_events"]).user
    assert api.as_(planner).post(URL, new).status_code == 201
    draft = EventFactory(venue=venue, status="draft")
    statuses = [api.as_(user).patch(f"{URL}/{draft.pk}", {"name": "X"}).status_code for user in (fay, stan, gus)]
    assert statuses == [404, 404, 403]


def test_there_is_no_way_to_replace_or_delete_an_event(api, olga, event, new):
    url = f"{URL}/{event.pk}"
    assert [api.as_(olga).put(url, new).status_code, api.as_(olga).delete(url).status_code] == [405, 405]
