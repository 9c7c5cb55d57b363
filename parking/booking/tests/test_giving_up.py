"""Cancelled for nothing until the configured time, then for the fee; given up where nobody comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import access
from orders.models import Order
from parking.booking import cancelling
from parking.booking.models import ParkingReservation
from parking.booking.tests.booked import RESERVATIONS, reserved, tomorrow
from parking.models import SpaceUse
from parking.spaces import counting
from payments import dispute_recovery, refunds, sandbox_payer
from payments.gateways import sandbox_disputes
from payments.gateways.base import RefundOutcome
from payments.models import Payment, Refund, SandboxIntent

pytestmark = pytest.mark.django_db


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def reservation(fay, capacity):
    return reserved(fay, capacity)


def cancel(api, who, reservation):
    return api.as_(who).post(f"{RESERVATIONS}/{reservation.pk}/cancel", {})


def left(capacity):
    return counting.left(capacity, tomorrow(), tomorrow(22), timezone.now())


def test_in_time_all_of_it_goes_back(api, fay, reservation, capacity, commits):
    with commits():
        answer = cancel(api, fay, reservation).json()
    assert (answer["refunded"], answer["kept"]) == (1_700, 0)
    reservation.refresh_from_db()
    assert (reservation.status, left(capacity)) == ("cancelled", 20)
    assert (Order.objects.get().status, Refund.objects.get().status) == ("refunded", "succeeded")


def test_later_the_fee_is_kept(api, fay, reservation, lot, capacity, commits):
    lot.cancel_free_minutes, lot.cancel_fee = 60 * 48, 500
    lot.save()
    with commits():
        answer = cancel(api, fay, reservation).json()
    assert (answer["refunded"], answer["kept"]) == (1_200, 500)
    assert left(capacity) == 20


def test_where_the_fee_is_all_of_it_the_space_is_free_all_the_same(api, fay, reservation, lot, capacity):
    lot.cancel_free_minutes, lot.cancel_fee = 60 * 48, 5_000
    lot.save()
    answer = cancel(api, fay, reservation).json()
    assert (answer["refunded"], answer["kept"]) == (0, 1_700)
    assert (answer["reservation"]["status"], left(capacity)) == ("cancelled", 20)
    assert not Refund.objects.exists()


def test_while_its_refund_is_on_its_way_it_opens_nothing_and_is_not_cancelled_twice(api, fay, reservation):
    assert cancel(api, fay, reservation).status_code == 200
    reservation.refresh_from_db()
    assert (reservation.status, reservation.returning_at is not None) == ("confirmed", True)
    assert cancel(api, fay, reservation).status_code == 409
    assert Refund.objects.count() == 1


def test_what_was_paid_for_a_change_goes_back_too(api, fay, reservation, commits):
    change = api.as_(fay).post(f"{RESERVATIONS}/{reservation.pk}/changes", {"ends_at": tomorrow(23)}).json()
    url = f"{RESERVATIONS}/{reservation.pk}/changes/{change['id']}/pay"
    assert api.as_(fay).post(url, {"payment_method": "pm_card_visa"}).json()["amount"] == 400
    with commits():
        assert cancel(api, fay, reservation).json()["refunded"] == 2_100
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [400, 1_700]


def test_once_it_began_only_staff_give_it_back(api, fay, reservation, capacity):
    now = timezone.now()
    ParkingReservation.objects.update(starts_at=now - timedelta(hours=1))
    assert cancel(api, fay, reservation).json()["error"]["code"] == "reservation_not_changeable"
    refused = api.as_(fay).post(f"/api/v1/orders/{reservation.order_id}/refunds", {"reason": "Late"})
    assert refused.status_code == 409


def test_a_driven_in_reservation_is_not_given_back_by_its_buyer(api, fay, reservation):
    reservation.move("inside", entries=1)
    assert cancel(api, fay, reservation).status_code == 409
    refused = api.as_(fay).post(f"/api/v1/orders/{reservation.order_id}/refunds", {"reason": "Changed my mind"})
    assert refused.json()["error"]["details"][0]["code"] == "parking_used"


def test_strangers_and_staff_of_the_lot_do_not_cancel_here(api, stan, val, reservation):
    for who in (stan, val, None):
        assert cancel(api, who, reservation).status_code == 404


def test_staff_refund_it_with_the_order(api, olga, reservation, capacity, commits):
    with commits():
        answer = api.as_(olga).post(f"/api/v1/orders/{reservation.order_id}/refunds", {"reason": "Flooded"})
    assert answer.status_code == 201
    reservation.refresh_from_db()
    assert (reservation.status, left(capacity)) == ("cancelled", 20)


def test_who_does_not_come_has_no_space_after_the_configured_time(fay, reservation, lot, capacity):
    after = reservation.starts_at + timedelta(minutes=45)
    assert cancelling.give_up_no_shows(after) == 0
    lot.no_show_minutes = 45
    lot.save()
    assert cancelling.give_up_no_shows(after - timedelta(seconds=1)) == 0
    assert (cancelling.give_up_no_shows(after), cancelling.give_up_no_shows(after)) == (1, 0)
    reservation.refresh_from_db()
    assert (reservation.status, left(capacity)) == ("no_show", 20)
    assert not Refund.objects.exists()


def test_where_the_lot_waits_as_long_as_it_takes_that_is_the_end_of_the_window(reservation, capacity):
    assert cancelling.give_up_no_shows(reservation.ends_at - timedelta(seconds=1)) == 0
    assert cancelling.give_up_no_shows(reservation.ends_at) == 1
    assert not SpaceUse.objects.filter(is_active=True).exists()


def test_who_is_inside_is_no_no_show(reservation, lot, capacity):
    lot.no_show_minutes = 45
    lot.save()
    reservation.move("inside", entries=1)
    assert cancelling.give_up_no_shows(reservation.ends_at + timedelta(days=1)) == 0


def test_a_guest_cancels_by_the_orders_code(api, capacity, commits):
    reservation = reserved(None, capacity)
    headers = {"X-Order-Access-Code": access.code_for(reservation.order)}
    with commits():
        answer = api.post(f"{RESERVATIONS}/{reservation.pk}/cancel", {}, headers=headers)
    assert (answer.status_code, answer.json()["refunded"], left(capacity)) == (200, 1_700, 20)


def test_the_buyer_gives_it_back_with_the_order_on_the_same_terms(api, fay, reservation, lot, capacity, commits):
    lot.cancel_free_minutes, lot.cancel_fee = 60 * 48, 500
    lot.save()
    url = f"/api/v1/orders/{reservation.order_id}/refunds"
    promised = api.as_(fay).post(f"{url}/preview", {}).json()
    with commits():
        done = api.as_(fay).post(url, {"reason": "Ill"}).json()
    assert (promised["amount"], promised["kept"]) == (done["amount"], done["kept"]) == (1_200, 500)
    assert left(capacity) == 20


@pytest.mark.parametrize(("early", "kept"), [(0, 0), (1, 300)])
def test_the_free_time_ends_at_its_last_microsecond(fay, reservation, lot, early, kept):
    lot.cancel_fee = 300
    lot.save()
    at = reservation.starts_at - timedelta(minutes=lot.cancel_free_minutes) + timedelta(microseconds=early)
    done = cancelling.cancel(reservation, by=fay, by_buyer=True, reason="Ill", now=at)
    assert (done.refunded, done.kept) == (1_700 - kept, kept)


def test_a_refund_that_fails_leaves_it_to_its_holder(fay, reservation):
    cancelling.cancel(reservation, by=fay, by_buyer=True, reason="Ill", now=timezone.now())
    refunds.settle(Refund.objects.get().pk, RefundOutcome("", "failed", "Account closed"), timezone.now())
    reservation.refresh_from_db()
    assert (reservation.status, reservation.returning_at) == ("confirmed", None)


def test_what_is_disputed_opens_nothing_and_is_not_given_back_twice(api, fay, reservation):
    intent = SandboxIntent.objects.get(reference=Payment.objects.get().pk)
    kept = sandbox_disputes.open_dispute(intent, timezone.now(), 0, "")
    dispute = dispute_recovery.refresh("sandbox", kept.provider_id, timezone.now())
    reservation.refresh_from_db()
    assert reservation.frozen_at is not None
    assert api.as_(fay).get(f"{RESERVATIONS}/{reservation.pk}").json()["is_frozen"] is True
    assert cancel(api, fay, reservation).json()["error"]["code"] == "payment_disputed"
    changed = api.as_(fay).post(f"{RESERVATIONS}/{reservation.pk}/changes", {"ends_at": tomorrow(20)})
    assert changed.json()["error"]["code"] == "reservation_not_changeable"
    sandbox_payer.decide_dispute(dispute, "won", timezone.now())
    reservation.refresh_from_db()
    assert (reservation.status, reservation.frozen_at) == ("confirmed", None)
    assert not Refund.objects.exists()


def test_a_car_that_is_inside_stays_where_staff_give_its_money_back(api, olga, reservation, capacity, commits):
    reservation.move("inside", entries=1)
    with commits():
        api.as_(olga).post(f"/api/v1/orders/{reservation.order_id}/refunds", {"reason": "Flooded"})
    reservation.refresh_from_db()
    assert (reservation.status, Order.objects.get().status, left(capacity)) == ("inside", "refunded", 19)
