"""Staying longer: paid in advance at the price of the entry, and only where the space is free for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from parking.models import ParkingCharge, ParkingSession, SpaceUse
from parking.spaces import counting, taking
from parking.stays import charging, extending, fees
from parking.stays.lapsing import give_up_unpaid
from parking.stays.tests.parked import arrive, code, confirm, fresh, park, post, reserve, send_back, url
from payments.models import Payment, Refund
from payments.tests.factories import OrderFactory
from payments.tests.sharing import assert_books_hold

pytestmark = pytest.mark.django_db


def in_minutes(count: int) -> str:
    return (timezone.now() + timedelta(minutes=count)).isoformat()


@pytest.fixture
def stay(capacity, fay):
    """An hour that is paid, half an hour of it left."""
    stay = park(capacity, minutes=30, until=30, user=fay, now=timezone.now())
    charging.pay(fresh(stay), payer=fay, payment_method="pm_card_visa", now=timezone.now())
    return fresh(stay)


def fill(capacity, stay, left: int) -> None:
    """Promise all but `left` of the spaces beside the stay's to others, from its end on."""
    begins = stay.expires_at + timedelta(minutes=1)
    quantity = capacity.spaces - left
    taking.put(capacity, begins, begins + timedelta(hours=5), taking.Purpose.BLOCK, quantity=quantity)


def test_what_it_would_cost_is_shown_before(api, fay, stay):
    answer = api.as_(fay).get(url(stay, "due"), {"until": in_minutes(65)})
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["kind"], answer.json()["amount"]) == ("extension", 400)
    assert not SpaceUse.objects.filter(purpose="hold").exists()


def test_it_costs_the_difference_and_moves_the_end_once_it_is_paid(api, fay, stay):
    until = stay.expires_at + timedelta(minutes=60)
    answer = post(api, fay, stay, "extend", until=until.isoformat(), payment_method="pm_card_visa")

    assert answer.status_code == 200, answer.json()
    assert (answer.json()["status"], answer.json()["amount"]) == ("succeeded", 400)
    stay = fresh(stay)
    assert (stay.expires_at, stay.use.ends_at, stay.leave_by) == (until, until, None)
    assert ParkingCharge.objects.get(kind="extension").covers_until == until
    assert not SpaceUse.objects.filter(purpose="hold", is_active=True).exists()
    assert fees.due(stay, until).amount == 0


def test_until_it_is_paid_the_end_stays_and_the_space_is_held(api, fay, capacity, stay):
    until = stay.expires_at + timedelta(minutes=60)
    asked = post(api, fay, stay, "extend", until=until.isoformat(), payment_method="pm_card_authenticationRequired")

    assert asked.json()["status"] == "requires_action"
    assert fresh(stay).expires_at == stay.expires_at
    last = until - timedelta(minutes=1)
    assert counting.left(capacity, last, until, timezone.now()) == capacity.spaces - 1
    after = timezone.now() + timedelta(minutes=16)
    assert counting.left(capacity, last, until, after) == capacity.spaces
    confirm(Payment.objects.get(pk=asked.json()["id"]))
    assert fresh(stay).expires_at == until


def test_the_car_is_not_counted_against_its_own_extension(api, fay, lot, capacity, stay):
    fill(capacity, stay, left=1)
    until = stay.expires_at + timedelta(minutes=60)
    assert post(api, fay, stay, "extend", until=until.isoformat()).json()["status"] == "succeeded"
    assert counting.left(capacity, stay.expires_at, until, timezone.now()) == 0


def test_where_the_space_is_promised_to_others_it_is_refused_and_nothing_is_charged(api, fay, capacity, stay):
    fill(capacity, stay, left=0)
    answer = post(api, fay, stay, "extend", until=in_minutes(90))

    assert code(answer) == (409, "no_space")
    assert not ParkingCharge.objects.filter(kind="extension").exists()
    assert fresh(stay).expires_at == stay.expires_at


def test_money_that_comes_late_buys_the_time_if_it_is_still_free(fay, stay):
    until = stay.expires_at + timedelta(minutes=60)
    asked = extending.extend(stay, until, payer=fay, payment_method="", now=timezone.now())
    confirm(asked, timezone.now() + timedelta(minutes=20))
    assert fresh(stay).expires_at == until


