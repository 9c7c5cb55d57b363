"""Another window or kind: dearer it is held and waits to be paid, cheaper it is done and the difference goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parking.booking import changing
from parking.booking.models import ParkingReservation, ReservationChange
from parking.booking.tests.booked import RESERVATIONS, held, reserved, tomorrow
from parking.models import LotHours, ParkingCharge, SpaceUse, Vehicle
from parking.spaces import counting
from payments import sandbox_payer
from payments.models import Payment, Refund
from trufan.testing import CapacityFactory, TaxRateFactory

pytestmark = pytest.mark.django_db
VISA = {"payment_method": "pm_card_visa"}


@pytest.fixture
def reservation(fay, capacity):
    """From six to ten, for 17.00."""
    return reserved(fay, capacity)


@pytest.fixture
def ask(api, fay, reservation):
    def post(what="", **wanted):
        return api.as_(fay).post(f"{RESERVATIONS}/{reservation.pk}/changes{what}", wanted)

    return post


def left(capacity, begins, hours):
    return counting.left(capacity, begins, begins + timedelta(hours=hours), timezone.now())


def test_an_extension_is_priced_held_paid_and_applied(api, fay, ask, reservation, capacity):
    TaxRateFactory(venue=capacity.lot.venue, category="parking", rate_ppm=100_000)
    until = tomorrow() + timedelta(hours=5)
    planned = ask("/preview", ends_at=until).json()
    assert (planned["price"], planned["difference"], planned["amount"]) == (2_100, 400, 440)
    assert not ReservationChange.objects.exists()
    asked = ask(ends_at=until)
    assert asked.status_code == 201
    change = asked.json()
    assert (change["status"], change["charge"]["amount"], change["charge"]["status"]) == ("pending", 440, "pending")
    assert left(capacity, tomorrow(22), 1) == 19
    reservation.refresh_from_db()
    assert reservation.ends_at == tomorrow(22)
    paid = ask(f"/{change['id']}/pay", **VISA)
    assert (paid.json()["status"], paid.json()["amount"]) == ("succeeded", 440)
    reservation.refresh_from_db()
    assert (reservation.ends_at, reservation.price) == (until, 2_100)
    assert (left(capacity, tomorrow(22), 1), left(capacity, tomorrow(18), 5)) == (19, 19)
    assert SpaceUse.objects.filter(is_active=True).count() == 1
    assert ParkingCharge.objects.get().status == "paid"


def test_a_change_that_is_not_paid_lapses_and_a_late_payment_needs_room(ask, fay, stan, reservation, capacity):
    capacity.spaces = 1
    capacity.save()
    change = ask(ends_at=tomorrow(23)).json()
    later = timezone.now() + changing.HELD_FOR + timedelta(seconds=1)
    assert changing.lapse_due(later) == 1
    assert left(capacity, tomorrow(22), 1) == 1
    refused = ask(f"/{change['id']}/pay", **VISA)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "charge_not_payable")
    reservation.refresh_from_db()
    assert reservation.ends_at == tomorrow(22)


def test_the_next_change_takes_the_place_of_one_that_waits(ask, reservation, capacity):
    first = ask(ends_at=tomorrow(23)).json()
    second = ask(ends_at=tomorrow(22) + timedelta(minutes=30)).json()
    states = dict(ReservationChange.objects.values_list("pk", "status"))
    assert {str(pk): status for pk, status in states.items()} == {first["id"]: "lapsed", second["id"]: "pending"}
    assert left(capacity, tomorrow(22) + timedelta(minutes=30), 0.5) == 20
    assert ask(f"/{first['id']}/pay", **VISA).status_code == 409


def test_a_shorter_window_is_applied_at_once_and_its_difference_goes_back(ask, reservation, capacity):
    answer = ask(ends_at=tomorrow(20))
    assert (answer.json()["status"], answer.json()["difference"], answer.json()["charge"]) == ("applied", -800, None)
    reservation.refresh_from_db()
    assert (reservation.ends_at, reservation.price) == (tomorrow(20), 900)
    assert Refund.objects.get().amount == 800
    assert left(capacity, tomorrow(20), 2) == 20


def test_after_the_free_time_the_fee_is_kept_of_what_goes_back(ask, reservation, lot):
    lot.cancel_free_minutes, lot.cancel_fee = 60 * 48, 300
    lot.save()
    ask(ends_at=tomorrow(20))
    assert Refund.objects.get().amount == 500


def test_another_kind_goes_by_its_own_price(ask, reservation, capacity, lot):
    ev = CapacityFactory(lot=lot, kind="ev", spaces=1, tariff={"version": 1, "base": {"type": "flat", "price": 1_700}})
    assert ask(kind="ev").json()["status"] == "applied"
    reservation.refresh_from_db()
    assert (reservation.capacity_id, reservation.tariff["base"]["type"]) == (ev.pk, "flat")
    assert (left(capacity, tomorrow(), 4), left(ev, tomorrow(), 4)) == (20, 0)


def test_there_has_to_be_room_beside_all_others(ask, fay, stan, reservation, capacity):
    capacity.spaces = 2
    capacity.save()
    for _ in range(2):
        held(stan, capacity, starts_at=tomorrow(22), hours=1)
    refused = ask(ends_at=tomorrow(23))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "no_space")
    assert not ParkingCharge.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "ends_at"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2020-01-01T00:00:00Z"}, "starts_at"),
        ({"kind": "oversize"}, "kind"),
        ({"kind": "cellar"}, "kind"),
        ({"ends_at": 5}, "ends_at"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(ask, reservation, wanted, field):
    answer = ask(**wanted)
    assert answer.status_code == 422
    assert field in {each["field"] for each in answer.json()["error"]["details"]}
    assert not ReservationChange.objects.exists()


def test_only_its_holder_changes_it_and_only_before_it_begins(api, ask, stan, val, reservation):
    url = f"{RESERVATIONS}/{reservation.pk}/changes"
    for stranger in (stan, val):
        assert api.as_(stranger).post(url, {"ends_at": tomorrow(23)}).status_code == 404
    reservation.move("inside")
    refused = ask(ends_at=tomorrow(23))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "reservation_not_changeable")


def test_once_it_began_nothing_goes_back_by_making_it_shorter(ask, reservation):
    now = timezone.now()
    ParkingReservation.objects.update(starts_at=now - timedelta(minutes=5))
    for until in (now + timedelta(hours=1), tomorrow(23)):
        refused = ask(ends_at=until)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "reservation_not_changeable")
    assert not Refund.objects.exists()


def test_who_is_too_late_to_cancel_for_nothing_does_not_win_time_by_moving_it(ask, reservation, lot):
    lot.cancel_free_minutes, lot.cancel_fee = 60 * 48, 300
    lot.save()
    refused = ask(starts_at=tomorrow() + timedelta(days=7), ends_at=tomorrow(22) + timedelta(days=7))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "reservation_not_changeable")
    assert ask(starts_at=tomorrow(17), ends_at=tomorrow(21)).json()["status"] == "applied"


def test_it_may_be_moved_to_another_day_while_the_lot_is_open_then(ask, reservation, lot, capacity):
    there = tomorrow() + timedelta(days=7)
    LotHours.objects.create(lot=lot, weekday=there.weekday(), opens_at="06:00", closes_at="20:00")
    lot.hours = "clock"
    lot.save()
    closed = ask(starts_at=there + timedelta(days=1), ends_at=there + timedelta(days=1, hours=4))
    assert (closed.status_code, closed.json()["error"]["details"][0]["field"]) == (422, "starts_at")
    assert ask(starts_at=there, ends_at=there + timedelta(hours=4)).json()["status"] == "applied"
    assert (left(capacity, tomorrow(), 4), left(capacity, there, 4)) == (20, 19)


def test_what_is_reserved_already_is_no_change(ask, reservation):
    refused = ask(ends_at=reservation.ends_at, kind="standard")
    assert (refused.status_code, refused.json()["error"]["details"][0]["code"]) == (422, "unchanged")
    assert not ReservationChange.objects.exists()


def test_what_is_not_paid_in_time_is_ended_at_the_provider_too(
    ask, reservation, capacity, django_capture_on_commit_callbacks
):
    change = ask(ends_at=tomorrow(23)).json()
    ask(f"/{change['id']}/pay", payment_method="pm_card_authenticationRequired")
    payment = Payment.objects.get(payable_type="parking")
    assert payment.status == "requires_action"
    with django_capture_on_commit_callbacks(execute=True):
        assert changing.lapse_due(timezone.now() + changing.HELD_FOR + timedelta(seconds=1)) == 1
    payment.refresh_from_db()
    assert (payment.status, left(capacity, tomorrow(22), 1)) == ("cancelled", 20)


@pytest.mark.parametrize(("spaces", "becomes", "refunds"), [(1, "applied", 0), (0, "lapsed", 1)])
def test_money_that_was_faster_than_the_lapse_is_taken_where_there_is_room(
    ask, stan, reservation, capacity, spaces, becomes, refunds
):
    capacity.spaces = 1
    capacity.save()
    change = ask(ends_at=tomorrow(23)).json()
    ask(f"/{change['id']}/pay", payment_method="pm_card_authenticationRequired")
    payment = Payment.objects.get(payable_type="parking")
    later = timezone.now() + changing.HELD_FOR + timedelta(seconds=1)
    changing.lapse_due(later)
    if not spaces:
        reserved(stan, capacity, starts_at=tomorrow(22), hours=1)
    sandbox_payer.confirm(payment.pk, payment.client_secret, "succeed", later)
    assert ReservationChange.objects.get().status == becomes
    assert Refund.objects.count() == refunds
    reservation.refresh_from_db()
    assert reservation.ends_at == (tomorrow(23) if becomes == "applied" else tomorrow(22))


def test_a_change_and_its_cancellation_leave_no_hold(api, fay, ask, reservation, capacity):
    ask(ends_at=tomorrow(23))
    assert left(capacity, tomorrow(22), 1) == 19
    assert api.as_(fay).post(f"{RESERVATIONS}/{reservation.pk}/cancel", {}).status_code == 200
    assert left(capacity, tomorrow(22), 1) == 20
    assert (ReservationChange.objects.get().status, ParkingCharge.objects.get().status) == ("lapsed", "cancelled")


def test_a_fans_own_vehicle_takes_the_place_of_another(api, fay, stan, reservation, lot):
    url, car = f"{RESERVATIONS}/{reservation.pk}", Vehicle(user=fay, height_cm=180)
    car.set_plate("FAY 2")
    car.save()
    assert api.as_(fay).patch(url, {"vehicle": str(car.pk)}).json()["plate"] == "FAY 2"
    lot.height_limit_cm = 170
    lot.save()
    assert api.as_(fay).patch(url, {"vehicle": str(car.pk)}).status_code == 422
    Vehicle.objects.update(user=stan)
    assert api.as_(fay).patch(url, {"vehicle": str(car.pk)}).json()["error"]["details"][0]["field"] == "vehicle"
    assert api.as_(fay).patch(url, {}).status_code == 422


def test_a_car_that_is_inside_keeps_its_plate(api, fay, reservation):
    reservation.move("inside", entries=1)
    answer = api.as_(fay).patch(f"{RESERVATIONS}/{reservation.pk}", {"plate": "NEW 1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "reservation_not_changeable")
    assert ParkingReservation.objects.get().plate == ""


def test_another_plate_costs_nothing(api, fay, reservation):
    url = f"{RESERVATIONS}/{reservation.pk}"
    assert api.as_(fay).patch(url, {"plate": "neu 5"}).json()["plate"] == "NEU 5"
    assert ParkingReservation.objects.get().plate_key == "NEU5"
    assert api.as_(fay).patch(url, {"plate": "!"}).status_code == 422
