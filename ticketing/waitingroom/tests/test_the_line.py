"""People come, have the same chance until the start, and stand in line behind them from then on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from audit.models import AuditLog
from ticketing.waitingroom import admitting, entering, line, lottery, tokens
from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry
from ticketing.waitingroom.tests.rooms import come, fresh, let_in, running_room, shut, state, step
from trufan.testing import EventFactory, UserFactory, at_once

pytestmark = pytest.mark.django_db


def by(api, who):
    return api.as_(who) if who else api


def enter(api, who, event, **body):
    return by(api, who).post(f"/api/v1/events/{event.pk}/waiting-room", body)


def ask(api, who, token):
    return by(api, who).get(f"/api/v1/waiting-room/{token}")


def test_before_the_start_there_is_a_place_and_no_position(api, fay, event):
    room = shut(event)
    answer = enter(api, fay, event)
    assert answer.status_code == 201, answer.json()
    place = answer.json()
    assert (place["state"], place["position"], place["draw"], place["admission_token"]) == ("waiting", None, None, None)
    assert 2 <= place["poll_after"] <= 30
    assert ask(api, fay, place["token"]).json()["id"] == str(WaitingRoomEntry.objects.get(room=room).pk)


def test_coming_again_gives_the_same_place_by_account_and_by_token(api, fay, event):
    shut(event)
    assert enter(api, fay, event).json()["id"] == enter(api, fay, event).json()["id"]
    guest = enter(api, None, event).json()
    assert enter(api, None, event, token=guest["token"]).json()["id"] == guest["id"]
    assert enter(api, None, event).json()["id"] != guest["id"], "another device, another place"
    assert WaitingRoomEntry.objects.count() == 3


def test_a_guest_who_signs_in_takes_the_place_along_and_a_stranger_does_not_get_it(api, fay, event):
    shut(event)
    guest = enter(api, None, event).json()
    assert enter(api, fay, event, token=guest["token"]).json()["id"] == guest["id"]
    assert ask(api, fay, guest["token"]).status_code == 200
    assert ask(api, None, guest["token"]).status_code == 404
    assert ask(api, UserFactory(), guest["token"]).status_code == 404
    assert enter(api, UserFactory(), event, token=guest["token"]).json()["id"] != guest["id"]


@pytest.mark.parametrize("token", ["x", "WAIT.AAAA", "WAIT." + "A" * 45, "%F0%9F%8E%9F", "PASS.x"])
def test_a_made_up_token_is_nobodys(api, event, token):
    shut(event)
    assert ask(api, None, token).status_code == 404
    assert api.delete(f"/api/v1/waiting-room/{token}").status_code == 404


def test_the_pass_is_no_place_and_the_place_no_pass(api, event):
    entry = come(shut(event))
    assert ask(api, None, tokens.admission(entry.pk)).status_code == 404
    assert tokens.of_admission(tokens.place(entry.pk)) is None


def test_it_is_too_early_too_late_or_there_is_none(api, fay, event, olga):
    assert enter(api, fay, event).status_code == 404
    now = timezone.now()
    room = shut(event, opens_at=now + timedelta(minutes=5))
    early = enter(api, fay, event)
    assert (early.status_code, early.json()["error"]["code"]) == (409, "waiting_room_not_open")
    WaitingRoom.objects.filter(pk=room.pk).update(status="closed")
    late = enter(api, fay, event)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "waiting_room_closed")


def test_a_draft_of_another_venue_has_no_waiting_room_to_know_of(api, fay, other_venue):
    draft = EventFactory(venue=other_venue, status="draft")
    shut(draft)
    assert api.as_(fay).get(f"/api/v1/events/{draft.pk}/waiting-room").status_code == 404
    assert enter(api, fay, draft).status_code == 404
    assert enter(api, fay, EventFactory.build(pk=uuid4())).status_code == 404


@pytest.mark.parametrize("body", [{"token": 7}, {"token": "x" * 61}, {"proof": "x"}, {"proof": {"challenge": "x"}}])
def test_nonsense_is_refused_by_its_field(api, fay, event, body):
    shut(event)
    answer = enter(api, fay, event, **body)
    assert answer.status_code == (201 if body == {"token": 7} else 422)


def test_the_draw_is_what_everybody_can_work_out_from_the_seed_and_the_seed_was_promised(api, event):
    room = shut(event)
    shown = api.get(f"/api/v1/events/{event.pk}/waiting-room").json()
    assert shown["seed"] is None
    assert "numbers" not in shown
    places = [come(room) for _ in range(20)]
    later = timezone.now() + timedelta(minutes=31)
    assert step(room, later) == 20
    seed = api.get(f"/api/v1/events/{event.pk}/waiting-room").json()["seed"]
    assert lottery.commitment(seed) == shown["seed_hash"]
    assert [lottery.drawn(seed, place.pk) for place in places] == [place.turn for place in places]
    assert AuditLog.objects.get(action="waiting_room.began").new_values == {"seed": seed, "places": 20}


def test_the_draw_of_the_documentation():
    seed = bytes(range(32)).hex()
    assert lottery.commitment(seed) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
    drawn = lottery.drawn(seed, UUID("0199f3a2-d100-73d0-e1b2-c3d4e5f60718"))
    written = (settings.BASE_DIR / "docs" / "on-sale.md").read_text()
    assert f"| `0199f3a2-d100-73d0-e1b2-c3d4e5f60718` | `{drawn}` |" in written


def test_the_seed_is_not_in_the_database_for_all_to_read(event):
    room = shut(event)
    assert room.seed not in str(WaitingRoom.objects.values())


def test_people_are_let_in_by_their_number_whenever_they_came(event):
    room = shut(event, at_once=3)
    places = sorted((come(room) for _ in range(10)), key=lambda place: place.turn)
    start = timezone.now() + timedelta(minutes=31)
    assert step(room, start) == 3
    assert [state(place) for place in places] == ["admitted"] * 3 + ["waiting"] * 7
    late = come(room, now=start + timedelta(seconds=1))
    later = come(room, now=start + timedelta(seconds=2))
    assert max(place.turn for place in places) < late.turn < later.turn
    assert late.turn >= lottery.AFTER_THE_DRAW
    known = line.read(fresh(room), start)
    assert [known.position(place.turn) for place in (places[3], places[9], late, later)] == [1, 7, 8, 9]


def test_the_shop_is_filled_as_people_leave_it_and_never_beyond(event):
    room = running_room(event, at_once=2, batch=1)
    people = [come(room) for _ in range(4)]
    assert [step(room) for _ in range(3)] == [1, 1, 0]
    entering.leave(people[0], timezone.now())
    assert step(room) == 1
    assert [state(each) for each in people] == ["left", "admitted", "admitted", "waiting"]


def test_who_does_not_come_for_the_pass_loses_it_to_the_next(api, event):
    room = running_room(event, at_once=1)
    first, second = come(room), come(room)
    now = timezone.now()
    step(room, now)
    assert step(room, now + timedelta(minutes=4)) == 0
    assert step(room, now + admitting.TO_COLLECT) == 1
    assert (state(first), state(second)) == ("expired", "admitted")
    assert ask(api, None, tokens.place(first.pk)).json()["state"] == "expired"
    again = enter(api, None, event, token=tokens.place(first.pk)).json()
    assert (again["state"], again["position"]) == ("waiting", 1)


def test_seeing_the_pass_starts_its_full_time(api, event):
    room = running_room(event, pass_minutes=20)
    entry = come(room)
    step(room)
    shown = ask(api, None, tokens.place(entry.pk)).json()
    assert shown["state"] == "admitted"
    assert shown["admission_token"] == tokens.admission(entry.pk)
    entry.refresh_from_db()
    left = entry.pass_expires_at - timezone.now()
    assert timedelta(minutes=19) < left <= timedelta(minutes=20)
    ask(api, None, tokens.place(entry.pk))
    until = entry.pass_expires_at
    entry.refresh_from_db()
    assert entry.pass_expires_at == until, "looking again does not lengthen it"


def test_asking_drives_the_line_with_no_worker(api, event):
    room = shut(event)
    entry = come(room)
    WaitingRoom.objects.filter(pk=room.pk).update(starts_at=timezone.now() - timedelta(seconds=1))
    assert ask(api, None, tokens.place(entry.pk)).json()["state"] == "admitted"
    assert fresh(room).status == "active"


def test_the_sweep_drives_it_too_and_closes_what_is_over(event):
    room = shut(event)
    entry = come(room)
    later = timezone.now() + timedelta(minutes=31)
    assert admitting.sweep(later) == 1
    assert state(entry) == "admitted"
    assert admitting.sweep(event.ends_at) == 1
    assert fresh(room).status == "closed"
    assert admitting.sweep(event.ends_at) == 0


def test_the_wait_is_told_at_the_measured_pace(event):
    room = running_room(event, at_once=2)
    now = timezone.now()
    assert line.read(room, now).seconds_each == 600, "nobody is through: a whole pass"
    for seconds in range(60, 160, 10):
        WaitingRoomEntry.objects.create(
            room=room, status="done", turn=seconds, admitted_at=now, ended_at=now + timedelta(seconds=seconds)
        )
    for _ in range(12):
        come(room)
    step(room)
    known = line.read(fresh(room), now)
    assert (known.seconds_each, known.inside, len(known.turns)) == (105, 2, 10)
    assert known.expected(room, 10) == timedelta(seconds=10 * 105 / 2)


def test_leaving_gives_the_place_up_once(api, fay, event):
    shut(event)
    place = enter(api, fay, event).json()
    path = f"/api/v1/waiting-room/{place['token']}"
    assert api.as_(UserFactory()).delete(path).status_code == 404
    assert api.as_(fay).delete(path).status_code == 204
    again = api.as_(fay).delete(path)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "place_ended")
    assert ask(api, fay, place["token"]).json()["state"] == "left"


def test_asking_costs_the_same_however_many_wait(api, event, django_assert_num_queries):
    room = running_room(event, at_once=1)
    places = [come(room) for _ in range(3)]
    step(room)

    def queries(token):
        line.forget(room.pk)
        WaitingRoom.objects.filter(pk=room.pk).update(stepped_at=timezone.now())
        with django_assert_num_queries(4):
            assert ask(api, None, token).status_code == 200

    queries(tokens.place(places[2].pk))
    for _ in range(10):
        come(room)
    queries(tokens.place(places[2].pk))


def test_two_seconds_of_asking_cost_one_read_of_the_line(api, event, django_assert_num_queries):
    room = running_room(event, at_once=1)
    let_in(room)
    place = come(room)
    WaitingRoom.objects.filter(pk=room.pk).update(stepped_at=timezone.now())
    ask(api, None, tokens.place(place.pk))
    with django_assert_num_queries(1):
        ask(api, None, tokens.place(place.pk))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_steps_taken_at_once_let_nobody_in_twice_or_too_many(event):
    room = running_room(event, at_once=7, batch=5)
    for _ in range(30):
        come(room)
    WaitingRoom.objects.update(stepped_at=None)
    late = timezone.now()

    admitted = at_once(8, lambda n: admitting.step_if_due(fresh(room), late))

    assert sorted(admitted) == [0] * 7 + [5]
    inside = WaitingRoomEntry.objects.inside()
    assert set(inside) == set(WaitingRoomEntry.objects.order_by("turn")[:5])
    for seconds in (3, 6, 9):
        at_once(8, lambda n, s=seconds: admitting.step_if_due(fresh(room), late + timedelta(seconds=s)))
    assert WaitingRoomEntry.objects.inside().count() == 7


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_person_who_comes_ten_times_at_once_has_one_place(fay, event):
    room = shut(event)
    places = at_once(10, lambda n: come(room, fay))
    assert len({place.pk for place in places}) == 1
    assert WaitingRoomEntry.objects.count() == 1
