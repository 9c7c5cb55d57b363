"""Published, cancelled, completed: who may, when, and what is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from events import lifecycle, signals
from events.models import Event
from trufan.lib.errors import Conflict, InvalidMove
from trufan.testing import EventFactory
from venues.models import Venue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seller")]


@pytest.fixture
def draft(venue) -> Event:
    return EventFactory(venue=venue, status="draft")


@pytest.fixture
def heard():
    """What was announced, in order."""
    facts: list[tuple] = []

    def listen(name, signal):
        def receive(sender, event, by, now, **said):
            facts.append((name, event.pk, by, said.get("reason")))

        signal.connect(receive, weak=False)
        return signal, receive

    ears = [
        listen("published", signals.event_published),
        listen("cancelled", signals.event_cancelled),
        listen("completed", signals.event_completed),
    ]
    yield facts
    for signal, receive in ears:
        signal.disconnect(receive)


def post(api, event, move, **body):
    return api.post(f"/api/v1/events/{event.pk}/{move}", body)


def test_publishing_puts_a_draft_before_the_public(api, olga, draft, heard):
    answer = post(api.as_(olga), draft, "publish")
    assert (answer.status_code, answer.json()["status"]) == (200, "published")
    assert answer.json()["published_at"] is not None
    assert api.get(f"/api/v1/events/{draft.pk}").status_code == 200
    entry = AuditLog.objects.get(action="event.published")
    assert (entry.actor, entry.old_values, entry.new_values) == (olga, {"status": "draft"}, {"status": "published"})
    assert heard == [("published", draft.pk, olga, None)]


def test_what_cannot_be_sold_is_not_published_and_the_reason_is_said(api, olga, draft, seller, heard):
    seller.refusal = "It has no open ticket type."
    answer = post(api.as_(olga), draft, "publish")
    assert answer.status_code == 409
    assert (answer.json()["error"]["code"], answer.json()["error"]["message"]) == ("not_sellable", seller.refusal)
    draft.refresh_from_db()
    assert (draft.status, draft.published_at, heard) == ("draft", None, [])
    assert not AuditLog.objects.exists()


def test_nothing_is_published_without_a_seller(api, olga, draft, no_seller):
    assert post(api.as_(olga), draft, "publish").json()["error"]["code"] == "not_sellable"


def test_what_is_over_or_at_a_closed_venue_is_not_published(api, olga, venue, draft):
    over = EventFactory(venue=venue, status="draft", starts_at=timezone.now() - timedelta(days=1))
    assert post(api.as_(olga), over, "publish").json()["error"]["message"] == "The event is already over."
    Venue.objects.filter(pk=venue.pk).update(is_active=False)
    assert post(api.as_(olga), draft, "publish").json()["error"]["message"] == "The venue is closed."


def test_cancelling_says_why_in_the_history(api, olga, event, heard):
    answer = post(api.as_(olga), event, "cancel", reason="The headliner is ill.")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    entry = AuditLog.objects.get(action="event.cancelled")
    assert entry.new_values == {"status": "cancelled", "reason": "The headliner is ill."}
    assert heard == [("cancelled", event.pk, olga, "The headliner is ill.")]


def test_a_reason_is_optional_and_of_reasonable_length(api, olga, event, draft):
    assert post(api.as_(olga), event, "cancel", reason="x" * 501).status_code == 422
    assert post(api.as_(olga), event, "cancel", reason={"a": 1}).status_code == 422
    assert post(api.as_(olga), event, "cancel").status_code == 200
    assert post(api.as_(olga), draft, "cancel").status_code == 200


def test_completing_waits_for_the_start(api, olga, event, heard):
    early = post(api.as_(olga), event, "complete")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "event_not_started")
    Event.objects.filter(pk=event.pk).update(starts_at=timezone.now() - timedelta(hours=1))
    assert post(api.as_(olga), event, "complete").json()["status"] == "completed"
    assert AuditLog.objects.get(action="event.completed").actor == olga
    assert heard == [("completed", event.pk, olga, None)]


@pytest.mark.parametrize(
    ("status", "moves"),
    [
        ("draft", {"complete"}),
        ("published", {"publish"}),
        ("cancelled", {"publish", "cancel", "complete"}),
        ("completed", {"publish", "cancel", "complete"}),
    ],
)
def test_moves_that_the_state_does_not_allow_are_refused(api, olga, venue, status, moves, heard):
    event = EventFactory(venue=venue, status=status, starts_at=timezone.now() - timedelta(hours=1))
    for move in moves:
        answer = post(api.as_(olga), event, move)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "invalid_state")
    assert heard == []


def test_of_two_who_read_the_same_event_one_moves_it(event, olga, heard):
    stale = Event.objects.get(pk=event.pk)
    lifecycle.cancel(event, olga, timezone.now())
    with pytest.raises(InvalidMove):
        lifecycle.cancel(stale, olga, timezone.now())
    assert len(heard) == 1


def test_a_listener_that_refuses_stops_the_move(event, olga):
    def refuse(sender, **kwargs):
        raise Conflict("Not with tickets at the door.")

    signals.event_cancelled.connect(refuse)
    try:
        with pytest.raises(Conflict):
            lifecycle.cancel(event, olga, timezone.now())
    finally:
        signals.event_cancelled.disconnect(refuse)
    event.refresh_from_db()
    assert event.status == "published"
    assert not AuditLog.objects.exists()


@pytest.mark.parametrize("move", ["publish", "cancel", "complete"])
def test_only_who_holds_the_right_moves_an_event(api, move, event, draft, fay, gus, stan, heard):
    assert [post(api.as_(user), event, move).status_code for user in (None, fay, gus, stan)] == [401, 403, 403, 403]
    assert [post(api.as_(user), draft, move).status_code for user in (None, fay, gus, stan)] == [401, 404, 403, 404]
    assert heard == []


def test_moving_costs_few_queries(api, olga, event, django_assert_max_num_queries):
    caller = api.as_(type(olga).objects.get(pk=olga.pk))
    # Two of them begin to tell the holders.
    with django_assert_max_num_queries(12):
        assert post(caller, event, "cancel").status_code == 200
