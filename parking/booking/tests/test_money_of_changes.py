"""What goes back of a changed reservation: never more than was paid for it, and from those who got it."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from orders import refund_plan, refunding
from orders.models import Order, OrderRefund
from orders.tests.carts import buy
from orders.tests.refunds import url as refunds_of
from parking.booking.models import ParkingReservation
from parking.booking.quoting import free_until
from parking.booking.refunding import left_of_line, worth
from parking.booking.tests.booked import RESERVATIONS, offered, reserved, tomorrow
from parking.models import ParkingCharge
from parking.stays import charging
from payments.errors import PaymentDisputed
from payments.models import ConnectedAccount, Payment, Refund, RefundShare
from ticketing.models import Ticket
from trufan.testing import CapacityFactory, LotFactory, PromoCodeFactory, TaxRateFactory
from venues import fees

pytestmark = pytest.mark.django_db
VISA = {"payment_method": "pm_card_visa"}


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def reservation(fay, capacity):
    """From six to ten, for 17.00, tax of a tenth on top."""
    TaxRateFactory(venue=capacity.lot.venue, category="parking", rate_ppm=100_000)
    return reserved(fay, capacity)


@pytest.fixture
def change(api, fay, commits):
    """Change it as its holder, and pay what there is to pay."""

    def ask(reservation, **wanted):
        url = f"{RESERVATIONS}/{reservation.pk}/changes"
        with commits():
            asked = api.as_(fay).post(url, wanted)
            assert asked.status_code == 201, asked.json()
            if asked.json()["charge"]:
                paid = api.as_(fay).post(f"{url}/{asked.json()['id']}/pay", VISA)
                assert paid.json()["status"] == "succeeded"
        reservation.refresh_from_db()

    return ask


@pytest.fixture
def cancel(api, fay, commits):
    def ask(reservation):
        with commits():
            answer = api.as_(fay).post(f"{RESERVATIONS}/{reservation.pk}/cancel", {})
        assert answer.status_code == 200, answer.json()
        reservation.refresh_from_db()
        return answer.json()

    return ask


def went_back(payable=None):
    rows = Refund.objects.filter(status="succeeded")
    return sum(
        (rows if payable is None else rows.filter(payment__in=Payment.objects.of(payable))).values_list(
            "amount", flat=True
        )
    )


def paid_in_all():
    return sum(Payment.objects.filter(status="succeeded").values_list("amount", flat=True))


def test_what_was_extended_and_shortened_again_stands_as_it_was_bought(change, reservation):
    change(reservation, ends_at=tomorrow(23))
    charge = ParkingCharge.objects.get()
    assert charge.amount_total == 440
    change(reservation, ends_at=tomorrow(22))
    assert (reservation.status, reservation.price) == ("confirmed", 1_700)
    assert (went_back(charge), went_back(reservation.order)) == (440, 0)
    assert Order.objects.get().status == "paid"


def test_beyond_what_changes_cost_it_goes_back_of_the_order(change, cancel, reservation):
    change(reservation, ends_at=tomorrow(23))
    change(reservation, ends_at=tomorrow(20))
    # 9.00 and its tax are left of 21.00.
    assert (went_back(), went_back(reservation.order)) == (1_320, 880)
    assert cancel(reservation)["refunded"] == 990
    assert (went_back(), paid_in_all()) == (2_310, 2_310)
    assert (reservation.status, Order.objects.get().status) == ("cancelled", "refunded")
    call_command("check_books")


def test_the_preview_promises_what_the_change_does(api, fay, change, reservation):
    url = f"{RESERVATIONS}/{reservation.pk}/changes/preview"
    planned = api.as_(fay).post(url, {"ends_at": tomorrow(20)}).json()
    assert (planned["difference"], planned["refund"], planned["amount"], planned["available"]) == (-800, 880, 0, 20)
    assert sum(part["amount"] for part in planned["parts"]) == planned["price"] == 900
    change(reservation, ends_at=tomorrow(20))
    assert went_back() == 880


def test_a_discount_is_not_paid_out(fay, capacity, change):
    PromoCodeFactory(venue=capacity.lot.venue, code="HALF", ppm=500_000)
    order = buy(fay, (offered(capacity, fay), 1), codes=["HALF"])
    assert order.amount_paid == 850
    change(ParkingReservation.objects.get(), ends_at=tomorrow(20))
    assert went_back() == 400


def test_the_fee_for_booking_stays(fay, capacity, ada, change, cancel):
    fees.add(capacity.lot.venue, ada, kind="parking", paid_by="buyer", fixed=150)
    reservation = reserved(fay, capacity)
    assert reservation.order.amount_paid == 1_850
    change(reservation, ends_at=tomorrow(20))
    assert went_back() == 800


def test_only_the_lots_operator_gives_back_and_the_ticket_keeps_its_money(
    api, fay, olga, venue, ticket_type, change, cancel, commits
):
    account = ConnectedAccount.objects.create(venue_id=venue.pk, provider="sandbox", name="Park & Co", country="US")
    capacity = CapacityFactory(lot=LotFactory(venue=venue, connected_account=account, operator_name="Park & Co"))
    order = buy(fay, (offered(capacity, fay), 1), (ticket_type, 1))
    reservation = ParkingReservation.objects.get()
    change(reservation, ends_at=tomorrow(20))
    shares = RefundShare.objects.all()
    assert [(each.transfer.account_id, each.item_id, each.amount) for each in shares] == [
        (account.pk, reservation.order_item_id, 800)
    ]
    # Cancelled after that, no more than the rest of the parking goes back; the ticket has all of its money left.
    assert cancel(reservation)["refunded"] == 900
    with commits():
        answer = api.as_(olga).post(refunds_of(order), {"reason": "Ill"})
    assert answer.json()["amount"] == 5_000
    assert (went_back(), Ticket.objects.get().status) == (6_700, "refunded")
    call_command("check_books")


def test_staff_who_give_the_line_back_give_what_is_left_of_it_and_what_changes_cost(
    api, olga, reservation, change, commits
):
    change(reservation, ends_at=tomorrow(20))
    change(reservation, ends_at=tomorrow(21))
    assert went_back() == 880
    body = {"reason": "Flooded", "items": [{"id": str(reservation.order_item_id)}]}
    with commits():
        answer = api.as_(olga).post(refunds_of(reservation.order), body, format="json")
    assert (answer.status_code, answer.json()["amount"]) == (201, 990)
    assert went_back() == paid_in_all() == 1_870 + 440
    reservation.refresh_from_db()
    assert reservation.status == "cancelled"


def test_a_window_that_costs_nothing_is_no_change_but_a_cancellation(api, fay, capacity, lot):
    lot.tariff = {**lot.tariff, "grace_minutes": 30}
    lot.save()
    reservation = reserved(fay, capacity)
    url = f"{RESERVATIONS}/{reservation.pk}/changes"
    answer = api.as_(fay).post(url, {"ends_at": tomorrow() + timedelta(minutes=20)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "reservation_not_changeable")
    assert not Refund.objects.exists()


def test_a_fee_that_is_more_than_the_difference_keeps_all_of_it(reservation, change, lot):
    lot.cancel_free_minutes, lot.cancel_fee = 60 * 48, 5_000
    lot.save()
    change(reservation, ends_at=tomorrow(20))
    assert (reservation.price, Refund.objects.count()) == (900, 0)


def test_nothing_changes_while_a_bank_decides_over_the_money(reservation, monkeypatch):
    def disputed(payable):
        raise PaymentDisputed

    monkeypatch.setattr("orders.refunding.refunds.refuse_disputed", disputed)
    with pytest.raises(PaymentDisputed):
        refunding.give_back(
            reservation.order, reservation.order_item_id, 100, by=None, reason="Cheaper", now=timezone.now()
        )
    assert not OrderRefund.objects.exists()


def test_a_part_of_a_line_is_never_more_than_is_left_of_it(reservation, commits):
    order, item, now = reservation.order, reservation.order_item_id, timezone.now()
    with commits():
        first = refunding.give_back(order, item, 1_000, by=None, reason="Cheaper", now=now)
    order = Order.objects.get()
    with commits():
        rest = refunding.give_back(order, item, 9_999, by=None, reason="Cheaper", now=now)
    assert (first.amount, rest.amount) == (1_000, 870)
    assert refunding.give_back(Order.objects.get(), item, 1, by=None, reason="Cheaper", now=now) is None


def test_a_refused_part_is_the_lines_again_and_is_not_asked_for_twice_over(reservation, commits):
    order, item, now = reservation.order, reservation.order_item_id, timezone.now()
    part = refunding.give_back(order, item, 1_000, by=None, reason="Cheaper", now=now)
    assert refund_plan.rests(order)[0].value == 870
    part.parts.update(status="failed")
    assert refund_plan.rests(order)[0].value == 1_870
    assert refunding.refuse_again(order, part.parts.get()) is None
    refunding.give_back(order, item, 900, by=None, reason="Cheaper", now=now)
    assert refunding.refuse_again(order, part.parts.get()).code == "already_refunded"


@pytest.mark.parametrize("seed", range(3))
def test_however_it_is_changed_what_was_paid_less_what_went_back_is_its_price_with_tax(seed, reservation, change):
    dice, hours = random.Random(seed), 4
    for _ in range(6):
        hours = dice.choice([each for each in range(1, 9) if each != hours])
        change(reservation, ends_at=tomorrow() + timedelta(hours=hours))
        assert reservation.status == "confirmed"
        assert abs(paid_in_all() - went_back() - reservation.price * 11 // 10) <= 6
    call_command("check_books")


def test_a_dearer_window_promises_nothing_back(api, fay, reservation):
    url = f"{RESERVATIONS}/{reservation.pk}/changes/preview"
    planned = api.as_(fay).post(url, {"ends_at": tomorrow(23)}).json()
    assert (planned["refund"], planned["amount"]) == (0, 440)


def test_a_cent_less_is_a_cent_back(reservation):
    assert worth(reservation, 1, timezone.now()) == 1


@pytest.mark.parametrize(("late", "kept"), [(0, 0), (1, 300)])
def test_the_fee_is_kept_of_a_difference_from_the_moment_on_that_cancelling_costs_it(reservation, late, kept):
    reservation.lot.cancel_fee = 300
    at = free_until(reservation) + timedelta(microseconds=late)
    assert worth(reservation, 800, at) == 880 - kept


def test_the_fee_on_a_change_stays_as_well(fay, capacity, ada, change):
    fees.add(capacity.lot.venue, ada, kind="parking", paid_by="buyer", ppm=100_000)
    reservation = reserved(fay, capacity)
    change(reservation, ends_at=tomorrow(23))
    assert paid_in_all() == 1_870 + 440
    change(reservation, ends_at=tomorrow(22))
    assert went_back() == 400


def test_neither_the_fee_nor_what_was_taken_off_is_paid_out(fay, capacity, ada):
    fees.add(capacity.lot.venue, ada, kind="parking", paid_by="buyer", fixed=150)
    PromoCodeFactory(venue=capacity.lot.venue, code="HALF", ppm=500_000)
    assert buy(fay, (offered(capacity, fay), 1), codes=["HALF"]).amount_paid == 1_000
    assert worth(ParkingReservation.objects.get(), 1_700, timezone.now()) == 850


def test_changes_of_another_reservation_are_not_given_back(fay, capacity, change, cancel, reservation):
    change(reserved(fay, capacity), ends_at=tomorrow(23))
    assert cancel(reservation)["refunded"] == 1_870
    assert went_back(ParkingCharge.objects.get()) == 0


def test_a_change_that_never_took_its_money_keeps_nobody_from_cancelling(change, cancel, reservation):
    change(reservation, ends_at=tomorrow(23))
    # The money came after the change was over, and the bank would not have it back.
    ParkingCharge.objects.update(status="cancelled")
    assert cancel(reservation)["refunded"] == 1_870


def test_what_a_bank_disputes_of_a_change_stays_where_it_is(change, cancel, reservation):
    change(reservation, ends_at=tomorrow(23))
    ParkingCharge.objects.update(amount_disputed=440)
    assert cancel(reservation)["refunded"] == 1_870


def test_a_declined_attempt_to_pay_a_change_is_no_money_to_give_back(api, fay, commits, reservation):
    url = f"{RESERVATIONS}/{reservation.pk}/changes"
    asked = api.as_(fay).post(url, {"ends_at": tomorrow(23)}).json()
    for method in ("pm_card_chargeDeclined", "pm_card_visa"):
        with commits():
            api.as_(fay).post(f"{url}/{asked['id']}/pay", {"payment_method": method})
    reservation.refresh_from_db()
    assert (reservation.price, Payment.objects.of(ParkingCharge.objects.get()).count()) == (2_100, 2)
    assert worth(reservation, 2_100, timezone.now()) == 2_310


def test_what_is_on_its_way_back_is_not_given_back_again(change, reservation):
    change(reservation, ends_at=tomorrow(23))
    now = timezone.now()
    charging.refund(ParkingCharge.objects.get(), by=None, reason="Flooded", now=now)
    assert worth(reservation, 2_100, now) == 1_870
    refunding.request(reservation.order, by=None, reason="Flooded", now=now)
    assert (left_of_line(reservation), worth(reservation, 2_100, now)) == (0, 0)
