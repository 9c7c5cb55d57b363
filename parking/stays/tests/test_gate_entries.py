"""The entry: a car comes in by its plate or a code, once, where it has a reservation or there is room."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from parking.booking import codes
from parking.booking.cancelling import give_up_no_shows
from parking.models import GateEvent, LotHours, ParkingLot, ParkingReservation, ParkingSession, SpaceUse
from parking.spaces import counting, taking
from parking.stays import access
from parking.stays.tests.at_the_gate import ago, at_gate, booked, entry, leaving, said, there
from trufan.lib.ids import uuid7
from trufan.testing import CapacityFactory, LotFactory

pytestmark = pytest.mark.django_db


def fill(capacity, left: int = 0) -> None:
    """Block all but `left` of what is free now, for the next ten hours."""
    now = timezone.now()
    quantity = counting.left_now([capacity], now)[capacity.pk] - left
    taking.put(capacity, now - timedelta(hours=1), now + timedelta(hours=10), taking.Purpose.BLOCK, quantity=quantity)


# -- Driving up --


def test_a_car_without_a_reservation_comes_in_at_the_prices_of_the_moment(api, val, lot, capacity):
    capacity.multiplier_ppm = 1_200_000
    capacity.save()
    answer = entry(api, val, lot, plate="abc 1234", gate="North 1")

    assert said(answer) == (True, "")
    assert (answer["plate"], answer["gate"], answer["reservation"]) == ("ABC 1234", "North 1", None)
    stay = ParkingSession.objects.get(pk=answer["session"]["id"])
    assert (stay.origin, stay.tariff, stay.multiplier_ppm) == ("gate", lot.tariff, 1_200_000)
    assert (stay.use.is_inside, stay.expires_at) == (True, None)
    assert stay.use.ends_at == stay.started_at + timedelta(minutes=lot.assumed_stay_minutes)
    assert AuditLog.objects.filter(action="parking_session.started", entity_id=stay.pk, actor=val).exists()


def test_a_car_that_is_inside_gets_the_same_stay_however_the_camera_reads_it(api, val, lot, capacity):
    first = entry(api, val, lot, plate="AB0 8S1")
    again = entry(api, val, lot, plate="abo-bsi")

    assert said(again) == (True, "")
    assert again["session"]["id"] == first["session"]["id"]
    assert (ParkingSession.objects.count(), SpaceUse.objects.count()) == (1, 1)


def test_a_full_lot_stays_shut_and_takes_nothing(api, val, lot, capacity):
    fill(capacity)
    answer = entry(api, val, lot, plate="ABC 1234")

    assert said(answer) == (False, "full")
    assert answer["message"] == "The lot is full."
    assert not ParkingSession.objects.exists()
    assert not SpaceUse.objects.exclude(purpose="block").exists()


def test_a_lot_full_later_takes_no_car_that_would_still_be_there(api, val, lot, capacity):
    """A promise is for the whole of the time that a car is expected to stay."""
    now = timezone.now()
    soon = now + timedelta(minutes=90)
    taking.put(capacity, soon, soon + timedelta(hours=1), taking.Purpose.RESERVATION, quantity=20)
    assert said(entry(api, val, lot, plate="ABC 1234")) == (False, "full")


def test_a_closed_lot_stays_shut(api, val, lot, capacity):
    ParkingLot.objects.filter(pk=lot.pk).update(status="closed")
    assert said(entry(api, val, lot, plate="ABC 1234")) == (False, "closed")


def test_outside_of_its_hours_a_lot_stays_shut_but_cars_leave(api, val, lot, capacity):
    stay = there(capacity, "OUT 1", minutes=5)
    ParkingLot.objects.filter(pk=lot.pk).update(hours="clock", tariff=lot.tariff | {"grace_minutes": 30})
    ParkingSession.objects.filter(pk=stay.pk).update(tariff=lot.tariff | {"grace_minutes": 30})
    yesterday = (timezone.now().astimezone(lot.zone).weekday() + 3) % 7
    LotHours.objects.create(lot=lot, weekday=yesterday, opens_at=time(8), closes_at=time(9))

    assert said(entry(api, val, lot, plate="ABC 1234")) == (False, "closed")
    assert said(leaving(api, val, lot, plate="OUT 1")) == (True, "")


def test_a_lot_without_prices_lets_nobody_in(api, val, venue):
    lot = LotFactory(venue=venue, status="draft", tariff={})
    CapacityFactory(lot=lot)
    assert said(entry(api, val, lot, plate="ABC 1234")) == (False, "closed")


def test_the_spaces_that_an_entry_leads_to_are_asked_for_by_kind(api, val, lot, capacity):
    CapacityFactory(lot=lot, kind="ev", spaces=1)
    assert said(entry(api, val, lot, plate="EV 1", kind="ev")) == (True, "")
    assert said(entry(api, val, lot, plate="EV 2", kind="ev")) == (False, "full")
    refused = at_gate(api, val, lot, "entries", plate="EV 3", kind="oversize")
    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["field"] == "kind"


# -- Reservations --


def test_the_plate_of_a_reservation_opens(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100")
    answer = entry(api, val, lot, plate="fay-1OO")

    assert said(answer) == (True, "")
    assert answer["reservation"]["id"] == str(reservation.pk)
    stay = ParkingSession.objects.get()
    assert (stay.reservation, stay.user, stay.expires_at) == (reservation, fay, reservation.ends_at)
    assert (stay.use_id, stay.tariff) == (reservation.use_id, reservation.tariff)
    reservation.refresh_from_db()
    assert (reservation.status, reservation.entries) == ("inside", 1)


def test_its_code_opens_for_a_car_of_any_plate(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100")
    answer = entry(api, val, lot, code=codes.code_for(reservation), plate="RENTAL 1")
    assert said(answer) == (True, "")
    assert ParkingSession.objects.get().plate == "RENTAL 1"


def test_a_code_is_good_for_one_car(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay)
    code = codes.code_for(reservation)
    assert said(entry(api, val, lot, code=code, plate="ONE 1", gate="North 1")) == (True, "")
    # The same car at the next camera, and then a friend's.
    assert said(entry(api, val, lot, code=code, plate="ONE 1")) == (True, "")
    second = entry(api, val, lot, code=code, plate="TWO 2")
    assert said(second) == (False, "already_inside")
    assert said(entry(api, val, lot, code=code)) == (False, "already_inside")
    assert second["previous"]["at"] is not None
    assert ParkingSession.objects.count() == 1


def test_of_several_reservations_the_one_of_the_moment_is_meant(api, val, fay, lot, capacity, venue):
    other = CapacityFactory(lot=LotFactory(venue=venue))
    booked(capacity, fay, plate="FAY 100", begins=-600, hours=2)
    booked(capacity, fay, plate="FAY 100", begins=600)
    booked(other, fay, plate="FAY 100")
    cancelled = booked(capacity, fay, plate="FAY 100", begins=-60)
    ParkingReservation.objects.filter(pk=cancelled.pk).update(status="cancelled")
    frozen = booked(capacity, fay, plate="FAY 100", begins=-60)
    ParkingReservation.objects.filter(pk=frozen.pk).update(frozen_at=timezone.now())
    meant = booked(capacity, fay, plate="FAY 100", begins=20)

    answer = entry(api, val, lot, plate="FAY 100")
    assert said(answer) == (True, "")
    assert answer["reservation"]["id"] == str(meant.pk)


def test_a_car_comes_early_only_where_there_is_room_until_it_begins(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100", begins=20)
    now = timezone.now()
    block = taking.put(capacity, now, reservation.starts_at, taking.Purpose.BLOCK, quantity=20)
    refused = entry(api, val, lot, plate="FAY 100")
    assert said(refused) == (False, "too_early")
    assert refused["message"].startswith("The lot is full. This reservation begins at")

    taking.end(block, now)
    assert said(entry(api, val, lot, plate="FAY 100")) == (True, "")


def test_where_only_reservations_are_let_in_a_car_is_told_why_it_is_not(api, val, fay, venue, lot, capacity):
    ParkingLot.objects.filter(pk=lot.pk).update(takes_drive_ups=False)
    elsewhere = CapacityFactory(lot=LotFactory(venue=venue))
    booked(capacity, fay, plate="EARLY 1", begins=120)
    booked(capacity, fay, plate="LATE 1", begins=-300, hours=2)
    booked(elsewhere, fay, plate="WRONG 1")

    early = entry(api, val, lot, plate="EARLY 1")
    assert said(early) == (False, "too_early")
    assert early["message"].startswith("This reservation is let in from")
    assert said(entry(api, val, lot, plate="LATE 1")) == (False, "too_late")
    assert said(entry(api, val, lot, plate="WRONG 1")) == (False, "wrong_lot")
    assert said(entry(api, val, lot, plate="NOBODY 1")) == (False, "unknown")
    assert not ParkingSession.objects.exists()


def test_who_drives_up_long_before_a_reservation_is_one_more_car(api, val, fay, lot, capacity):
    booked(capacity, fay, plate="FAY 100", begins=120)
    answer = entry(api, val, lot, plate="FAY 100")
    assert (said(answer), answer["reservation"]) == ((True, ""), None)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "completed"}, "no_reentry"),
        ({"frozen_at": timezone.now()}, "disputed"),
        ({"returning_at": timezone.now()}, "refund_pending"),
        ({"code_version": 2}, "outdated_code"),
        ({"starts_at": timezone.now() + timedelta(hours=1)}, "too_early"),
        ({"starts_at": timezone.now() - timedelta(hours=3), "ends_at": timezone.now()}, "too_late"),
    ],
)
def test_a_code_that_does_not_open_is_refused_with_the_reason(api, val, fay, lot, capacity, facts, reason):
    reservation = booked(capacity, fay, plate="FAY 100")
    code = codes.code_for(reservation)
    ParkingReservation.objects.filter(pk=reservation.pk).update(**facts)

    answer = entry(api, val, lot, code=code, plate="FAY 100")
    assert said(answer) == (False, reason)
    assert not ParkingSession.objects.exists()


def test_a_disputed_reservation_does_not_come_in_by_its_plate_either(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100")
    ParkingReservation.objects.filter(pk=reservation.pk).update(frozen_at=timezone.now())
    assert said(entry(api, val, lot, plate="FAY 100")) == (False, "disputed")


def test_codes_that_are_not_ours(api, val, fay, lot, capacity, other_venue):
    theirs = booked(CapacityFactory(lot=LotFactory(venue=other_venue)), fay)
    genuine = codes.code_for(booked(capacity, fay))
    forged = genuine[:-1] + ("A" if genuine[-1] != "A" else "B")

    assert said(entry(api, val, lot, code=forged)) == (False, "forged")
    assert said(entry(api, val, lot, code="PS1.NONSENSE")) == (False, "forged")
    assert said(entry(api, val, lot, code="https://example.com/menu")) == (False, "unknown")
    unheard = codes.code_for(ParkingReservation(pk=uuid7(), code_version=1))
    assert said(entry(api, val, lot, code=unheard)) == (False, "unknown")
    # One of another venue is for another lot; nothing else is told of it.
    answer = entry(api, val, lot, code=codes.code_for(theirs))
    assert (said(answer), answer["reservation"]) == ((False, "wrong_lot"), None)


def test_who_did_not_come_in_time_comes_in_where_there_is_room(api, val, fay, lot, capacity):
    lot.no_show_minutes = 5
    lot.save()
    reservation = booked(capacity, fay, plate="FAY 100")
    assert give_up_no_shows(timezone.now()) == 1
    fill(capacity)
    assert said(entry(api, val, lot, plate="FAY 100")) == (False, "full")

    SpaceUse.objects.filter(purpose="block").update(is_active=False)
    assert said(entry(api, val, lot, plate="FAY 100")) == (True, "")
    reservation.refresh_from_db()
    assert (reservation.status, reservation.use.is_inside) == ("inside", True)
    assert reservation.use.ends_at == reservation.ends_at
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 19


def test_where_the_lot_allows_it_a_reservation_drives_out_and_in_again(api, val, fay, lot, capacity):
    lot.allows_reentry = True
    lot.save()
    reservation = booked(capacity, fay, plate="FAY 100")
    entry(api, val, lot, plate="FAY 100")
    assert said(leaving(api, val, lot, plate="FAY 100")) == (True, "")
    reservation.refresh_from_db()
    assert (reservation.status, reservation.use.is_active, reservation.use.is_inside) == ("outside", True, False)
    fill(capacity)

    assert said(entry(api, val, lot, plate="FAY 100")) == (True, "")
    reservation.refresh_from_db()
    assert (reservation.status, reservation.entries) == ("inside", 2)
    assert ParkingSession.objects.filter(reservation=reservation).count() == 2


def test_where_it_does_not_a_reservation_is_used_up(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100")
    entry(api, val, lot, plate="FAY 100")
    leaving(api, val, lot, plate="FAY 100", gate="South")
    reservation.refresh_from_db()
    assert (reservation.status, reservation.use.is_active) == ("completed", False)

    again = entry(api, val, lot, code=codes.code_for(reservation), plate="FAY 100")
    assert said(again) == (False, "no_reentry")
    assert again["previous"]["gate"] == "South"


def test_a_car_that_came_in_unknown_shows_its_reservation_and_takes_one_space(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, price=900)
    stay = entry(api, val, lot, plate="RENTAL 1")["session"]["id"]
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 18

    shown = entry(api, val, lot, plate="RENTAL 1", code=codes.code_for(reservation))
    assert (said(shown), shown["session"]["id"]) == ((True, ""), stay)
    assert shown["reservation"]["id"] == str(reservation.pk)
    assert ParkingSession.objects.get().expires_at == reservation.ends_at
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 19


def test_a_stays_own_ticket_opens_once_and_then_for_its_car(api, val, lot, capacity):
    stay = there(capacity, "ABC 1")
    code = access.gate_code(stay)
    assert said(entry(api, val, lot, code=code)) == (True, "")
    assert said(entry(api, val, lot, code=code, plate="ABC 1")) == (True, "")
    # Handed out of the window to the next car.
    assert said(entry(api, val, lot, code=code)) == (False, "already_inside")
    assert said(entry(api, val, lot, code=code, plate="FRIEND 1")) == (False, "already_inside")
    ParkingSession.objects.filter(pk=stay.pk).update(status="ended", ended_at=timezone.now())
    assert said(entry(api, val, lot, code=code, plate="ABC 1")) == (False, "no_reentry")


# -- Said again, said late --


def test_the_same_nonce_gets_the_same_answer_and_no_second_stay(api, val, lot, capacity):
    first = entry(api, val, lot, plate="ABC 1234", nonce="cam-1")
    ParkingLot.objects.filter(pk=lot.pk).update(status="closed")
    again = entry(api, val, lot, plate="abc1234", nonce="cam-1")

    assert again == first
    assert (GateEvent.objects.count(), ParkingSession.objects.count()) == (1, 1)


def test_a_nonce_is_not_used_for_anything_else(api, val, olga, lot, capacity, venue):
    entry(api, val, lot, plate="ABC 1234", nonce="cam-1")
    other = LotFactory(venue=venue)
    for way, seen in (
        ("entries", {"plate": "XYZ 1"}),
        ("entries", {"plate": "ABC 1234", "code": "PR1.X"}),
        ("exits", {"plate": "ABC 1234"}),
        ("entries", {"plate": "ABC 1234", "lot": str(other.pk)}),
    ):
        refused = at_gate(api, val, lot, way, **{"nonce": "cam-1", **seen})
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "nonce_reused")
    assert GateEvent.objects.count() == 1
    # Another camera has nonces of its own.
    assert said(entry(api, olga, lot, plate="XYZ 1", nonce="cam-1")) == (True, "")


def test_what_a_camera_kept_for_a_while_counts_from_when_it_was_seen(api, val, lot, capacity):
    seen_at = ago(40)
    answer = entry(api, val, lot, plate="ABC 1234", seen_at=seen_at)
    assert ParkingSession.objects.get(pk=answer["session"]["id"]).started_at.isoformat() == seen_at


@pytest.mark.parametrize(
    ("seen", "field"),
    [
        ({"plate": "!"}, "plate"),
        ({"plate": "A" * 30}, "plate"),
        ({"plate": "ABC 1", "kind": "moped"}, "kind"),
        ({"plate": "ABC 1", "nonce": ""}, "nonce"),
        ({"plate": "ABC 1", "seen_at": "2020-01-01T00:00:00Z"}, "seen_at"),
        ({"plate": "ABC 1", "seen_at": "2199-01-01T00:00:00Z"}, "seen_at"),
        ({"plate": "ABC 1", "lot": "no-id"}, "lot"),
    ],
)
def test_what_cannot_be_is_refused_by_field(api, val, lot, capacity, seen, field):
    refused = at_gate(api, val, lot, "entries", **seen)
    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["field"] == field
    assert not GateEvent.objects.exists()


def test_a_plate_or_a_code_is_needed(api, val, lot, capacity):
    refused = at_gate(api, val, lot, "entries")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "plate_or_code_needed")


def test_the_gate_is_for_those_who_run_the_lot(api, val, gus, stan, fay, ada, lot, capacity):
    for way in ("entries", "exits"):
        tried = [at_gate(api, who, lot, way, plate="ABC 1").status_code for who in (gus, stan, fay, None)]
        assert tried == [403, 404, 404, 401]
    assert not GateEvent.objects.exists()
    assert said(entry(api, ada, lot, plate="ABC 1")) == (True, "")


# -- Opened all the same --


def test_a_steward_lets_a_car_in_on_a_full_lot_and_says_why(api, val, lot, capacity):
    fill(capacity)
    answer = entry(api, val, lot, plate="VIP 1", override="Guest of the house")

    assert said(answer) == (True, "full")
    assert (answer["override"], answer["message"]) == ("Guest of the house", "Opened by staff.")
    stay = ParkingSession.objects.get()
    assert counting.left(capacity, timezone.now(), timezone.now() + timedelta(minutes=1), timezone.now()) == -1
    entry_ = AuditLog.objects.get(action="parking_gate.opened_by_hand", entity_id=stay.pk)
    assert (entry_.actor, entry_.new_values["refused"]) == (val, "full")
    assert entry_.new_values["reason"] == "Guest of the house"


def test_a_steward_lets_a_reservation_in_early(api, val, fay, lot, capacity):
    ParkingLot.objects.filter(pk=lot.pk).update(takes_drive_ups=False)
    reservation = booked(capacity, fay, plate="FAY 100", begins=120)
    answer = entry(api, val, lot, plate="FAY 100", override="Came with the early crew")
    assert (said(answer), answer["session"] is not None) == ((True, "too_early"), True)
    reservation.refresh_from_db()
    assert reservation.status == "inside"


def test_a_disputed_reservation_is_let_in_as_any_other_car(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100")
    ParkingReservation.objects.filter(pk=reservation.pk).update(frozen_at=timezone.now())
    answer = entry(api, val, lot, plate="FAY 100", override="Pays at the exit")
    assert said(answer) == (True, "disputed")
    assert ParkingSession.objects.get().reservation is None
    reservation.refresh_from_db()
    assert reservation.status == "confirmed"


def test_an_override_without_need_changes_nothing(api, val, lot, capacity):
    answer = entry(api, val, lot, plate="ABC 1", override="In case")
    assert (said(answer), answer["override"]) == ((True, ""), "")
    assert not AuditLog.objects.filter(action="parking_gate.opened_by_hand").exists()


def test_a_refusal_is_not_overridden_under_its_own_nonce(api, val, lot, capacity):
    fill(capacity)
    entry(api, val, lot, plate="ABC 1", nonce="n1")
    refused = at_gate(api, val, lot, "entries", plate="ABC 1", nonce="n1", override="Let it in")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "nonce_reused")


def test_an_override_says_why(api, val, lot, capacity):
    fill(capacity)
    refused = at_gate(api, val, lot, "entries", plate="ABC 1", override="x")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "reason_needed")
