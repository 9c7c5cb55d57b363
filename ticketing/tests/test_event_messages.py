"""Holders hear of what becomes of their event: moved, cancelled, tomorrow, doors open; each once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from events import lifecycle, planning
from events.models import Event
from notifications.broadcasts.models import Broadcast
from notifications.models import Notification
from notifications.values import moment
from ticketing import reminders
from ticketing.tests.sales import buy
from trufan.lib import sweeps
from trufan.testing import EventFactory, TicketTypeFactory


@pytest.fixture
def show(venue, fay) -> Event:
    """Ten days ahead, published; Fay and a guest hold tickets."""
    starts = (timezone.now() + timedelta(days=10)).replace(minute=0, second=0, microsecond=0)
    made = EventFactory(
        venue=venue,
        name="Derby",
        doors_at=starts - timedelta(hours=1),
        starts_at=starts,
        ends_at=starts + timedelta(hours=3),
    )
    kind = TicketTypeFactory(event=made)
    buy(fay, kind, 2)
    buy(None, kind)
    return made


def told(template: str) -> set[tuple[str, str]]:
    sweeps.run_all(timezone.now())
    rows = Notification.objects.filter(template=template, broadcast__isnull=False)
    return set(rows.values_list("user__email", "recipient"))


def test_all_holders_hear_that_it_is_called_off_once_each(show, olga):
    lifecycle.cancel(show, olga, timezone.now(), "The singer is ill.")
    assert len(told("event_cancelled")) == 2
    assert Broadcast.objects.get(template="event_cancelled").context["reason"] == "The singer is ill."
    assert len(told("event_cancelled")) == 2


def test_a_new_time_is_told_with_the_old_one_and_told_again_when_it_moves_again(show, olga):
    was = show.starts_at
    later = {"starts_at": was + timedelta(hours=1), "ends_at": was + timedelta(hours=5)}
    planning.change(show, olga, **later)
    begun = Broadcast.objects.get(template="event_moved")
    assert begun.context["was"] == moment(was, show.venue.zone)
    assert begun.context["starts_at"] == moment(later["starts_at"], show.venue.zone)
    assert len(told("event_moved")) == 2
    planning.change(show, olga, starts_at=was + timedelta(hours=2))
    assert Broadcast.objects.filter(template="event_moved").count() == 2


def test_other_changes_and_drafts_are_nobodys_news(show, venue, olga):
    planning.change(show, olga, name="The Derby", capacity=show.capacity + 1)
    draft = EventFactory(venue=venue, status="draft")
    planning.change(
        draft, olga, ends_at=draft.ends_at + timedelta(hours=1), doors_at=draft.doors_at - timedelta(hours=1)
    )
    assert not Broadcast.objects.exists()


def test_the_day_before_they_are_reminded_from_ten_on_once(show):
    due = reminders.reminder_due(show)
    assert due.astimezone(show.venue.zone).hour == 10
    assert reminders.tell_of_tomorrow(due - timedelta(minutes=1)) == 0
    assert [reminders.tell_of_tomorrow(due), reminders.tell_of_tomorrow(due + timedelta(hours=1))] == [1, 0]
    assert Broadcast.objects.get().context["bought_before"] == due.isoformat()


def test_a_moved_event_is_announced_anew(show):
    assert reminders.tell_of_tomorrow(reminders.reminder_due(show)) == 1
    Event.objects.filter(pk=show.pk).update(
        starts_at=show.starts_at + timedelta(days=7), doors_at=show.doors_at + timedelta(days=7),
        ends_at=show.ends_at + timedelta(days=7),
    )  # fmt: skip
    show.refresh_from_db()
    assert reminders.tell_of_tomorrow(reminders.reminder_due(show)) == 1


@pytest.mark.parametrize("status", ["draft", "cancelled", "completed"])
def test_what_does_not_take_place_is_not_announced(show, status):
    Event.objects.filter(pk=show.pk).update(status=status)
    assert reminders.sweep(reminders.reminder_due(show)) == 0
    assert reminders.sweep(show.doors_at) == 0


def test_too_late_nobody_is_told(show):
    assert reminders.tell_of_tomorrow(show.doors_at - timedelta(hours=2)) == 0
    assert reminders.tell_of_doors(show.doors_at + timedelta(hours=2)) == 0


def test_when_the_doors_open_they_are_told_once(show):
    assert reminders.tell_of_doors(show.doors_at - timedelta(seconds=1)) == 0
    assert [reminders.tell_of_doors(show.doors_at), reminders.tell_of_doors(show.doors_at)] == [1, 0]
    assert Broadcast.objects.get().template == "doors_open"


def test_however_many_were_told_already_the_next_one_is_told_at_a_constant_cost(
    show, venue, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(reminders, "BATCH", 1)
    for _ in range(3):
        EventFactory(venue=venue, doors_at=show.doors_at, starts_at=show.starts_at, ends_at=show.ends_at)
    assert [reminders.tell_of_doors(show.doors_at) for _ in range(5)] == [1, 1, 1, 1, 0]
    with django_assert_num_queries(2):
        reminders.tell_of_doors(show.doors_at)