def test_money_that_comes_after_the_space_went_is_returned(fay, capacity, stay):
    until, now = stay.expires_at + timedelta(minutes=60), timezone.now()
    asked = extending.extend(stay, until, payer=fay, payment_method="", now=now)
    SpaceUse.objects.filter(purpose="hold").update(held_until=now)
    fill(capacity, stay, left=0)
    confirm(asked)
    charge = ParkingCharge.objects.get(kind="extension")
    send_back(charge)

    charge.refresh_from_db()
    assert (charge.status, charge.amount_refunded, charge.paid_at) == ("cancelled", 400, None)
    assert fresh(stay).expires_at == stay.expires_at
    assert Refund.objects.get(payment=asked).status == "succeeded"
    assert_books_hold()


def test_asked_for_another_end_the_first_is_given_up_and_its_space_is_free(fay, capacity, stay):
    now = timezone.now()
    far, near = stay.expires_at + timedelta(hours=3), stay.expires_at + timedelta(minutes=60)
    extending.extend(stay, far, payer=fay, payment_method="", now=now)
    extending.extend(stay, near, payer=fay, payment_method="", now=now)

    assert list(ParkingCharge.objects.order_by("created_at").values_list("kind", "status")) == [
        ("stay", "paid"), ("extension", "cancelled"), ("extension", "pending"),
    ]  # fmt: skip
    assert counting.left(capacity, near, far, now) == capacity.spaces


def test_pay_brings_an_extension_that_waits_to_its_end(api, fay, stay):
    until = stay.expires_at + timedelta(minutes=60)
    post(api, fay, stay, "extend", until=until.isoformat(), payment_method="pm_card_chargeDeclined")
    paid = post(api, fay, stay, "pay", payment_method="pm_card_visa").json()
    assert (paid["status"], paid["amount"]) == ("succeeded", 400)
    assert fresh(stay).expires_at == until


def test_within_what_was_begun_it_is_free_and_moves_at_once(api, fay, capacity):
    stay = park(capacity, minutes=0, until=70, user=fay)
    charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=timezone.now())
    until = stay.expires_at + timedelta(minutes=10)
    answer = post(api, fay, stay, "extend", until=until.isoformat()).json()

    assert (answer["status"], answer["amount"]) == ("nothing_due", 0)
    assert fresh(stay).expires_at == until
    assert Payment.objects.count() == 1
    full = fresh(stay)
    fill(capacity, full, left=0)
    assert code(post(api, fay, stay, "extend", until=(until + timedelta(minutes=8)).isoformat())) == (409, "no_space")


def test_a_stay_without_an_end_is_prepaid_by_extending_it(api, fay, capacity):
    stay = park(capacity, minutes=20, user=fay)
    until = timezone.now() + timedelta(minutes=95)
    assert post(api, fay, stay, "extend", until=until.isoformat()).json()["amount"] == 900
    stay = fresh(stay)
    assert (stay.expires_at, stay.use.ends_at) == (until, until)
    assert fees.due(stay, until).amount == 0


def test_a_reservation_is_extended_with_its_stay(api, fay, capacity):
    now = timezone.now()
    booked = reserve(
        capacity, OrderFactory(venue=capacity.lot.venue, user=fay), now - timedelta(minutes=60),
        now + timedelta(minutes=60), 900,
    )  # fmt: skip
    stay = arrive(booked, now - timedelta(minutes=50))
    until = now + timedelta(minutes=120)
    assert post(api, fay, stay, "extend", until=until.isoformat()).json()["amount"] == 400

    booked.refresh_from_db()
    booked.use.refresh_from_db()
    assert (booked.ends_at, booked.use.ends_at, booked.price) == (until, until, 1_300)
    due = fees.due(fresh(stay), until)
    assert (due.amount, due.paid, due.price) == (0, 1_300, 1_300)


def test_who_overstays_pays_for_that_first(api, fay, capacity):
    stay = park(capacity, minutes=85, until=-25, user=fay)
    ParkingCharge.objects.create(
        lot=capacity.lot, session=stay, kind="stay", status="paid", description="x", price=500, net=500,
        amount_total=500, amount_paid=500, currency="USD", covers_until=stay.expires_at,
    )  # fmt: skip
    assert code(post(api, fay, stay, "extend", until=in_minutes(60))) == (409, "overstay_unpaid")
    assert post(api, fay, stay, "pay").json()["amount"] == 300
    assert post(api, fay, stay, "extend", until=in_minutes(60)).json()["status"] == "succeeded"


