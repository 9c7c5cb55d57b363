"""Staff set a waiting room up, watch it, close it, open it again and let people in by hand."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import AuditLog
from events.models import Event
from ticketing import personal
from ticketing.models import TicketType
from ticketing.waitingroom import telling, tokens
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry
from ticketing.waitingroom.tests.rooms import come, fresh, let_in, running_room, shut, state, step
from trufan.lib.errors import Missing
from trufan.lib.live import Caller
from trufan.testing import EventFactory, UserFactory
from trufan.tests.console_client import as_, buttons_on, press, url

pytestmark = pytest.mark.django_db


def path(event, *rest):
    return "/".join(["/api/v1/events", str(event.pk), "waiting-room", *rest])


def test_it_is_set_up_with_what_is_said_and_what_goes_without_saying(api, olga, event, ticket_type):
    sale = timezone.now().replace(microsecond=0) + timedelta(minutes=50)
    TicketType.objects.filter(pk=ticket_type.pk).update(sales_start=sale)
    answer = api.as_(olga).put(path(event), {"at_once": 7})
    assert answer.status_code == 200, answer.json()
    room = WaitingRoom.objects.get()
    assert (room.starts_at, room.opens_at, room.status) == (sale, sale - timedelta(minutes=30), "open")
    assert (answer.json()["at_once"], answer.json()["batch"], answer.json()["numbers"]["waiting"]) == (7, 50, 0)
    assert AuditLog.objects.get(action="waiting_room.set_up").new_values["at_once"] == 7


def test_times_are_read_by_the_venues_clocks(api, olga, event):
    answer = api.as_(olga).put(path(event), {"opens_at": "2030-06-20T09:00", "starts_at": "2030-06-20T10:00"})
    assert answer.status_code == 200
    room = WaitingRoom.objects.get()
    assert room.starts_at.astimezone(ZoneInfo("America/New_York")).hour == 10


def test_changing_it_keeps_what_is_left_out_and_the_start_once_it_is_reached(api, olga, event):
    room = shut(event, at_once=5)
    assert api.as_(olga).put(path(event), {"batch": 9}).json()["at_once"] == 5
    assert AuditLog.objects.get(action="waiting_room.changed").new_values == {"batch": 9}
    soon = (timezone.now() + timedelta(minutes=5)).isoformat()
    assert api.as_(olga).put(path(event), {"starts_at": soon}).status_code == 200
    WaitingRoom.objects.filter(pk=room.pk).update(starts_at=timezone.now())
    late = api.as_(olga).put(path(event), {"starts_at": soon})
    assert (late.status_code, late.json()["error"]["details"][0]["field"]) == (422, "starts_at")
    assert WaitingRoom.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"at_once": 0},
        {"at_once": "many"},
        {"pass_minutes": 0},
        {"proof_of_work_bits": 25},
        {"starts_at": "soon"},
        {"opens_at": "2030-06-20T11:00", "starts_at": "2030-06-20T10:00"},
        {"starts_at": "9999-06-20T10:00"},
    ],
)
def test_nonsense_is_refused(api, olga, event, body):
    assert api.as_(olga).put(path(event), body).status_code == 422
    assert not WaitingRoom.objects.exists()


def test_only_who_manages_the_venues_events_may(api, fay, gus, stan, event):
    for who, status in ((None, 401), (fay, 403), (gus, 403), (stan, 403)):
        caller = api.as_(who) if who else api
        assert caller.put(path(event), {}).status_code == status
    shut(event)
    for step_of in ("close", "open", "admit"):
        for who in (fay, gus, stan):
            assert api.as_(who).post(path(event, step_of), {"people": 1}).status_code == 403
        assert api.post(path(event, step_of), {"people": 1}).status_code == 401
    assert fresh(WaitingRoom.objects.get()).status == "open"


def test_numbers_are_for_the_venues_staff(api, fay, olga, gus, stan, event):
    room = running_room(event, at_once=1)
    let_in(room)
    come(room)
    for who in (olga, gus):
        numbers = api.as_(who).get(path(event)).json()["numbers"]
        assert (numbers["waiting"], numbers["inside"]) == (1, 1)
    for who in (fay, stan):
        assert "numbers" not in api.as_(who).get(path(event)).json()


def test_no_room_for_what_is_over(api, olga, venue):
    for status in ("cancelled", "completed"):
        answer = api.as_(olga).put(path(EventFactory(venue=venue, status=status)), {})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "event_closed")


def test_closing_keeps_the_places_for_when_it_is_opened_again(api, fay, olga, event):
    room = running_room(event, at_once=1)
    let_in(room)
    place = come(room, fay)
    ask = f"/api/v1/waiting-room/{tokens.place(place.pk)}"
    assert api.as_(olga).post(path(event, "close")).json()["status"] == "closed"
    assert api.as_(fay).get(ask).json()["state"] == "closed"
    assert step(room) == 0
    assert api.as_(olga).post(path(event, "close")).status_code == 409
    assert api.as_(olga).post(path(event, "open")).json()["status"] == "active"
    assert api.as_(fay).get(ask).json()["position"] == 1
    assert api.as_(olga).post(path(event, "open")).status_code == 409
    actions = AuditLog.objects.filter(entity_id=room.pk).order_by("created_at").values_list("action", flat=True)
    assert [*actions][-2:] == ["waiting_room.closed", "waiting_room.opened"]


def test_a_room_of_an_event_that_is_over_is_not_opened_again(api, olga, event):
    room = running_room(event)
    api.as_(olga).post(path(event, "close"))
    Event.objects.filter(pk=event.pk).update(status="cancelled")
    assert api.as_(olga).post(path(event, "open")).json()["error"]["code"] == "event_closed"
    assert fresh(room).status == "closed"


def test_people_are_let_in_by_hand_in_their_order(api, olga, event):
    room = running_room(event, at_once=1)
    places = [come(room) for _ in range(4)]
    assert api.as_(olga).post(path(event, "admit"), {"people": 3}).json() == {"admitted": 3}
    assert [state(place) for place in places] == ["admitted"] * 3 + ["waiting"]
    assert step(room) == 0
    assert api.as_(olga).post(path(event, "admit"), {"people": 3}).json() == {"admitted": 1}
    assert api.as_(olga).post(path(event, "admit"), {"people": 0}).status_code == 422
    WaitingRoom.objects.update(status="closed")
    assert api.as_(olga).post(path(event, "admit"), {"people": 3}).status_code == 409


def test_the_console_shows_how_it_goes_and_works_the_same_rules(olga, stan, event):
    room = running_room(event, at_once=1)
    let_in(room)
    waiting = come(room)
    page = as_(olga).get(url(WaitingRoom, "change", room.pk)).content.decode()
    assert "let their pass run out" in page
    assert room.seed in page
    assert buttons_on(olga, room) == {"admit", "close"}
    assert "were let in" in press(olga, room, "admit", people=5)
    assert state(waiting) == "admitted"
    assert "is closed" in press(olga, room, "close")
    assert buttons_on(olga, room) == {"open"}
    assert "is open" in press(olga, room, "open")
    assert as_(stan).get(url(WaitingRoom, "change", room.pk)).status_code in (302, 404)


def test_the_events_page_shows_it_and_closes_it(olga, gus, event):
    page = as_(olga).get(url(Event, "change", event.pk)).content.decode()
    assert "Set up a waiting room" in page
    assert "close-waiting-room" not in buttons_on(olga, event)
    room = running_room(event, at_once=1)
    let_in(room)
    assert "let their pass run out" in as_(olga).get(url(Event, "change", event.pk)).content.decode()
    assert "close-waiting-room" not in buttons_on(gus, event)
    assert "is closed" in press(olga, event, "close-waiting-room")
    assert fresh(room).status == "closed"
    assert "close-waiting-room" not in buttons_on(olga, event)


def test_the_console_sets_one_up_and_never_shows_the_seed_before_the_draw(olga, event):
    form = {
        "event": str(event.pk), "opens_at_0": "2030-06-20", "opens_at_1": "09:00", "starts_at_0": "2030-06-20",
        "starts_at_1": "10:00", "at_once": 10, "batch": 5, "pass_minutes": 10, "orders_per_pass": 1,
        "proof_of_work_bits": 0,
    }  # fmt: skip
    made = as_(olga).post(url(WaitingRoom, "add"), form)
    assert made.status_code == 302, made.context["adminform"].form.errors
    room = WaitingRoom.objects.get()
    assert room.starts_at.astimezone(ZoneInfo("America/New_York")).hour == 10
    page = as_(olga).get(url(WaitingRoom, "change", room.pk)).content.decode()
    assert room.seed not in page
    assert room.seed_hash in page


def test_what_may_not_be_is_held_by_the_database(event, fay):
    room = running_room(event)
    come(room, fay)
    for wrong in (
        {"user": fay, "turn": 1},
        {"turn": 1, "status": "admitted"},
        {"turn": -1},
    ):
        with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
            WaitingRoomEntry.objects.create(room=room, **wrong)
    for change in ({"at_once": 0}, {"opens_at": timezone.now() + timedelta(days=9)}, {"began_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            WaitingRoom.objects.filter(pk=room.pk).update(**change)


def test_a_place_is_watched_by_whose_it_is(event, fay):
    room = running_room(event)
    mine, guest = come(room, fay), come(room)
    nobody = AnonymousUser()
    telling.may_watch(Caller(fay), mine.pk)
    telling.may_watch(Caller(nobody, tokens.place(guest.pk)), guest.pk)
    for caller, entry in (
        (Caller(nobody, tokens.place(mine.pk)), mine),
        (Caller(UserFactory()), mine),
        (Caller(fay), guest),
        (Caller(nobody, tokens.place(mine.pk)), guest),
        (Caller(nobody), guest),
    ):
        with pytest.raises(Missing):
            telling.may_watch(caller, entry.pk)


def test_who_is_let_in_is_told_and_so_is_the_front_of_the_line(event, monkeypatch):
    told = []
    monkeypatch.setattr(telling.live, "publish", lambda *said: told.append(said[1:]))
    room = running_room(event, at_once=1)
    first, second = come(room), come(room)
    step(room)
    assert told == [
        (first.pk, "waiting_room.admitted"),
        (second.pk, "waiting_room.moved", {"position": 1}),
    ]


def test_the_place_stands_in_an_export_and_is_given_up_with_the_account(fay, event):
    room = running_room(event)
    place = come(room, fay)
    exported = personal.export(fay)["waiting_rooms"]
    assert [(each["room__event__name"], each["status"]) for each in exported] == [("Opening Night", "waiting")]
    personal.erase(fay, timezone.now())
    assert state(place) == "left"
