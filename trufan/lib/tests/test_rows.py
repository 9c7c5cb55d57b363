"""What every row has: a key that sorts by time, and a status that only moves as allowed."""

import time

import pytest
from django.utils import timezone

from events.models import Event
from trufan.lib.errors import InvalidMove
from trufan.lib.ids import uuid7
from trufan.lib.models import row_moved
from trufan.testing import EventFactory


def test_keys_are_version_7_and_sort_by_the_time_they_were_made():
    keys = []
    for _ in range(3):
        keys.append(uuid7())
        time.sleep(0.002)
    assert keys == sorted(keys)
    assert {key.version for key in keys} == {7}
    assert {key.variant for key in keys} == {"specified in RFC 4122"}


def test_a_row_moves_as_its_table_allows(event):
    event.move(Event.Status.CANCELLED)
    assert Event.objects.get().status == "cancelled"


def test_a_move_that_is_not_allowed_is_refused(event):
    event.move(Event.Status.CANCELLED)
    with pytest.raises(InvalidMove, match="cancelled and cannot become published"):
        event.move(Event.Status.PUBLISHED)


def test_of_two_stale_copies_one_moves_the_row(event):
    twin = Event.objects.get()
    event.move(Event.Status.CANCELLED)
    with pytest.raises(InvalidMove):
        twin.move(Event.Status.COMPLETED)
    assert Event.objects.get().status == "cancelled"


def test_a_move_is_of_one_row_takes_changes_along_and_is_told(event):
    other, heard = EventFactory(), []

    def hear(row, **_):
        heard.append((row, row.status, row.name))

    row_moved.connect(hear, sender=Event)
    try:
        assert event.move(Event.Status.CANCELLED, name="Called off") is event
    finally:
        row_moved.disconnect(hear, sender=Event)
    assert (event.status, event.name) == ("cancelled", "Called off")
    assert heard == [(event, "cancelled", "Called off")]
    assert Event.objects.get(pk=event.pk).name == "Called off"
    other.refresh_from_db()
    assert other.status == "published"


def test_bulk_updates_keep_the_time_of_the_last_change(event):
    before = timezone.now()
    Event.objects.update(name="Renamed")
    assert Event.objects.get().updated_at >= before
