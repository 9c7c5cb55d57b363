"""Staff draw up entry slots; everybody sees what is left of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audit.models import AuditLog
from events.models import Event
from ticketing.models import EntrySlot
from trufan.testing import EventFactory
from trufan.tests.console_client import as_, press, url

ROW = {"begin": "10:00", "end": "18:00", "every": 15, "capacity": 50}


@pytest.fixture
def museum(venue) -> Event:
    """Open from ten to six, New York time."""
    opens, closes = datetime(2027, 7, 3, 14, tzinfo=UTC), datetime(2027, 7, 3, 22, tzinfo=UTC)
    return EventFactory(venue=venue, name="Museum", doors_at=opens, starts_at=opens, ends_at=closes)


def path(event):
    return f"/api/v1/events/{event.pk}/slots"


def test_a_day_of_slots_is_made_at_once(api, olga, museum):
    made = api.as_(olga).post(f"{path(museum)}/generate", ROW)
    assert made.status_code == 201, made.json()
    slots = made.json()["slots"]
    assert len(slots) == 32
    assert slots[0]["starts_at_local"] == "2027-07-03T10:00:00-04:00"
    assert (slots[-1]["starts_at_local"], slots[-1]["ends_at_local"]) == (
        "2027-07-03T17:45:00-04:00", "2027-07-03T18:00:00-04:00",
    )  # fmt: skip
    public = api.as_(None).get(path(museum)).json()
    assert (public["count"], public["results"][0]["left"]) == (32, 50)
    assert "held" not in public["results"][0]
    assert AuditLog.objects.get(action="event.slots_made").new_values["slots"] == 32
    assert api.as_(olga).post(f"{path(museum)}/generate", ROW).json()["error"]["code"] == "slot_taken"
    assert EntrySlot.objects.count() == 32


def test_one_is_added_changed_and_taken_away(api, olga, museum):
    asked = {"starts_at": "2027-07-03T12:00:00", "ends_at": "2027-07-03T13:00:00", "capacity": 5}
    made = api.as_(olga).post(path(museum), asked).json()
    one = f"/api/v1/slots/{made['id']}"
    assert made["starts_at"] == "2027-07-03T16:00:00Z"
    changed = api.as_(olga).patch(one, {"capacity": 7, "ends_at": "2027-07-03T12:30:00"}).json()
    assert (changed["left"], changed["ends_at"]) == (7, "2027-07-03T16:30:00Z")
    assert api.as_(None).get(one).json()["left"] == 7
    assert api.as_(olga).delete(one).status_code == 204
    assert [each.action for each in AuditLog.objects.filter(action__startswith="slot.").order_by("created_at")] == [
        "slot.created", "slot.changed", "slot.deleted",
    ]  # fmt: skip


def test_what_somebody_has_keeps_its_time(api, olga, museum):
    slot = EntrySlot.objects.create(
        event=museum, starts_at=museum.starts_at, ends_at=museum.ends_at, capacity=5, held=1, sold=2
    )
    one = f"/api/v1/slots/{slot.pk}"
    assert api.as_(olga).patch(one, {"ends_at": "2027-07-03T12:30:00"}).json()["error"]["code"] == "slot_in_use"
    assert api.as_(olga).patch(one, {"capacity": 2}).json()["error"]["code"] == "quantity_too_small"
    assert api.as_(olga).delete(one).json()["error"]["code"] == "slot_in_use"
    assert api.as_(olga).patch(one, {"capacity": 3}).json()["left"] == 0
    assert api.get(f"{path(museum)}?available=true").json()["count"] == 0
    assert api.get(f"{path(museum)}?available=false").json()["count"] == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"every": 0}, "every"),
        ({"every": 1}, None),
        ({"end": "09:30"}, "ends_at"),
        ({"begin": "09:00"}, "starts_at"),
        ({"begin": "ten"}, "begin"),
        ({"lasts": 1_000}, "every"),
        ({"capacity": 0}, "capacity"),
        ({"day": "2027-07-04"}, "ends_at"),
    ],
)
def test_a_row_that_does_not_fit_is_told_so(api, olga, museum, wrong, field):
    answer = api.as_(olga).post(f"{path(museum)}/generate", ROW | wrong)
    assert answer.status_code == (201 if field is None else 422)
    if field:
        assert answer.json()["error"]["details"][0]["field"] == field
        assert not EntrySlot.objects.exists()


def test_strangers_neither_make_them_nor_see_drafts(api, fay, gus, stan, museum):
    slot = EntrySlot.objects.create(event=museum, starts_at=museum.starts_at, ends_at=museum.ends_at, capacity=5)
    one = f"/api/v1/slots/{slot.pk}"
    for who in (fay, gus, stan):
        assert api.as_(who).post(f"{path(museum)}/generate", ROW).status_code == 403
        assert api.as_(who).post(path(museum), {}).status_code == 403
        assert api.as_(who).patch(one, {"capacity": 9}).status_code == 403
        assert api.as_(who).delete(one).status_code == 403
    assert api.as_(None).post(path(museum), {}).status_code == 401
    Event.objects.filter(pk=museum.pk).update(status="draft")
    assert api.as_(stan).get(one).status_code == 404
    assert api.as_(stan).get(path(museum)).status_code == 404


def test_a_cancelled_event_has_no_new_slots(api, olga, museum):
    Event.objects.filter(pk=museum.pk).update(status="cancelled")
    assert api.as_(olga).post(f"{path(museum)}/generate", ROW).json()["error"]["code"] == "event_closed"


def test_the_list_costs_the_same_however_long(api, olga, museum, django_assert_num_queries):
    api.as_(olga).post(f"{path(museum)}/generate", ROW | {"every": 240})
    with django_assert_num_queries(3):
        assert api.get(path(museum)).json()["count"] == 2
    EntrySlot.objects.all().delete()
    api.as_(olga).post(f"{path(museum)}/generate", ROW)
    with django_assert_num_queries(3):
        assert api.get(path(museum)).json()["count"] == 32


def test_staff_make_them_in_the_console(olga, museum):
    assert press(olga, museum, "slots", begin="10:00", end="12:00", every="30", capacity="5") == (
        "“Museum” has its entry slots."
    )
    page = as_(olga).get(url(Event, "change", museum.pk)).content.decode()
    assert "03 Jul 2027, 10:00" in page
    slot = EntrySlot.objects.first()
    assert as_(olga).get(url(EntrySlot, "change", slot.pk)).status_code == 200
