"""The exit: it opens once nothing is due, the stay is over and its space free; else it says what is to be paid."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from parking.booking import codes
from parking.models import GateEvent, ParkingCharge, ParkingReservation, ParkingSession
from parking.spaces import counting
from parking.stays import access, charging, fees, validating
from parking.stays.tests.at_the_gate import ago, booked, entry, leaving, said, there
from parking.stays.tests.parked import arrive, fresh
from trufan.testing import CapacityFactory, LotFactory, PromoCodeFactory, TaxRateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(capacity):
    """Seventy minutes: an hour for 5.00 and a begun half hour for 2.00."""
    return there(capacity, "ABC 1234")


def test_who_owes_is_told_how_much_and_where_to_pay(api, val, venue, lot, stay):
    TaxRateFactory(venue=venue, category="parking", name="Parking tax", rate_ppm=100_000)
    answer = leaving(api, val, lot, plate="ABC 1234")

    assert said(answer) == (False, "not_paid")
    assert (answer["amount_due"], answer["currency"]) == (770, "USD")
    assert answer["message"] == "Pay $7.70 before leaving."
    assert answer["pay_url"].endswith(f"/parking/sessions/{stay.pk}#access_code={access.payer_code_for(stay)}")
    assert fresh(stay).status == "active"
    assert GateEvent.objects.get().amount_due == 770


def test_once_it_is_paid_the_car_leaves_and_its_space_is_free(api, val, lot, capacity, stay):
    charging.pay(stay, payer=None, payment_method="pm_card_visa", now=timezone.now())
    answer = leaving(api, val, lot, plate="abc1234")

    assert (said(answer), answer["amount_due"], answer["pay_url"]) == ((True, ""), 0, "")
    stay = fresh(stay)
    assert (stay.status, stay.use.is_active, stay.ended_at is not None) == ("ended", False, True)
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 20
    assert AuditLog.objects.filter(action="parking_session.ended", entity_id=stay.pk, actor=val).exists()


def test_after_the_grace_the_price_runs_on(api, val, lot, stay):
    charging.pay(stay, payer=None, payment_method="pm_card_visa", now=timezone.now() - timedelta(minutes=30))
    answer = leaving(api, val, lot, plate="ABC 1234")
    assert (said(answer), answer["amount_due"]) == ((False, "not_paid"), 200)


def test_a_second_camera_that_sees_the_car_leave_opens_too(api, val, lot, stay):
    charging.pay(stay, payer=None, payment_method="pm_card_visa", now=timezone.now())
    first, second = (leaving(api, val, lot, plate="ABC 1234") for _ in range(2))
    assert (said(first), said(second)) == ((True, ""), (True, ""))
    assert second["session"]["id"] == str(stay.pk)
    assert AuditLog.objects.filter(action="parking_session.ended").count() == 1

    ParkingSession.objects.filter(pk=stay.pk).update(
        started_at=timezone.now() - timedelta(hours=2), ended_at=timezone.now() - timedelta(minutes=11)
    )
    assert said(leaving(api, val, lot, plate="ABC 1234")) == (False, "unknown")


def test_the_same_nonce_gets_the_same_answer_even_after_paying(api, val, lot, stay):
    first = leaving(api, val, lot, plate="ABC 1234", nonce="out-1")
    charging.pay(stay, payer=None, payment_method="pm_card_visa", now=timezone.now())
    assert leaving(api, val, lot, plate="ABC 1234", nonce="out-1") == first
    assert fresh(stay).status == "active"


def test_a_plate_that_nobody_knows_stays_inside(api, val, venue, lot, capacity):
    other = CapacityFactory(lot=LotFactory(venue=venue))
    there(other, "ABC 1")
    assert said(leaving(api, val, lot, plate="ABC 1")) == (False, "unknown")


def test_the_ticket_of_a_stay_opens_where_no_plate_is_read(api, val, venue, lot, capacity, stay):
    code = access.gate_code(stay)
    assert said(leaving(api, val, lot, code=code)) == (False, "not_paid")
    charging.pay(stay, payer=None, payment_method="pm_card_visa", now=timezone.now())
    assert said(leaving(api, val, LotFactory(venue=venue), code=code)) == (False, "wrong_lot")
    assert said(leaving(api, val, lot, code=code)) == (True, "")


def test_another_cars_ticket_does_not_open(api, val, lot, capacity, stay):
    """Its plate is known to be inside, and says more than a code that may be anybody's."""
    paid = there(capacity, "PAID 1")
    charging.pay(paid, payer=None, payment_method="pm_card_visa", now=timezone.now())
    answer = leaving(api, val, lot, plate="ABC 1234", code=access.gate_code(paid))
    assert (said(answer), answer["session"]["id"]) == ((False, "not_paid"), str(stay.pk))
    assert fresh(paid).status == "active"


