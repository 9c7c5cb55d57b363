"""An event copied over dates, and its series published and changed at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from events.models import Event, EventSeries
from notifications.models import Notification
from ticketing.models import EntrySlot, Question, TicketType
from ticketing.tests.sales import buy
from trufan.testing import EventFactory, TicketTypeFactory
from trufan.tests.console_client import as_, press, url

SERIES = "/api/v1/event-series"


@pytest.fixture
def show(venue) -> Event:
    """Friday, 2 July 2027, 19:30 in New York."""
    starts = datetime(2027, 7, 2, 23, 30, tzinfo=UTC)
    return EventFactory(
        venue=venue, name="Hamlet", doors_at=starts - timedelta(hours=1), starts_at=starts,
        ends_at=starts + timedelta(hours=3), configuration={"transfer_policy": {"allowed": False}}, capacity=200,
    )  # fmt: skip


@pytest.fixture
def stalls(show) -> TicketType:
    return TicketTypeFactory(event=show, name="Stalls", sales_end=show.starts_at - timedelta(hours=2), quantity=100)


def copies(event):
    return f"/api/v1/events/{event.pk}/copies"


@pytest.fixture
def run(api, olga, show, stalls) -> EventSeries:
    answer = api.as_(olga).post(copies(show), {"rule": {"every": "week", "count": 3}})
    assert answer.status_code == 201, answer.json()
    return EventSeries.objects.get()


def test_copies_are_drafts_with_all_that_the_event_has(api, olga, show, stalls):
    for_stalls = Question.objects.create(event=show, text="Coat?")
    for_stalls.ticket_types.add(stalls)
    Question.objects.create(event=show, text="Old?", is_active=False)
    EntrySlot.objects.create(event=show, starts_at=show.doors_at, ends_at=show.starts_at, capacity=5, sold=2)
    TicketType.objects.filter(pk=stalls.pk).update(sold=7)
    answer = api.as_(olga).post(copies(show), {"dates": ["2027-12-03", "2027-07-09"], "name": "Hamlet 2027"})
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert [each["starts_at_local"] for each in made["events"]] == [
        "2027-07-09T19:30:00-04:00", "2027-12-03T19:30:00-05:00",
    ]  # fmt: skip
    assert {each["status"] for each in made["events"]} == {"draft"}
    assert (made["series"]["name"], made["series"]["events"], made["series"]["drafts"]) == ("Hamlet 2027", 3, 2)
    last = Event.objects.get(pk=made["events"][1]["id"])
    assert (last.name, last.capacity, last.allocated) == ("Hamlet", 200, 100)
    assert last.configuration == show.configuration
    kind = last.ticket_types.get()
    assert (kind.name, kind.quantity, kind.sold, kind.price) == ("Stalls", 100, 0, stalls.price)
    assert kind.sales_end == last.starts_at - timedelta(hours=2)
    question = last.questions.get()
    assert (question.text, question.ticket_types.get()) == ("Coat?", kind)
    slot = last.slots.get()
    assert (slot.starts_at, slot.ends_at, slot.sold) == (last.doors_at, last.starts_at, 0)
    assert AuditLog.objects.filter(action="event.copied", entity_id=last.pk).exists()


def test_more_copies_join_the_series(api, olga, show, run):
    answer = api.as_(olga).post(copies(Event.objects.filter(series=run).last()), {"dates": ["2027-09-03"]})
    assert answer.json()["series"]["id"] == str(run.pk)
    listed = api.as_(olga).get(f"/api/v1/events?series={run.pk}&mine=true").json()
    assert listed["count"] == 5
    assert {each["series"] for each in listed["results"]} == {str(run.pk)}
    assert api.as_(None).get(f"/api/v1/events?series={run.pk}").json()["count"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "dates"),
        ({"dates": []}, "dates"),
        ({"dates": ["2027-07-09"], "rule": {"every": "day", "count": 1}}, "dates"),
        ({"dates": ["2027-07-02"]}, "dates[0]"),
        ({"dates": ["2027-07-09", "2027-07-09"]}, "dates[1]"),
        ({"dates": ["tomorrow"]}, "dates[0]"),
        ({"dates": ["2222-07-09"]}, "dates"),
        ({"rule": {"every": "year", "count": 1}}, "rule.every"),
        ({"rule": {"every": "day"}}, "rule.count"),
        ({"rule": {"every": "day", "count": 367}}, "rule.count"),
        ({"rule": {"every": "week", "weekdays": ["friday"], "count": 1}}, "rule.weekdays[0]"),
        ({"rule": {"every": "day", "until": "2027-07-02"}}, "rule.until"),
    ],
)
def test_dates_that_are_none_are_told_so(api, olga, show, body, field):
    answer = api.as_(olga).post(copies(show), body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == field
    assert (Event.objects.count(), EventSeries.objects.count()) == (1, 0)


def test_strangers_copy_nothing_and_see_no_series(api, fay, gus, stan, show, run):
    body = {"dates": ["2027-09-03"]}
    assert api.as_(None).post(copies(show), body).status_code == 401
    for who in (fay, gus, stan):
        assert api.as_(who).post(copies(show), body).status_code == 403
    for who in (fay, stan):
        assert api.as_(who).get(SERIES).json()["count"] == 0
        assert api.as_(who).get(f"{SERIES}/{run.pk}").status_code == 404
        assert api.as_(who).post(f"{SERIES}/{run.pk}/publish").status_code == 404
        assert api.as_(who).post(f"{SERIES}/{run.pk}/changes", {}).status_code == 404
        assert api.as_(who).patch(f"{SERIES}/{run.pk}", {"name": "Mine"}).status_code == 404
    assert api.as_(gus).post(f"{SERIES}/{run.pk}/publish").status_code == 403
    assert api.as_(gus).get(f"{SERIES}/{run.pk}").json()["events"] == 4
    assert Event.objects.filter(status="published").count() == 1


def test_drafts_are_published_each_by_its_own_rules(api, olga, run):
    first = Event.objects.filter(series=run, status="draft").first()
    first.ticket_types.all().delete()
    answer = api.as_(olga).post(f"{SERIES}/{run.pk}/publish").json()
    assert len(answer["published"]) == 2
    assert [(each["event"]["id"], each["code"]) for each in answer["refused"]] == [(str(first.pk), "not_sellable")]
    assert "no open ticket type" in answer["refused"][0]["message"]
    again = api.as_(olga).post(f"{SERIES}/{run.pk}/publish").json()
    assert (again["published"], len(again["refused"])) == ([], 1)


def test_the_rest_of_a_series_starts_later_from_a_day_on(api, olga, fay, show, run):
    asked = {"since": "2027-07-10", "field": "starts_at", "value": "20:00"}
    preview = api.as_(olga).post(f"{SERIES}/{run.pk}/changes/preview", asked).json()
    assert len(preview["changed"]) == 2
    assert preview["changed"][0]["new"] == "2027-07-17T00:00:00Z"
    assert not Event.objects.filter(series=run, starts_at__minute=0).exists()
    assert not AuditLog.objects.filter(action="event.changed").exists()
    made = api.as_(olga).post(f"{SERIES}/{run.pk}/changes", asked).json()
    assert made == preview
    assert Event.objects.filter(series=run, starts_at__minute=0).count() == 2
    assert AuditLog.objects.filter(action="event.changed").count() == 2
    again = api.as_(olga).post(f"{SERIES}/{run.pk}/changes", asked).json()
    assert again == {"changed": [], "refused": []}


def test_a_preview_tells_nobody(api, olga, fay, show, stalls, run):
    buy(fay, stalls)
    before = Notification.objects.count()
    asked = {"since": "2027-07-01", "field": "starts_at", "value": "21:00"}
    answer = api.as_(olga).post(f"{SERIES}/{run.pk}/changes/preview", asked).json()
    assert len(answer["changed"]) == 4
    assert Notification.objects.count() == before
    show.refresh_from_db()
    assert show.starts_at.minute == 30


def test_what_an_events_rules_refuse_stays(api, olga, run, show):
    Event.objects.filter(pk=show.pk).update(status="completed")
    tight = Event.objects.filter(series=run, status="draft").first()
    Event.objects.filter(series=run, status="draft").exclude(pk=tight.pk).update(allocated=50)
    asked = {"since": "2027-07-01", "field": "capacity", "value": 60}
    answer = api.as_(olga).post(f"{SERIES}/{run.pk}/changes", asked).json()
    assert len(answer["changed"]) == 2
    assert [(each["event"]["id"], each["code"]) for each in answer["refused"]] == [
        (str(tight.pk), "capacity_too_small")
    ]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"field": "status", "value": "published"}, "field"),
        ({"field": "name", "value": ""}, "value"),
        ({"field": "name", "value": None}, "value"),
        ({"field": "capacity", "value": "many"}, "value"),
        ({"field": "starts_at", "value": "25:00"}, "value"),
        ({"field": "configuration", "value": []}, "value"),
        ({"field": "name", "value": "X", "since": "soon"}, "since"),
        ({"field": "name"}, "value"),
    ],
)
def test_a_change_that_makes_no_sense_is_told_so(api, olga, run, asked, field):
    answer = api.as_(olga).post(f"{SERIES}/{run.pk}/changes", {"since": "2027-07-01"} | asked)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"].startswith(field)


def test_a_series_is_listed_and_renamed(api, olga, run, django_assert_num_queries):
    staff = api.as_(olga)
    assert staff.get(SERIES).json()["results"][0]["events"] == 4
    with django_assert_num_queries(2):
        staff.get(SERIES)
    for number in range(3):
        EventSeries.objects.create(venue=run.venue, name=f"Run {number}")
    with django_assert_num_queries(2):
        assert staff.get(SERIES).json()["count"] == 4
    assert staff.patch(f"{SERIES}/{run.pk}", {"name": "Summer"}).json()["name"] == "Summer"
    assert AuditLog.objects.get(action="event_series.changed").old_values == {"name": "Hamlet"}
    assert staff.patch(f"{SERIES}/{run.pk}", {"name": ""}).status_code == 422


def test_staff_copy_publish_and_change_in_the_console(olga, stan, show, stalls):
    assert "is copied" in press(olga, show, "copy", days="2027-07-09\n2027-07-10", weekdays="", until="")
    series = EventSeries.objects.get()
    assert "is published" in press(olga, series, "publish")
    assert Event.objects.filter(series=series, status="published").count() == 3
    client, address = as_(olga), url(EventSeries, "button", series.pk, "change")
    asked = {"since": "2027-07-09", "field": "name", "value": "Hamlet again"}
    page = client.post(address, asked)
    assert "2 events change." in page.content.decode()
    assert not Event.objects.filter(name="Hamlet again").exists()
    assert client.post(address, asked | {"confirmed": "2 events change."}).status_code == 302
    assert Event.objects.filter(name="Hamlet again").count() == 2
    assert client.post(address, asked | {"field": "capacity"}).status_code == 200
    assert "Hamlet again" in as_(olga).get(url(EventSeries, "change", series.pk)).content.decode()
    assert as_(stan).get(url(EventSeries, "change", series.pk)).status_code == 302


def test_times_of_past_and_present_are_copied_as_they_are(api, olga, venue):
    past = timezone.now() - timedelta(days=400)
    old = EventFactory(
        venue=venue, starts_at=past, doors_at=past, ends_at=past + timedelta(hours=1), status="completed"
    )
    answer = api.as_(olga).post(copies(old), {"dates": ["2027-07-09"]})
    assert (answer.status_code, answer.json()["events"][0]["status"]) == (201, "draft")


def test_an_addon_goes_with_the_copy_of_what_it_is_added_to(api, olga, show, stalls):
    TicketTypeFactory(event=show, name="Programme").addon_of.add(stalls)
    assert api.as_(olga).post(copies(show), {"dates": ["2027-07-09"]}).status_code == 201
    copy = Event.objects.exclude(pk=show.pk).get()
    assert copy.ticket_types.get(name="Programme").addon_of.get() == copy.ticket_types.get(name="Stalls")


@pytest.mark.parametrize("since", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_a_change_since_a_day_beyond_the_calendar_is_refused(api, olga, venue, run, since, zone):
    venue.time_zone = zone
    venue.save()

    answer = api.as_(olga).post(f"{SERIES}/{run.pk}/changes", {"since": since, "field": "name", "value": "X"})

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "since"