@pytest.mark.parametrize("minutes", [-10, 29, 60 * 24 * 91])
def test_an_end_that_makes_no_sense_is_refused(api, fay, stay, minutes):
    answer = post(api, fay, stay, "extend", until=in_minutes(minutes))
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["error"]["details"]] == ["until"]
    assert fresh(stay).expires_at == stay.expires_at


def test_what_is_over_is_not_extended_and_only_its_driver_does_it(api, fay, val, stan, stay):
    assert [post(api, who, stay, "extend", until=in_minutes(90)).status_code for who in (val, stan)] == [404, 404]
    ParkingSession.objects.filter(pk=stay.pk).update(status="ended", ended_at=timezone.now())
    assert code(post(api, fay, stay, "extend", until=in_minutes(90))) == (409, "session_over")


def test_a_stay_whose_price_staff_set_is_extended_within_that_price(api, fay, val, capacity):
    stay = park(capacity, minutes=20, user=fay)
    post(api, val, stay, "price", price=300, reason="A neighbour")
    until = timezone.now() + timedelta(minutes=95)
    assert post(api, fay, stay, "extend", until=until.isoformat()).json()["amount"] == 300
    assert fresh(stay).expires_at == until
    assert fees.due(fresh(stay), until + timedelta(hours=5)).amount == 0


def test_sent_again_under_one_key_it_is_charged_once(api, fay, stay):
    until = (stay.expires_at + timedelta(minutes=60)).isoformat()
    asked = {"until": until, "payment_method": "pm_card_visa"}
    answers = [
        api.as_(fay).post(url(stay, "extend"), asked, format="json", headers={"Idempotency-Key": "extend-1"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert ParkingCharge.objects.filter(kind="extension").count() == 1


def test_what_is_held_for_nobody_is_freed_and_may_still_be_paid(fay, capacity, stay):
    now = timezone.now()
    until = stay.expires_at + timedelta(minutes=60)
    asked = extending.extend(stay, until, payer=fay, payment_method="", now=now)
    assert give_up_unpaid(now + timedelta(minutes=14)) == 0
    assert give_up_unpaid(now + timedelta(minutes=15)) == 1
    assert not SpaceUse.objects.filter(purpose="hold", is_active=True).exists()
    assert give_up_unpaid(now + timedelta(minutes=16)) == 0
    confirm(asked, now + timedelta(minutes=17))
    assert fresh(stay).expires_at == until


def test_an_extension_of_what_is_over_is_given_up(fay, capacity, stay):
    now = timezone.now()
    extending.extend(stay, stay.expires_at + timedelta(minutes=60), payer=fay, payment_method="", now=now)
    ParkingSession.objects.filter(pk=stay.pk).update(status="ended", ended_at=now)
    assert [give_up_unpaid(now), give_up_unpaid(now)] == [1, 0]
    assert ParkingCharge.objects.get(kind="extension").status == "cancelled"
    assert not SpaceUse.objects.filter(purpose="hold", is_active=True).exists()


def test_after_a_whole_series_the_books_are_right(fay, olga, capacity):
    now = timezone.now()
    stay = park(capacity, minutes=0, until=60, user=fay, now=now)
    for method in ("pm_card_chargeDeclined", "pm_card_visa"):
        charging.pay(stay, payer=fay, payment_method=method, now=now)
    extending.extend(stay, now + timedelta(minutes=120), payer=fay, payment_method="pm_card_visa", now=now)
    charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=now + timedelta(minutes=140))
    charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=now + timedelta(minutes=240))
    paid = list(ParkingCharge.objects.filter(status="paid").order_by("created_at"))
    assert [(charge.kind, charge.price) for charge in paid] == [
        ("stay", 500), ("extension", 400), ("overstay", 300), ("overstay", 900),
    ]  # fmt: skip
    for charge, amount in ((paid[1], 123), (paid[2], None)):
        charging.refund(charge, amount=amount, by=olga, reason="A kindness", now=now)
        send_back(charge)
    call_command("check_books")
    assert_books_hold()