# -- Reservations --


def test_a_reservation_leaves_in_its_time_for_nothing(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100")
    arrive(reservation, timezone.now() - timedelta(minutes=5), plate="FAY 100", plate_key="FAY100")
    answer = leaving(api, val, lot, code=codes.code_for(reservation))

    assert said(answer) == (True, "")
    reservation.refresh_from_db()
    assert (reservation.status, reservation.use.is_active) == ("completed", False)
    # What is left of its time is sold to others.
    assert counting.left_now([capacity], timezone.now())[capacity.pk] == 20


def test_one_that_stayed_too_long_pays_for_it(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, plate="FAY 100", begins=-175, hours=2)
    arrive(reservation, reservation.starts_at, plate="FAY 100", plate_key="FAY100")
    answer = leaving(api, val, lot, plate="FAY 100")
    # Two hours are 9.00 and a begun third 13.00: the difference at 150 %.
    assert (said(answer), answer["amount_due"]) == ((False, "not_paid"), 600)


def test_a_code_whose_car_is_not_there_opens_nothing(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay)
    code = codes.code_for(reservation)
    assert said(leaving(api, val, lot, code=code)) == (False, "not_inside")
    assert said(leaving(api, val, lot, code=code + "A")) == (False, "forged")
    ParkingReservation.objects.filter(pk=reservation.pk).update(code_version=2)
    assert said(leaving(api, val, lot, code=code)) == (False, "outdated_code")


def test_a_reservation_that_the_entry_did_not_know_is_shown_at_the_exit(api, val, fay, lot, capacity):
    reservation = booked(capacity, fay, begins=-60)
    came = entry(api, val, lot, plate="RENTAL 1", seen_at=ago(50))
    assert said(leaving(api, val, lot, plate="RENTAL 1")) == (False, "not_paid")

    shown = leaving(api, val, lot, plate="RENTAL 1", code=codes.code_for(reservation))
    assert (said(shown), shown["session"]["id"]) == ((True, ""), came["session"]["id"])
    reservation.refresh_from_db()
    assert reservation.status == "completed"


# -- Paid otherwise, or not at all --


def test_a_validation_that_pays_all_opens_and_is_booked(api, val, fay, venue, lot, stay):
    promo = PromoCodeFactory(venue=venue, kind="parking", ppm=1_000_000, code="DINNER")
    validating.validate(stay, "DINNER", by=fay, now=timezone.now())
    answer = leaving(api, val, lot, plate="ABC 1234")

    assert said(answer) == (True, "")
    charge = ParkingCharge.objects.get()
    assert (charge.status, charge.discount, charge.amount_total, charge.promo_code) == ("paid", 700, 0, promo.code)


def test_a_steward_opens_for_one_who_cannot_pay_and_what_is_due_stays_due(api, val, lot, stay):
    answer = leaving(api, val, lot, plate="ABC 1234", override="Card machine is broken")

    assert (said(answer), answer["amount_due"]) == ((True, "not_paid"), 700)
    assert answer["message"] == "Opened by staff."
    stay = fresh(stay)
    assert (stay.status, fees.due(stay, timezone.now()).amount) == ("ended", 700)
    opened = AuditLog.objects.get(action="parking_gate.opened_by_hand", entity_id=stay.pk)
    assert (opened.new_values["unpaid"], opened.new_values["reason"]) == (700, "Card machine is broken")
    ended = AuditLog.objects.get(action="parking_session.ended", entity_id=stay.pk)
    assert ended.new_values["unpaid"] == 700


def test_a_steward_opens_for_a_car_that_nobody_saw_come(api, val, lot, capacity):
    answer = leaving(api, val, lot, plate="GHOST 1", override="Came in behind a truck")
    assert (said(answer), answer["session"]) == ((True, "unknown"), None)
    event = GateEvent.objects.get()
    assert AuditLog.objects.filter(action="parking_gate.opened_by_hand", entity_id=event.pk).exists()
