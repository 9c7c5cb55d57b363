"""A driver pays on the phone or at the exit: once, what the time costs, and then has the grace to leave."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from notifications.models import Notification
from notifications.values import money
from parking.errors import SessionOver
from parking.models import ParkingCharge, ParkingSession
from parking.stays import access, charging, fees
from parking.stays.tests.parked import confirm, fresh, park, post, send_back, url
from payments.models import Payment, PaymentSplit, Refund
from payments.tests.sharing import assert_books_hold, recipient
from trufan.testing import TaxRateFactory
from venues import payouts
from venues.models import FeeRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def stay(capacity, fay):
    """Seventy minutes: an hour for 5.00 and a begun half hour for 2.00."""
    return park(capacity, user=fay)


def test_what_is_due_is_shown_with_its_parts_fee_and_tax(api, fay, venue, stay, django_assert_max_num_queries):
    TaxRateFactory(venue=venue, category="parking", name="Parking tax", rate_ppm=100_000)
    FeeRule.objects.create(venue=venue, kind="parking", paid_by="buyer", fixed=35)
    with django_assert_max_num_queries(8):
        answer = api.as_(fay).get(url(stay, "due"))

    assert answer.status_code == 200, answer.json()
    due = answer.json()
    shown = {name: due[name] for name in ("amount", "currency", "kind", "price", "fee", "tax", "discount", "paid")}
    assert shown == {
        "amount": 805, "currency": "USD", "kind": "stay", "price": 700, "fee": 35, "tax": 70, "discount": 0, "paid": 0,
    }  # fmt: skip
    assert sum(part["amount"] for part in due["parts"]) == 700
    assert not ParkingCharge.objects.exists()


def test_paying_charges_the_time_and_gives_the_grace_to_leave(api, fay, stay):
    before = timezone.now()
    answer = post(api, fay, stay, "pay", payment_method="pm_card_visa")

    assert answer.status_code == 200, answer.json()
    assert {name: answer.json()[name] for name in ("status", "amount", "currency")} == {
        "status": "succeeded", "amount": 700, "currency": "USD",
    }  # fmt: skip
    charge = ParkingCharge.objects.get()
    assert (charge.status, charge.kind, charge.amount_paid, charge.price) == ("paid", "stay", 700, 700)
    stay = fresh(stay)
    assert stay.leave_by == charge.covers_until + timedelta(minutes=15)
    assert charge.covers_until >= before
    assert fees.due(stay, timezone.now()).amount == 0
    assert AuditLog.objects.filter(action="parking_charge.paid", entity_id=charge.pk, venue_id=stay.venue_id).exists()


def test_the_grace_after_paying_is_free_and_then_the_price_runs_on(api, fay, stay):
    post(api, fay, stay, "pay")
    stay, paid_at = fresh(stay), ParkingCharge.objects.get().covers_until

    assert fees.due(stay, paid_at + timedelta(minutes=14)).amount == 0
    later = fees.due(stay, paid_at + timedelta(minutes=25))
    assert (later.amount, later.price, later.paid) == (200, 900, 700)


def test_paying_again_during_the_grace_does_not_lengthen_it(capacity, fay, stay):
    now = timezone.now()
    charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=now)
    ends = fresh(stay).leave_by
    # Ninety minutes are paid for: at eighty the grace is given anew, at ninety-two it is not.
    assert charging.pay(stay, payer=fay, payment_method="", now=now + timedelta(minutes=10)) is None
    longer = fresh(stay).leave_by
    assert longer == ends + timedelta(minutes=10)
    assert charging.pay(stay, payer=fay, payment_method="", now=now + timedelta(minutes=24)) is None
    assert fresh(stay).leave_by == longer
    assert charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=now + timedelta(minutes=26)).amount == 200


def test_where_nothing_is_due_nothing_is_charged_and_the_car_may_leave(api, fay, lot, capacity):
    lot.tariff |= {"grace_minutes": 20}
    lot.save()
    stay = park(capacity, minutes=8, user=fay)
    answer = post(api, fay, stay, "pay").json()

    assert (answer["status"], answer["id"], answer["amount"], answer["charge"]) == ("nothing_due", None, 0, None)
    assert fresh(stay).leave_by is not None
    assert not ParkingCharge.objects.exists() and not Payment.objects.exists()


def test_a_declined_card_leaves_the_charge_to_be_paid_by_another(api, fay, stay):
    declined = post(api, fay, stay, "pay", payment_method="pm_card_chargeDeclined").json()
    assert (declined["status"], bool(declined["failure"]["code"]), declined["leave_by"]) == ("failed", True, None)
    assert fees.due(fresh(stay), timezone.now()).amount == 700

    assert post(api, fay, stay, "pay", payment_method="pm_card_visa").json()["status"] == "succeeded"
    assert ParkingCharge.objects.get().status == "paid"


def test_who_has_to_confirm_gets_the_secret_and_joins_the_same_charge(api, fay, stay):
    first = post(api, fay, stay, "pay", payment_method="pm_card_authenticationRequired").json()
    again = post(api, fay, stay, "pay", payment_method="pm_card_authenticationRequired").json()

    assert first["status"] == "requires_action" and first["client_secret"]
    assert (again["id"], again["charge"]) == (first["id"], first["charge"])
    confirm(Payment.objects.get())
    assert fresh(stay).leave_by is not None


def test_when_more_time_has_gone_by_another_charge_takes_its_place(api, fay, capacity, stay):
    now = timezone.now()
    asked = charging.pay(stay, payer=fay, payment_method="", now=now)
    later = charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=now + timedelta(minutes=30))

    assert (asked.amount, later.amount, later.status) == (700, 900, "succeeded")
    old, new = ParkingCharge.objects.order_by("created_at")
    assert (old.status, new.status) == ("cancelled", "paid")
    # Its money comes all the same: it goes back in full, and nothing else happens.
    confirm(asked)
    send_back(old)
    old.refresh_from_db()
    assert (old.status, old.amount_refunded, old.paid_at) == ("cancelled", 700, None)
    assert Refund.objects.get(payment=asked).status == "succeeded"
    assert not PaymentSplit.objects.filter(payment=asked).exists()
    assert fees.due(fresh(stay), now + timedelta(minutes=31)).paid == 900
    assert_books_hold()


def test_who_pays_late_has_paid_up_to_the_moment_it_was_asked_for(fay, stay):
    now = timezone.now()
    asked = charging.pay(stay, payer=fay, payment_method="", now=now)
    confirm(asked, now + timedelta(hours=2))
    assert fresh(stay).leave_by == now + timedelta(minutes=15)
    assert fees.due(fresh(stay), now + timedelta(hours=2)).amount == 800


def test_the_lots_operator_gets_it_and_the_platform_its_fee(fay, venue, lot, stay):
    FeeRule.objects.create(venue=venue, kind="parking", paid_by="buyer", fixed=35)
    FeeRule.objects.create(venue=venue, kind="parking", paid_by="venue", ppm=50_000)
    lot.connected_account = recipient(venue, "Lot Operator Ltd")
    lot.save()
    payment = charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=timezone.now())

    splits = {(split.account_id, split.reason): split.amount for split in payment.splits.all()}
    assert splits == {(None, "fee"): 35 + 35, (lot.connected_account_id, "sale"): 700 - 35}
    assert_books_hold([payment])


def test_a_lot_of_the_venue_earns_for_the_venue(fay, venue, stay):
    payment = charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=timezone.now())
    assert [split.account_id for split in payment.splits.all()] == [payouts.recipient_of(venue)]


def test_a_fixed_fee_is_paid_once_a_stay(fay, venue, stay):
    FeeRule.objects.create(venue=venue, kind="parking", paid_by="buyer", fixed=35, ppm=10_000)
    now = timezone.now()
    first = charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=now)
    second = charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=now + timedelta(minutes=30))
    assert (first.amount, second.amount) == (700 + 35 + 7, 200 + 2)


def test_only_whose_stay_it_is_pays_and_staff_only_look(api, gus, val, stan, fay, stay):
    assert [post(api, who, stay, "pay").status_code for who in (val, gus, stan, None)] == [404, 404, 404, 404]
    assert [api.as_(who).get(url(stay, "due")).status_code for who in (val, stan, None)] == [200, 404, 404]
    assert not ParkingCharge.objects.exists()


def test_a_stay_that_never_was_owes_nothing_and_is_not_paid(fay, stay):
    ParkingSession.objects.filter(pk=stay.pk).update(status="void", ended_at=timezone.now())
    assert fees.due(fresh(stay), timezone.now()).amount == 0
    with pytest.raises(SessionOver):
        charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=timezone.now())


def test_a_stay_that_ended_owes_its_time_and_no_more(api, fay, stay):
    ended = timezone.now()
    ParkingSession.objects.filter(pk=stay.pk).update(status="ended", ended_at=ended)
    assert fees.due(fresh(stay), ended + timedelta(hours=5)).amount == 700
    assert post(api, fay, stay, "pay").json()["amount"] == 700
    assert fees.due(fresh(stay), ended + timedelta(hours=5)).amount == 0


def test_a_guest_without_an_account_gets_the_receipt_by_sms(stay):
    ParkingSession.objects.filter(pk=stay.pk).update(user=None, contact_phone="+12125550123")
    charging.pay(fresh(stay), payer=None, payment_method="pm_card_visa", now=timezone.now())
    told = Notification.objects.get(template="parking_receipt")
    assert (told.channel, told.recipient, told.phone) == ("any", "", "+12125550123")
    assert told.context["amount"] == money(700, "USD")


def test_the_list_of_charges_takes_the_same_queries_however_many(api, fay, stay, django_assert_max_num_queries):
    now = timezone.now()
    for hours in range(4):
        charging.pay(stay, payer=fay, payment_method="pm_card_visa", now=now + timedelta(hours=hours))
    with django_assert_max_num_queries(6):
        answer = api.as_(fay).get(url(stay, "charges")).json()
    assert answer["count"] == 4
    assert sum(each["price"] for each in answer["results"]) == 1_900
    assert all(each["receipt_url"] for each in answer["results"])


def test_a_guest_pays_with_the_access_code_of_the_stay_and_no_other(api, capacity):
    stay, other = park(capacity), park(capacity)
    as_guest = {"X-Parking-Access-Code": access.code_for(stay)}
    asked = {"payment_method": "pm_card_visa"}
    assert api.post(url(other, "pay"), asked, format="json", headers=as_guest).status_code == 404
    answer = api.post(url(stay, "pay"), asked, format="json", headers=as_guest)
    assert (answer.status_code, answer.json()["status"], answer.json()["amount"]) == (200, "succeeded", 700)
    assert api.get(url(stay, "charges"), headers=as_guest).json()["count"] == 1
    assert api.get(url(stay, "charges")).status_code == 404
