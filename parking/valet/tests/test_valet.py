"""A car is handed over, parked, asked for, brought and given back; each step once, and only by who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from parking.models import ParkingSession, SpaceUse, ValetTicket
from parking.stays import leaving
from parking.valet import moves, pins, queue
from parking.valet.tests.cars import TICKETS, act, code
from payments.models import Payment

pytestmark = pytest.mark.django_db


def pay(api, fay, ticket):
    url = f"/api/v1/parking/sessions/{ticket.session_id}/pay"
    return api.as_(fay).post(url, {"payment_method": "pm_card_visa"}, format="json")


def test_a_car_from_the_door_to_its_owner(api, fay, val, valet):
    asked = {
        "lot": str(valet.lot_id),
        "plate": "ABC 123",
        "vehicle": "Blue Volvo",
        "contact": {"email": "fay@example.com"},
    }
    taken = api.as_(val).post(TICKETS, asked, format="json")
    assert taken.status_code == 201
    assert (taken.json()["number"], taken.json()["status"], len(taken.json()["pin"])) == (1, "dropped_off", 5)
    ticket = ValetTicket.objects.get()
    ParkingSession.objects.update(user=fay)
    assert SpaceUse.objects.get().is_inside
    assert act(api, val, ticket, "park", place="P2 row C", key_tag="14").json()["status"] == "parked"
    wanted = act(api, fay, ticket, "request").json()
    assert (wanted["status"], wanted["place_in_queue"], wanted["minutes"]) == ("requested", 1, 10)
    assert act(api, val, ticket, "fetch").json()["status"] == "retrieving"
    assert act(api, val, ticket, "ready").json()["status"] == "ready"
    assert Notification.objects.get(template="valet_ready").recipient == "fay@example.com"
    refused = act(api, val, ticket, "hand-over", pin=taken.json()["pin"])
    assert (code(refused), refused.json()["error"]["details"][0]["message"]) == ((409, "stay_unpaid"), "2000")
    assert pay(api, fay, ticket).json()["status"] == "succeeded"
    assert act(api, val, ticket, "hand-over", pin=taken.json()["pin"]).json()["status"] == "handed_over"
    ticket.refresh_from_db()
    assert (ParkingSession.objects.get().status, SpaceUse.objects.filter(is_active=True).count()) == ("ended", 0)
    said = set(AuditLog.objects.filter(action__startswith="valet.").values_list("action", flat=True))
    assert said == {
        f"valet.{each}" for each in ("dropped_off", "parked", "requested", "retrieving", "ready", "handed_over")
    }


def test_numbers_are_the_smallest_free_ones(drop, val):
    first, second = drop(), drop()
    assert (first.number, second.number) == (1, 2)
    moves.cancel(first, by=val, now=timezone.now(), reason="Changed their mind")
    assert (drop().number, drop().number) == (1, 3)


def test_a_move_that_was_made_changes_nothing_and_one_that_is_not_allowed_is_refused(api, val, drop):
    ticket = drop()
    act(api, val, ticket, "request")
    rows = AuditLog.objects.count()
    assert act(api, val, ticket, "request").json()["status"] == "requested"
    assert AuditLog.objects.count() == rows
    assert code(act(api, val, ticket, "hand-over", reason="Knows us")) == (409, "invalid_state")
    assert code(act(api, val, ticket, "cancel", reason="Changed their mind")) == (409, "invalid_state")


def test_without_the_pin_it_goes_with_a_reason_and_unpaid_only_if_that_is_said_too(api, val, drop):
    ticket = drop()
    act(api, val, ticket, "request")
    act(api, val, ticket, "ready")
    refused = act(api, val, ticket, "hand-over")
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "pin")
    assert code(act(api, val, ticket, "hand-over", reason="?")) == (422, "reason_needed")
    assert code(act(api, val, ticket, "hand-over", reason="Showed ID")) == (409, "stay_unpaid")
    assert code(act(api, val, ticket, "hand-over", pin=pins.pin_for(ticket), unpaid=True)) == (409, "stay_unpaid")
    assert ParkingSession.objects.get().status == "active"
    given = act(api, val, ticket, "hand-over", reason="Card machine is down", unpaid=True)
    assert given.json()["status"] == "handed_over"
    entry = AuditLog.objects.get(action="valet.handed_over")
    assert (entry.new_values["unpaid"], entry.new_values["reason"]) == (2_000, "Card machine is down")


def test_a_car_that_was_not_taken_after_all_never_was_there(api, val, drop):
    ticket = drop("ABC 123")
    assert act(api, val, ticket, "cancel", reason="Changed their mind").json()["status"] == "cancelled"
    assert act(api, val, ticket, "cancel", reason="Changed their mind").json()["status"] == "cancelled"
    stay = ParkingSession.objects.get()
    assert (stay.status, SpaceUse.objects.filter(is_active=True).count()) == ("void", 0)
    assert AuditLog.objects.filter(action="valet.cancelled").count() == 1


def test_a_car_that_was_paid_for_is_refunded_before_it_is_given_back_untaken(api, fay, val, drop):
    ticket = drop(user=fay)
    assert pay(api, fay, ticket).json()["status"] == "succeeded"
    assert code(act(api, val, ticket, "cancel", reason="Changed their mind")) == (409, "stay_paid_for")
    ticket.refresh_from_db()
    assert ticket.status == "dropped_off"


def test_whoever_set_off_for_a_car_may_turn_back_and_only_then(api, val, drop):
    ticket = drop()
    assert code(act(api, val, ticket, "put-back")) == (409, "invalid_state")
    act(api, val, ticket, "request")
    act(api, val, ticket, "fetch")
    assert [act(api, val, ticket, "put-back").json()["status"] for _ in range(2)] == ["requested", "requested"]
    ticket.refresh_from_db()
    assert (ticket.retrieving_at, AuditLog.objects.filter(action="valet.put_back").count()) == (None, 1)


def test_parked_again_it_is_not_wanted_any_more(api, val, drop):
    ticket = drop()
    act(api, val, ticket, "request")
    parked = act(api, val, ticket, "park", place="P1 row A").json()
    assert (parked["status"], parked["place"], parked["requested_at"]) == ("parked", "P1 row A", None)
    rows = AuditLog.objects.count()
    act(api, val, ticket, "park", place="P1 row A")
    assert AuditLog.objects.count() == rows
    assert act(api, val, ticket, "park", place="P1 row B").json()["place"] == "P1 row B"


@pytest.mark.parametrize(("hours", "status"), [(-1, 422), (-0.05, 200), (2, 200), (24 * 31, 422)])
def test_a_car_is_wanted_for_a_time_to_come(api, val, drop, hours, status):
    ticket = drop()
    asked = timezone.now() + timedelta(hours=hours)
    answer = act(api, val, ticket, "request", wanted_at=asked.isoformat())
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["error"]["details"][0]["field"] == "wanted_at"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.wanted_at) == (
        "requested" if status == 200 else "dropped_off", asked if hours == 2 else None,
    )  # fmt: skip


def test_with_a_barrier_or_not_a_valets_stay_ends_when_the_car_is_handed_over(api, fay, lot, drop):
    lot.has_barrier = False
    lot.save()
    ticket = drop(user=fay)
    assert pay(api, fay, ticket).json()["status"] == "succeeded"
    ended = api.as_(fay).post(f"/api/v1/parking/sessions/{ticket.session_id}/end", {})
    assert code(ended) == (409, "ends_at_the_gate")
    leaving.tidy_up(timezone.now() + timedelta(days=3))
    assert ParkingSession.objects.get().status == "active"


def test_the_queue_goes_by_the_time_that_is_wanted_and_learns_how_long_it_takes(api, val, lot, drop):
    now = timezone.now()
    for minutes in (3, 4, 5, 6, 60):
        done = drop()
        ValetTicket.objects.filter(pk=done.pk).update(
            status="handed_over", requested_at=now - timedelta(minutes=minutes), ready_at=now
        )
    later, soon, there = drop(), drop(), drop()
    moves.request(later, channel="desk", by=val, now=now, wanted_at=now + timedelta(minutes=40))
    moves.request(soon, channel="desk", by=val, now=now)
    moves.request(there, channel="desk", by=val, now=now - timedelta(minutes=5))
    moves.ready(there, by=val, now=now)
    assert [(each.ticket.pk, each.place, each.minutes) for each in queue.of(lot, now)] == [
        (there.pk, 0, 0), (soon.pk, 1, 5), (later.pk, 2, 40),
    ]  # fmt: skip
    shown = api.as_(val).get("/api/v1/parking/valet/queue", {"lot": str(lot.pk)}).json()
    assert (shown["minutes_each"], [car["number"] for car in shown["cars"]]) == (
        5,
        [there.number, soon.number, later.number],
    )


def test_the_queue_costs_the_same_however_long_it_is(val, lot, drop, django_assert_num_queries):
    for _ in range(4):
        moves.request(drop(), channel="desk", by=val, now=timezone.now())
    with django_assert_num_queries(2):
        assert len(queue.of(lot, timezone.now())) == 4


def test_until_enough_were_brought_the_lot_says_how_long_it_takes(lot, drop, val):
    lot.valet_minutes = 25
    lot.save()
    ticket = drop()
    moves.request(ticket, channel="desk", by=val, now=timezone.now())
    assert [each.minutes for each in queue.of(lot, timezone.now())] == [25]


def test_staff_list_the_cars_of_a_lot(api, val, stan, gus, fay, lot, drop, django_assert_max_num_queries):
    cars = [drop(f"ABC 10{n}", vehicle="Blue Volvo" if n else "Red Fiat") for n in range(4)]
    moves.cancel(cars[0], by=val, now=timezone.now(), reason="Changed their mind")

    def numbers(**asked):
        return {car["number"] for car in api.as_(val).get(TICKETS, {"lot": str(lot.pk), **asked}).json()["results"]}

    assert (numbers(), numbers(here="true"), numbers(status="cancelled")) == ({1, 2, 3, 4}, {2, 3, 4}, {1})
    assert (numbers(search="volvo"), numbers(plate="abc-1O2"), numbers(number=2)) == ({2, 3, 4}, {3}, {2})
    with django_assert_max_num_queries(7):
        assert len(numbers()) == 4
    asked = {"lot": str(lot.pk)}
    refused = [api.as_(who).get(TICKETS, asked).status_code for who in (stan, fay, gus)]
    assert (refused, api.as_(val).get(TICKETS).status_code) == ([404, 404, 403], 422)


def test_strangers_and_fans_move_no_cars(api, fay, stan, gus, drop, valet):
    ticket = drop()
    assert api.as_(stan).post(TICKETS, {"lot": str(valet.lot_id)}).status_code == 404
    assert api.as_(gus).post(TICKETS, {"lot": str(valet.lot_id)}).status_code == 403
    for who, answer in ((stan, 404), (gus, 403), (fay, 404)):
        assert act(api, who, ticket, "park", place="A1").status_code == answer
        assert act(api, who, ticket, "ready").status_code == answer
    assert act(api, fay, ticket, "request").status_code == 404
    ticket.refresh_from_db()
    assert ticket.status == "dropped_off"


def test_a_tip_is_all_the_lots(api, fay, drop):
    ticket = drop(user=fay)
    answer = act(api, fay, ticket, "tip", amount=500, payment_method="pm_card_visa")
    assert (answer.json()["status"], answer.json()["amount"]) == ("succeeded", 500)
    assert Payment.objects.get().splits.get().amount == 500
    assert act(api, fay, ticket, "tip", amount=0).status_code == 422


def test_a_full_lot_and_one_without_a_valet_take_none(api, val, lot, capacity, valet):
    valet.spaces = 1
    valet.save()
    asked = {"lot": str(lot.pk)}
    assert api.as_(val).post(TICKETS, asked).status_code == 201
    assert code(api.as_(val).post(TICKETS, asked)) == (409, "no_space")
    valet.spaces = 0
    valet.save()
    refused = api.as_(val).post(TICKETS, asked)
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "kind")
