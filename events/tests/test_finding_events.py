"""The public list and detail of events, and what staff see besides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from events.models import Event
from trufan.testing import EventFactory, StaffFactory, VenueFactory
from venues.models import Venue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seller")]
URL = "/api/v1/events"
STAFF_FIELDS = {"capacity", "allocated", "configuration", "published_at"}


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [row["name"] for row in answer.json()["results"]]


def make(name: str, days: float = 1, **fields) -> Event:
    return EventFactory(name=name, starts_at=timezone.now() + timedelta(days=days), **fields)


def test_anybody_lists_published_events_to_come_soonest_first(api):
    make("Later", 9)
    make("Sooner", 2)
    for status in ("draft", "cancelled", "completed"):
        make(status, status=status)
    make("Over", -3)
    make("At a closed venue", venue__is_active=False)
    assert names(api.get(URL)) == ["Sooner", "Later"]


def test_an_event_under_way_is_still_to_come(api):
    make("Tonight", -0.01)
    assert names(api.get(URL)) == ["Tonight"]


def test_a_row_shows_times_both_ways_and_the_all_in_price(api, venue):
    starts = datetime(2030, 7, 3, 23, 30, tzinfo=UTC)
    EventFactory(venue=venue, starts_at=starts, capacity=500)
    row = api.get(URL).json()["results"][0]
    assert (row["starts_at"], row["starts_at_local"]) == ("2030-07-03T23:30:00Z", "2030-07-03T19:30:00-04:00")
    assert (row["doors_at"], row["doors_at_local"]) == ("2030-07-03T21:30:00Z", "2030-07-03T17:30:00-04:00")
    assert (row["time_zone"], row["currency"]) == ("America/New_York", "USD")
    assert (row["price_from"], row["price_to"], row["is_available"]) == (500, 1500, True)
    assert row["venue"]["name"] == "Garden Arena"
    assert not STAFF_FIELDS & set(row)


def test_without_a_seller_an_event_has_no_price_and_is_not_available(api, no_seller):
    make("Alone")
    row = api.get(URL).json()["results"][0]
    assert (row["price_from"], row["price_to"], row["is_available"]) == (None, None, False)
    assert names(api.get(URL, {"available": "true"})) == []
    assert names(api.get(URL, {"ordering": "price_from"})) == ["Alone"]


def test_list_is_narrowed_by_venue_city_and_category(api, venue):
    make("Here", venue=venue, category="comedy")
    make("There", venue=VenueFactory(city="Oslo"), category="sports")
    assert names(api.get(URL, {"venue": str(venue.pk)})) == ["Here"]
    assert names(api.get(URL, {"city": "oslo"})) == ["There"]
    assert names(api.get(URL, {"category": "comedy"})) == ["Here"]
    assert len(names(api.get(f"{URL}?category=comedy&category=sports"))) == 2


def test_free_text_finds_name_description_and_venue(api, venue):
    make("Jazz night", venue=venue)
    make("Talk", description="All about jazz", venue=VenueFactory(name="Library"))
    make("Opera", venue=VenueFactory(name="Jazz cellar"))
    make("Chess")
    assert set(names(api.get(URL, {"search": "jazz"}))) == {"Jazz night", "Talk", "Opera"}
    assert names(api.get(URL, {"search": "jazz garden"})) == ["Jazz night"]


def test_a_date_range_holds_its_start_and_not_its_end(api, venue):
    for day in (1, 2, 3):
        EventFactory(name=f"Day {day}", venue=venue, starts_at=datetime(2030, 7, day, 20, tzinfo=UTC))
    asked = {"starts_after": "2030-07-01T20:00:00Z", "starts_before": "2030-07-03T20:00:00Z"}
    assert names(api.get(URL, asked)) == ["Day 1", "Day 2"]
    assert names(api.get(URL, {"starts_after": "2030-07-02T16:00:00-04:00"})) == ["Day 2", "Day 3"]
    assert names(api.get(f"{URL}?starts_after=2030-07-02T22:00:00+02:00")) == ["Day 2", "Day 3"], "plus as sent by hand"


def test_the_past_is_shown_to_who_asks_for_it(api):
    make("Over", -3)
    make("To come", 3)
    assert names(api.get(URL, {"when": "past"})) == ["Over"]
    assert names(api.get(URL, {"when": "all"})) == ["Over", "To come"]
    long_ago = (timezone.now() - timedelta(days=30)).isoformat()
    assert names(api.get(URL, {"starts_after": long_ago})) == ["Over", "To come"]
    assert names(api.get(URL, {"starts_after": long_ago, "when": "upcoming"})) == ["To come"]


def test_list_is_narrowed_and_ordered_by_all_in_price(api):
    for capacity in (500, 3000, 8000, 13):
        make(str(capacity), capacity=capacity)
    assert names(api.get(URL, {"price_max": 3000, "ordering": "price_from"})) == ["500", "3000"]
    assert names(api.get(URL, {"price_min": 4000, "ordering": "price_from"})) == ["3000", "8000"]
    assert names(api.get(URL, {"price_min": 1501, "price_max": 2999})) == []
    assert names(api.get(URL, {"ordering": "price_from"})) == ["500", "3000", "8000", "13"]
    assert names(api.get(URL, {"ordering": "-price_from"})) == ["8000", "3000", "500", "13"]


def test_list_is_narrowed_by_availability(api):
    make("Left", capacity=10)
    make("Gone", capacity=11)
    assert names(api.get(URL, {"available": "true"})) == ["Left"]
    assert names(api.get(URL, {"available": "false"})) == ["Gone"]
    assert len(names(api.get(URL))) == 2


def test_pages_of_events_that_start_together_do_not_overlap(api, venue):
    starts = timezone.now() + timedelta(days=1)
    EventFactory.create_batch(6, venue=venue, starts_at=starts)
    pages = [names(api.get(URL, {"limit": 2, "skip": skip})) for skip in (0, 2, 4)]
    assert len({name for page in pages for name in page}) == 6


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"venue": "here"}, "venue"),
        ({"category": "love"}, "category"),
        ({"status": "secret"}, "status"),
        ({"starts_after": "tomorrow"}, "starts_after"),
        ({"starts_after": "0001-01-01T00:00:00+14:00"}, "starts_after"),
        ({"starts_before": "9999-12-31T23:59:59-14:00"}, "starts_before"),
        ({"starts_after": "2030-02-30"}, "starts_after"),
        ({"starts_after": "2030-02-02", "starts_before": "2030-02-01"}, "starts_before"),
        ({"price_min": "12.50"}, "price_min"),
        ({"price_min": "cheap"}, "price_min"),
        ({"price_min": -1}, "price_min"),
        ({"price_max": 10**30}, "price_max"),
        ({"price_min": 2, "price_max": 1}, "price_max"),
        ({"available": "maybe"}, "available"),
        ({"mine": "maybe"}, "mine"),
        ({"when": "soon"}, "when"),
        ({"ordering": "venue__contact_email"}, "ordering"),
        ({"limit": "many"}, "limit"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(api, query, field):
    answer = api.get(URL, query)
    assert answer.status_code == 422, answer.json()
    assert field in [detail["field"] for detail in answer.json()["error"]["details"]]


def test_a_list_costs_the_same_queries_for_3_and_for_30(api, olga, django_assert_num_queries):
    for length in (3, 27):
        for _ in range(length):
            make("Show", venue=VenueFactory())
        with django_assert_num_queries(3):  # count, page, prices of the page
            api.get(URL)
        with django_assert_num_queries(2):  # the whole list went by prices
            api.get(URL, {"search": "show", "price_max": 5000, "available": "true", "ordering": "price_from"})
        caller = api.as_(User.objects.get(pk=olga.pk))
        with django_assert_num_queries(4):  # and the caller's permissions
            caller.get(URL)


def test_mine_lists_every_state_of_my_venues_and_of_no_other(api, venue, other_venue, gus, ada):
    for status in Event.Status.values:
        make(f"Our {status}", venue=venue, status=status)
    make("Their draft", venue=other_venue, status="draft")
    make("Their show", venue=other_venue)
    assert len(names(api.as_(gus).get(URL, {"mine": "true"}))) == 4
    assert names(api.as_(gus).get(URL, {"mine": "true", "status": "draft"})) == ["Our draft"]
    assert len(names(api.as_(ada).get(URL, {"mine": "true"}))) == 6
    assert set(names(api.as_(gus).get(URL))) == {"Our published", "Their show"}
    assert names(api.as_(gus).get(URL, {"status": "draft"})) == []
    assert api.get(URL, {"mine": "true"}).status_code == 401


def test_detail_follows_the_state_of_the_event(api, venue, fay, gus, stan, ada):
    everybody = (None, fay, stan, gus, ada)
    for status in ("published", "cancelled", "completed"):
        url = f"{URL}/{make('Show', venue=venue, status=status).pk}"
        assert [api.as_(user).get(url).status_code for user in everybody] == [200] * 5
    draft = f"{URL}/{make('Show', venue=venue, status='draft').pk}"
    assert [api.as_(user).get(draft).status_code for user in everybody] == [404, 404, 404, 200, 200]
    Venue.objects.filter(pk=venue.pk).update(is_active=False)
    assert [api.as_(user).get(url).status_code for user in everybody] == [404, 404, 404, 200, 200]


def test_detail_shows_planning_to_staff_only(api, event, fay, gus, stan):
    url = f"{URL}/{event.pk}"
    for user in (None, fay, stan):
        assert not STAFF_FIELDS & set(api.as_(user).get(url).json())
    assert set(api.as_(gus).get(url).json()) >= STAFF_FIELDS


def test_detail_costs_one_query(api, event, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert api.get(f"{URL}/{event.pk}").status_code == 200


def test_a_person_at_two_venues_sees_both(api, venue, other_venue, gus):
    StaffFactory(user=gus, venue=other_venue, role="kitchen")
    make("One", 1, venue=venue, status="draft")
    make("Two", 2, venue=other_venue, status="draft")
    assert names(api.as_(gus).get(URL, {"mine": "true"})) == ["One", "Two"]
