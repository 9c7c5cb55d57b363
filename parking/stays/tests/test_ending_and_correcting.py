"""Stays are ended, reopened, made void, noted and moved by hand; where nobody sees cars leave they end by time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from parking.models import ParkingCharge, ParkingReservation, ParkingSession, ParkingSpace
from parking.spaces import counting, taking
from parking.stays import charging, fees, leaving
from parking.stays.tests.at_the_gate import booked, entry, there
from parking.stays.tests.parked import arrive, code, fresh, park, post, send_back
from trufan.testing import CapacityFactory, LotFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(venue):
    """Spaces of a lot without a barrier."""
    return CapacityFactory(lot=LotFactory(venue=venue, name="Street", slug="street", has_barrier=False))


def test_a_driver_ends_a_stay_where_nothing_is_due(api, fay, street):
    stay = park(street, user=fay)
    refused = post(api, fay, stay, "end")
    assert code(refused) == (409, "stay_unpaid")
    assert refused.json()["error"]["message"] == "$7.00 is to be paid first."
    assert refused.json()["error"]["details"] == [
        {"field": "amount_due", "code": "stay_unpaid", "message": "700"},
    ]
    assert fresh(stay).status == "active"

    charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=timezone.now())
    ended = post(api, fay, stay, "end")
    assert (ended.status_code, ended.json()["status"]) == (200, "ended")
    assert fresh(stay).use.is_active is False
    # Said again it changes nothing.
    assert post(api, fay, stay, "end").json()["ended_at"] == ended.json()["ended_at"]


def test_behind_a_barrier_a_stay_ends_at_the_exit(api, fay, capacity):
    stay = park(capacity, user=fay)
    assert code(post(api, fay, stay, "end")) == (409, "ends_at_the_gate")
    assert fresh(stay).status == "active"


def test_staff_end_a_stay_whatever_is_due(api, val, fay, capacity):
    stay = park(capacity, user=fay)
    ended = post(api, val, stay, "end", reason="Towed away")
    assert (ended.status_code, ended.json()["status"], ended.json()["due"]["amount"]) == (200, "ended", 700)
    said = AuditLog.objects.get(action="parking_session.ended", entity_id=stay.pk).new_values
    assert (said["reason"], said["unpaid"]) == ("Towed away", 700)


def test_who_may_do_what(api, fay, gus, stan, street):
    stay = park(street, user=fay)
    for what, asked in (("reopen", {"reason": "why not"}), ("void", {"reason": "why not"}),
                        ("note", {"note": "a note"}), ("move", {"space": None})):  # fmt: skip
        tried = [post(api, who, stay, what, **asked).status_code for who in (fay, gus, stan, None)]
        assert tried == [403, 403, 404, 401], what
    assert [post(api, who, stay, "end").status_code for who in (gus, stan, None)] == [404, 404, 404]
    assert fresh(stay).status == "active"


def test_a_stay_that_was_ended_by_mistake_goes_on(api, val, fay, capacity):
    stay = park(capacity, user=fay, plate="FAY 100", plate_key="FAY100")
    post(api, val, stay, "end", reason="Wrong car")
    answer = post(api, val, stay, "reopen", reason="It is still there")

    assert (answer.status_code, answer.json()["status"], answer.json()["ended_at"]) == (200, "active", None)
    stay = fresh(stay)
    assert (stay.use.is_inside, stay.use.is_active) == (True, True)
    assert stay.use.ends_at == stay.started_at + timedelta(minutes=stay.lot.assumed_stay_minutes)
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 19
    assert code(post(api, val, stay, "reopen", reason="Once more")) == (409, "invalid_state")


def test_it_does_not_where_the_car_came_in_again_since(api, val, lot, capacity):
    stay = there(capacity, "FAY 100")
    post(api, val, stay, "end", reason="Wrong car")
    entry(api, val, lot, plate="FAY 100")
    assert code(post(api, val, stay, "reopen", reason="It is still there")) == (409, "already_parked")
    assert fresh(stay).status == "ended"


def test_a_car_that_is_there_counts_though_its_space_was_promised(api, val, fay, capacity):
    stay = park(capacity, minutes=10, until=60)
    post(api, val, stay, "end", reason="Wrong car")
    now = timezone.now()
    taking.put(capacity, now + timedelta(minutes=30), now + timedelta(hours=3), taking.Purpose.BLOCK, quantity=20)
    assert post(api, val, stay, "reopen", reason="It is still there").status_code == 200
    assert counting.inside([capacity])[capacity.pk] == 1
    assert AuditLog.objects.filter(action="parking_session.beyond_room", entity_id=stay.pk).exists()


def test_a_stay_that_never_was_gives_all_back(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100")
    stay = arrive(reservation, timezone.now(), plate="FAY 100", plate_key="FAY100")
    answer = post(api, val, stay, "void", reason="Misread plate")

    assert (answer.status_code, answer.json()["status"], answer.json()["due"]["amount"]) == (200, "void", 0)
    reservation.refresh_from_db()
    assert (reservation.status, reservation.use.is_active, reservation.use.is_inside) == ("outside", True, False)
    assert entry(api, val, lot, plate="FAY 100")["reservation"]["id"] == str(reservation.pk)


def test_one_that_was_paid_is_refunded_first(api, val, olga, fay, capacity):
    stay = park(capacity, user=fay)
    charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=timezone.now())
    assert code(post(api, val, stay, "void", reason="Misread plate")) == (409, "stay_paid_for")
    charge = ParkingCharge.objects.get()
    charging.refund(charge, by=olga, reason="Misread plate", now=timezone.now())
    send_back(charge)
    assert post(api, val, stay, "void", reason="Misread plate").status_code == 200


def test_an_unpaid_charge_is_given_up_with_the_stay(api, val, fay, capacity):
    stay = park(capacity, user=fay)
    charging.pay(stay, payer=fay, payment_method="pm_card_authenticationRequired", now=timezone.now())
    assert post(api, val, stay, "void", reason="Misread plate").status_code == 200
    assert ParkingCharge.objects.get().status == "cancelled"


@pytest.mark.parametrize(("what", "asked"), [("reopen", {}), ("void", {"reason": ""}), ("note", {"note": "x"}),
                                              ("move", {"space": "no-id"}), ("move", {})])  # fmt: skip
def test_a_reason_is_needed(api, val, capacity, what, asked):
    stay = park(capacity)
    assert post(api, val, stay, what, **asked).status_code == 422
    assert fresh(stay).status == "active"


def test_a_note_stands_in_the_history(api, val, capacity):
    stay = park(capacity)
    answer = post(api, val, stay, "note", note="Scratch on the left door")
    line = answer.json()["history"][0]
    assert (line["words"], line["by"]) == ("Note: Scratch on the left door", str(val))


def test_a_car_moves_to_another_space(api, val, lot, capacity):
    first, second = (ParkingSpace.objects.create(lot=lot, number=number) for number in ("B1", "B2"))
    stay, other = park(capacity), park(capacity)
    assert post(api, val, stay, "move", space=str(first.pk)).json()["space"] == "B1"
    assert code(post(api, val, other, "move", space=str(first.pk))) == (409, "space_taken")
    assert post(api, val, stay, "move", space=str(second.pk)).json()["space"] == "B2"
    assert post(api, val, other, "move", space=str(first.pk)).status_code == 200
    answer = post(api, val, stay, "move", space=None)
    assert (answer.json()["space"], fresh(stay).use.space) == ("", None)
    assert answer.json()["history"][0]["details"] == {
        "before": {"space": "B2", "kind": "standard"}, "after": {"space": "", "kind": "standard"},
    }  # fmt: skip


def test_a_space_of_another_kind_is_counted_there(api, val, fay, lot, capacity):
    chargers = CapacityFactory(lot=lot, kind="ev", spaces=1)
    space = ParkingSpace.objects.create(lot=lot, number="E1", kind="ev")
    stay = park(capacity)
    assert post(api, val, stay, "move", space=str(space.pk)).json()["kind"] == "ev"
    now = timezone.now()
    assert counting.left_now([capacity, chargers], now) == {capacity.pk: 20, chargers.pk: 0}
    # A full kind takes no more, and a reservation stays on its own.
    spare = ParkingSpace.objects.create(lot=lot, number="E2", kind="ev")
    assert code(post(api, val, park(capacity), "move", space=str(spare.pk))) == (409, "no_space")
    reserved = arrive(booked(capacity, fay), now)
    assert code(post(api, val, reserved, "move", space=str(spare.pk))) == (422, "validation_error")


# -- Where nobody sees cars leave --


def test_a_stay_ends_by_itself_when_what_was_paid_for_is_over(street, capacity):
    now = timezone.now()
    over = park(street, minutes=120, until=now - timedelta(minutes=30), now=now)
    paid = park(street, minutes=70, now=now)
    charging.pay(paid, payer=None, payment_method="pm_card_visa", now=now - timedelta(minutes=20))
    in_grace = park(street, minutes=120, until=now - timedelta(minutes=5), now=now)
    running = park(street, minutes=300, now=now)
    forgotten = park(street, minutes=60 * 25, now=now)
    behind_barrier = park(capacity, minutes=120, until=now - timedelta(minutes=30), now=now)

    assert leaving.tidy_up(now) == 3
    assert [fresh(stay).status for stay in (over, paid, forgotten)] == ["ended"] * 3
    assert [fresh(stay).status for stay in (in_grace, running, behind_barrier)] == ["active"] * 3
    assert fresh(over).ended_at == over.expires_at
    assert fees.due(fresh(over), now).amount == 700
    assert fresh(forgotten).ended_at == forgotten.started_at + timedelta(days=1)
    assert leaving.tidy_up(now) == 0


def test_a_reservation_that_drove_out_is_over_at_its_end(fay, capacity):
    now = timezone.now()
    reservation = booked(capacity, fay, begins=-180, hours=2)
    ParkingReservation.objects.filter(pk=reservation.pk).update(status="outside")
    coming = booked(capacity, fay, begins=-30, hours=2)
    ParkingReservation.objects.filter(pk=coming.pk).update(status="outside")
    assert leaving.tidy_up(now) == 1
    reservation.refresh_from_db()
    assert (reservation.status, reservation.use.is_active) == ("completed", False)
    coming.refresh_from_db()
    assert coming.status == "outside"
    assert ParkingSession.objects.count() == 0
