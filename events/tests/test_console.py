"""The console draws up, changes, publishes, completes and cancels events by the rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from events.admin import EventAdmin
from events.models import Event
from trufan.testing import EventFactory, StaffFactory, TicketTypeFactory, VenueFactory
from trufan.tests.console_client import as_, buttons_on, errors_of, press, url
from venues.models import Venue


def form(venue: Venue, **changes: Any) -> dict[str, Any]:
    """What an operator types to draw up an event of Friday 4 January 2030, 20:00 by the venue's clock."""
    typed = {
        "venue": venue.pk, "name": "Big Night", "description": "", "category": "concert", "capacity": 500,
        "starts_at_0": "2030-01-04", "starts_at_1": "20:00", "ends_at_0": "2030-01-04", "ends_at_1": "23:00",
        "doors_at_0": "2030-01-04", "doors_at_1": "18:30", "configuration": "{}",
        "questions-TOTAL_FORMS": 0, "questions-INITIAL_FORMS": 0,
    }  # fmt: skip
    return typed | changes


def own_buttons(user: User, event: Event) -> set[str]:
    """Those that are about the event itself; other rooms put theirs beside them."""
    return buttons_on(user, event) & {button.name for button in EventAdmin.own_buttons}


def test_times_are_read_by_the_venues_clock(olga: User, venue: Venue) -> None:
    assert as_(olga).post(url(Event, "add"), form(venue)).status_code == 302
    event = Event.objects.get(name="Big Night")
    assert event.starts_at == datetime(2030, 1, 5, 1, 0, tzinfo=UTC)
    assert event.doors_at == datetime(2030, 1, 4, 23, 30, tzinfo=UTC)
    assert event.status == "draft"


def test_times_are_read_by_the_clock_of_the_venue_chosen_among_several(olga: User, venue: Venue) -> None:
    london = VenueFactory(time_zone="Europe/London")
    StaffFactory(user=olga, venue=london)
    assert as_(olga).post(url(Event, "add"), form(london)).status_code == 302
    assert Event.objects.get(name="Big Night").starts_at == datetime(2030, 1, 4, 20, 0, tzinfo=UTC)


def test_a_time_that_clocks_skip_is_refused(olga: User, venue: Venue) -> None:
    typed = form(venue, starts_at_0="2030-03-10", starts_at_1="02:30", ends_at_0="2030-03-10", ends_at_1="05:00")
    response = as_(olga).post(url(Event, "add"), typed | {"doors_at_0": "2030-03-10", "doors_at_1": "01:00"})
    assert response.status_code == 200
    assert "America/New_York" in errors_of(response)
    assert not Event.objects.exists()


def test_doors_open_an_hour_before_when_nobody_says_so(olga: User, venue: Venue) -> None:
    as_(olga).post(url(Event, "add"), form(venue, doors_at_0="", doors_at_1=""))
    event = Event.objects.get(name="Big Night")
    assert event.starts_at - event.doors_at == timedelta(hours=1)


def test_drawing_up_and_changing_are_in_the_audit_trail(olga: User, venue: Venue) -> None:
    client = as_(olga)
    client.post(url(Event, "add"), form(venue))
    event = Event.objects.get(name="Big Night")
    client.post(url(Event, "change", event.pk), form(venue, capacity=700))
    created, changed = AuditLog.objects.filter(entity_id=event.pk).order_by("created_at")
    assert (created.action, created.actor) == ("event.created", olga)
    assert (changed.action, changed.old_values, changed.new_values) == (
        "event.changed", {"capacity": 500}, {"capacity": 700},
    )  # fmt: skip


def test_saving_what_was_shown_changes_nothing(olga: User, venue: Venue) -> None:
    client = as_(olga)
    client.post(url(Event, "add"), form(venue))
    event = Event.objects.get(name="Big Night")
    shown = client.get(url(Event, "change", event.pk)).context["adminform"].form
    typed = {
        bound.html_name: bound.value() for bound in shown if bound.name not in {"starts_at", "ends_at", "doors_at"}
    }
    response = client.post(url(Event, "change", event.pk), form(venue) | typed)
    assert response.status_code == 302
    after = Event.objects.get(pk=event.pk)
    assert (after.starts_at, after.ends_at, after.doors_at) == (event.starts_at, event.ends_at, event.doors_at)
    assert not AuditLog.objects.filter(action="event.changed").exists()


