"""An event in a calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from events.calendars import ics
from trufan.testing import EventFactory, VenueFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def show():
    venue = VenueFactory(name="Garden, Arena; East", street="4 Plaza", region="NY", postal_code="10001")
    return EventFactory(
        venue=venue,
        name="Jazz, Blues; Soul \\ Night",
        description="First line\r\nSecond; line\rThird\x07 " + "lång " * 40,
        starts_at=datetime(2030, 7, 3, 23, 30, tzinfo=UTC),
    )


def entry(body: bytes):
    (one,) = Calendar.from_ical(body).walk("VEVENT")
    return one


def test_anybody_downloads_a_published_event_as_a_calendar(api, show):
    answer = api.get(f"/api/v1/events/{show.pk}/calendar.ics")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "event.ics" in answer["Content-Disposition"]
    assert entry(answer.content)["SUMMARY"] == show.name


def test_a_calendar_program_that_asks_for_its_own_type_is_served(api, show):
    answer = api.get(f"/api/v1/events/{show.pk}/calendar.ics", headers={"Accept": "text/calendar"})
    assert answer.status_code == 200


def test_the_entry_says_when_where_and_what(show):
    one = entry(ics(show))
    assert one["UID"].startswith(f"{show.pk}@")
    assert one["DTSTART"].to_ical() == b"20300703T233000Z"
    assert one["DTEND"].to_ical() == b"20300704T023000Z"
    assert one["DTSTAMP"].to_ical().endswith(b"Z")
    assert one["LOCATION"] == "Garden, Arena; East, 4 Plaza, New York, NY 10001, US"
    assert one["GEO"].to_ical() == "40.7505;-73.9934"
    assert one["STATUS"] == "CONFIRMED"
    assert one["URL"].endswith(f"/api/v1/events/{show.pk}")


def test_the_bytes_are_as_rfc_5545_has_them(show):
    body = ics(show)
    lines = body.split(b"\r\n")
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in b"".join(lines) and b"\r" not in b"".join(lines)
    assert all(len(line) <= 75 for line in lines)
    unfolded = body.replace(b"\r\n ", b"")
    assert b"SUMMARY:Jazz\\, Blues\\; Soul \\\\ Night\r\n" in unfolded
    assert b"First line\\nSecond\\; line\\nThird l" in unfolded
    assert entry(body)["DESCRIPTION"].startswith("First line\nSecond; line\nThird lång")


def test_a_name_cannot_smuggle_in_a_property(show):
    show.name = "Show\r\nATTENDEE:mailto:all@example.com\nX-EVIL:1"
    one = entry(ics(show))
    assert "ATTENDEE" not in one and "X-EVIL" not in one


def test_a_cancelled_event_says_so_under_the_same_uid(api, show):
    before = entry(ics(show))["UID"]
    show.status = "cancelled"
    show.save()
    one = entry(api.get(f"/api/v1/events/{show.pk}/calendar.ics").content)
    assert (one["UID"], one["STATUS"]) == (before, "CANCELLED")


def test_a_venue_without_coordinates_has_no_geo():
    event = EventFactory(venue__latitude=None, venue__longitude=None, description="")
    one = entry(ics(event))
    assert "GEO" not in one and "DESCRIPTION" not in one


def test_a_draft_has_no_calendar_for_strangers(api, venue, fay, gus, stan):
    draft = EventFactory(venue=venue, status="draft")
    url = f"/api/v1/events/{draft.pk}/calendar.ics"
    assert [api.as_(user).get(url).status_code for user in (None, fay, stan, gus)] == [404, 404, 404, 200]
    assert api.get(url)["Content-Type"] == "application/json"
