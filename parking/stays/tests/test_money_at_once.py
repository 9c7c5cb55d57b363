"""Many fingers, cameras and browsers at once: one charge, one validation, one space, and books that hold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parking.errors import NoSpace, ValidationRefused
from parking.models import ParkingCharge, ParkingSession
from parking.spaces import counting, taking
from parking.stays import charging, extending, fees, pricing_override, validating
from parking.stays.tests.parked import confirm, fresh, park
from payments.models import Payment
from payments.tests.sharing import assert_books_hold
from trufan.testing import CapacityFactory, PromoCodeFactory, StaffFactory, UserFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
BUSY = {"payment_in_progress", "nothing_due", "charge_not_payable", "nothing_to_pay"}


def paid() -> list[Payment]:
    return list(Payment.objects.filter(payable_type="parking", status="succeeded", counted=True))


def test_many_taps_pay_once():
    fan = UserFactory()
    stay = park(CapacityFactory(), user=fan)

    def tap(number: int):
        return charging.pay(stay, payer=fan, payment_method="pm_card_visa", now=timezone.now())

    answers = at_once(8, tap)
    assert [payment.amount for payment in paid()] == [700]
    assert ParkingCharge.objects.filter(status="paid").count() == 1
    assert all(each is None or isinstance(each, Payment) or each.code in BUSY for each in answers), answers
    assert_books_hold()


def test_paying_extending_and_setting_the_price_at_once_never_locks_up():
    """Charge before stay before space, in whatever order they come: nobody waits in a circle."""
    fan, staff = UserFactory(), StaffFactory().user
    stay = park(CapacityFactory(), minutes=40, until=30, user=fan)
    waiting = charging.pay(stay, payer=fan, payment_method="", now=timezone.now())

    def act(number: int):
        now = timezone.now()
        if number == 0:
            return confirm(waiting)
        if number % 4 == 1:
            return charging.pay(stay, payer=fan, payment_method="pm_card_visa", now=now)
        if number % 4 == 2:
            until = stay.expires_at + timedelta(minutes=30 * number)
            return extending.extend(stay, until, payer=fan, payment_method="pm_card_visa", now=now)
        return pricing_override.set_price(stay, 600, reason="A kindness", by=staff, now=now)

    answers = at_once(8, act)
    assert all(not hasattr(each, "code") or each.code in {*BUSY, "invalid_state", "validation_error", "not_found"}
               for each in answers), answers  # fmt: skip
    settled = fees.settled_of(fresh(stay))
    assert settled.price == sum(charge.price for charge in ParkingCharge.objects.filter(status="paid"))
    assert_books_hold()


def test_the_last_space_is_extended_into_by_one():
    capacity = CapacityFactory(spaces=8)
    fans = [UserFactory() for _ in range(4)]
    now = timezone.now()
    stays = [park(capacity, minutes=0, until=60, user=fan, now=now) for fan in fans]
    for stay, fan in zip(stays, fans, strict=True):
        charging.pay(stay, payer=fan, payment_method="pm_card_visa", now=now)
    begins = now + timedelta(minutes=90)
    taking.put(capacity, begins, begins + timedelta(hours=1), taking.Purpose.BLOCK, quantity=7)

    def extend(number: int):
        until = begins + timedelta(minutes=30)
        return extending.extend(
            stays[number], until, payer=fans[number], payment_method="pm_card_visa", now=timezone.now()
        )

    answers = at_once(4, extend)
    assert sum(isinstance(each, Payment) for each in answers) == 1
    assert sum(isinstance(each, NoSpace) for each in answers) == 3
    assert counting.left(capacity, begins, begins + timedelta(minutes=30), timezone.now()) == 0
    assert ParkingSession.objects.filter(expires_at__gt=begins).count() == 1


def test_a_code_of_few_uses_is_never_overused():
    capacity = CapacityFactory()
    promo = PromoCodeFactory(venue=capacity.lot.venue, code="DINNER", kind="parking", ppm=500_000, total_limit=3)
    stays = [park(capacity, user=UserFactory()) for _ in range(8)]

    answers = at_once(8, lambda number: validating.validate(stays[number], "DINNER", by=None, now=timezone.now()))
    assert sum(isinstance(each, ValidationRefused) for each in answers) == 5
    promo.refresh_from_db()
    assert (promo.used, ParkingSession.objects.filter(promo=promo).count()) == (3, 3)


def test_one_person_validates_one_of_many_cars():
    capacity, fan = CapacityFactory(), UserFactory()
    PromoCodeFactory(venue=capacity.lot.venue, code="DINNER", kind="parking", ppm=500_000, per_person_limit=1)
    stays = [park(capacity, user=fan) for _ in range(6)]
    at_once(6, lambda number: validating.validate(stays[number], "DINNER", by=None, now=timezone.now()))
    assert ParkingSession.objects.exclude(promo=None).count() == 1


def test_the_same_stay_validated_many_times_at_once_counts_once():
    capacity = CapacityFactory()
    promo = PromoCodeFactory(venue=capacity.lot.venue, code="DINNER", kind="parking", ppm=500_000)
    stay = park(capacity, user=UserFactory())
    at_once(6, lambda number: validating.validate(stay, "DINNER", by=None, now=timezone.now()))
    promo.refresh_from_db()
    assert promo.used == 1


def test_refunds_at_once_never_give_back_more_than_was_paid():
    fan, staff = UserFactory(), StaffFactory().user
    stay = park(CapacityFactory(), user=fan)
    charging.pay(stay, payer=fan, payment_method="pm_card_visa", now=timezone.now())
    charge = ParkingCharge.objects.get()
    at_once(6, lambda n: charging.refund(charge, amount=200, by=staff, reason="Twice", now=timezone.now()))
    charge.refresh_from_db()
    assert charge.amount_refunded == 600
    assert_books_hold()