def test_the_rules_refusal_comes_back_on_the_form(olga: User, event: Event) -> None:
    TicketTypeFactory(event=event, quantity=100)
    response = as_(olga).post(url(Event, "change", event.pk), form(event.venue, capacity=50))
    assert "100 tickets are already allotted" in errors_of(response)
    event.refresh_from_db()
    assert event.capacity == 1000


def test_times_out_of_order_are_refused_in_words(olga: User, venue: Venue) -> None:
    response = as_(olga).post(url(Event, "add"), form(venue, ends_at_1="19:00"))
    assert errors_of(response) == "An event ends after it starts."


def test_a_cancelled_event_can_only_be_read(olga: User, venue: Venue) -> None:
    event = EventFactory(venue=venue, status="cancelled")
    assert as_(olga).post(url(Event, "change", event.pk), form(venue)).status_code == 403
    # Who held tickets may still have to be told something.
    assert own_buttons(olga, event) == {"message"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [("draft", {"publish", "cancel"}), ("published", {"cancel", "message"}), ("completed", set())],
)
def test_a_page_offers_what_its_event_allows(
    status: str, expected: set[str], olga: User, gus: User, venue: Venue
) -> None:
    event = EventFactory(venue=venue, status=status)
    assert own_buttons(olga, event) == expected
    assert buttons_on(gus, event) == set()


def test_an_event_is_completed_once_it_has_begun(olga: User, venue: Venue) -> None:
    event = EventFactory(venue=venue, starts_at=timezone.now() - timedelta(minutes=1))
    assert own_buttons(olga, event) == {"complete", "cancel", "message"}


def test_publishing_puts_an_event_on_sale(olga: User, venue: Venue) -> None:
    event = TicketTypeFactory(event=EventFactory(venue=venue, status="draft", name="Big Night")).event
    assert press(olga, event, "publish") == "“Big Night” is published."
    event.refresh_from_db()
    assert event.status == "published"


def test_publishing_without_a_ticket_type_is_refused_in_words(olga: User, venue: Venue) -> None:
    event = EventFactory(venue=venue, status="draft")
    assert "published" not in press(olga, event, "publish")
    event.refresh_from_db()
    assert event.status == "draft"


def test_cancelling_asks_for_a_reason_and_keeps_it(olga: User, event: Event) -> None:
    response = as_(olga).post(url(Event, "button", event.pk, "cancel"), {"reason": ""})
    assert response.status_code == 200
    assert response.context["form"].errors["reason"]
    event.refresh_from_db()
    assert event.status == "published"

    press(olga, event, "cancel", reason="The roof leaks")
    event.refresh_from_db()
    assert event.status == "cancelled"
    assert AuditLog.objects.get(action="event.cancelled").new_values["reason"] == "The roof leaks"


def test_completing_before_the_start_is_refused_in_words(olga: User, event: Event) -> None:
    assert "once it has started" in press(olga, event, "complete")
    Event.objects.filter(pk=event.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
    assert "is completed" in press(olga, event, "complete")


def test_asking_changes_nothing(olga: User, event: Event) -> None:
    response = as_(olga).get(url(Event, "button", event.pk, "cancel"))
    assert "called off for good" in response.content.decode()
    event.refresh_from_db()
    assert event.status == "published"


def test_a_button_needs_its_token(olga: User, event: Event) -> None:
    client: Client = as_(olga, enforce_csrf_checks=True)
    assert client.post(url(Event, "button", event.pk, "cancel"), {"reason": "Forged"}).status_code == 403
    event.refresh_from_db()
    assert event.status == "published"


def test_a_button_nobody_made_is_not_found(olga: User, event: Event) -> None:
    assert as_(olga).get(url(Event, "button", event.pk, "explode")).status_code == 404


def test_events_are_found_by_when_they_are(olga: User, venue: Venue) -> None:
    now = timezone.now()
    over = EventFactory(venue=venue, starts_at=now - timedelta(days=2))
    running = EventFactory(venue=venue, starts_at=now - timedelta(hours=1))
    coming = EventFactory(venue=venue, starts_at=now + timedelta(days=2))
    for when, event in (("over", over), ("running", running), ("coming", coming)):
        response = as_(olga).get(url(Event, "changelist"), {"when": when})
        assert list(response.context["cl"].result_list) == [event]
