"""Papers of parking: numbered in the venue's one series, readable by whose stay it is, and credited when refunded."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from notifications.models import Notification
from notifications.templating import render
from notifications.values import money
from orders.aftersale.tests.meals import buy
from orders.models import Receipt
from orders.receipts.issuing import issue_due
from parking.models import ParkingCharge
from parking.stays import charging, papers
from parking.stays.tests.parked import charge_url, code, fresh, park, post, send_back
from payments.models import Payment, Refund
from payments.tests.sharing import assert_books_hold
from trufan.testing import PromoCodeFactory, TaxRateFactory
from venues.models import FeeRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def charge(api, fay, venue, capacity):
    """Seven dollars of parking, with fee and tax, paid and numbered."""
    TaxRateFactory(venue=venue, category="parking", name="Parking tax", rate_ppm=100_000)
    FeeRule.objects.create(venue=venue, kind="parking", paid_by="buyer", fixed=35)
    stay = park(capacity, user=fay, contact_email="fay@example.com")
    assert post(api, fay, stay, "pay").json()["amount"] == 805
    issue_due(timezone.now())
    return ParkingCharge.objects.get()


def refund(api, who, charge, **asked):
    return api.as_(who).post(charge_url(charge, "refund"), {"reason": "A kindness", **asked}, format="json")


def test_the_page_says_where_what_and_how_much(api, fay, charge):
    answer = api.as_(fay).get(charge_url(charge, "receipt"))
    assert answer.status_code == 200
    page = answer.content.decode()
    for expected in ("Receipt for parking", "000001", charge.number, charge.session.number, "North Lot", "Garden Arena",
                     "Parking tax 10 %", "$0.70", "Fee $0.35", "$8.05", "Paid, receipt 000001"):  # fmt: skip
        assert expected in page, expected


def test_it_is_a_pdf_as_well(api, fay, charge):
    answer = api.as_(fay).get(charge_url(charge, "receipt.pdf"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")


def test_its_number_is_of_the_one_series_of_the_venue(fay, ticket_type, charge):
    buy(fay, (ticket_type, 1))
    issue_due(timezone.now())
    assert list(Receipt.objects.order_by("number").values_list("number", "kind")) == [(1, "parking"), (2, "sale")]
    assert Receipt.objects.get(number=1).order is None


def test_who_asks_before_it_is_numbered_gets_it_numbered(api, fay, capacity):
    stay = park(capacity, user=fay)
    post(api, fay, stay, "pay")
    assert not Receipt.objects.exists()
    assert api.as_(fay).get(charge_url(ParkingCharge.objects.get(), "receipt")).status_code == 200
    assert Receipt.objects.count() == 1


def test_the_link_of_the_mail_opens_it_without_a_sign_in_and_nothing_else(api, fay, capacity, charge):
    link = Notification.objects.get(template="parking_receipt").context["receipt_url"]
    path = link.partition("/api/")[2]
    assert api.as_(None).get(f"/api/{path}").status_code == 200
    other = park(capacity, user=fay, minutes=20)
    post(api, fay, other, "pay")
    another = ParkingCharge.objects.exclude(pk=charge.pk).get()
    key = path.partition("?")[2]
    assert api.as_(None).get(f"{charge_url(another, 'receipt')}?{key}").status_code == 404


def test_staff_of_the_lot_read_it_and_strangers_do_not(api, val, stan, charge):
    assert [api.as_(who).get(charge_url(charge, "receipt")).status_code for who in (val, stan, None)] == [200, 404, 404]


def test_what_is_not_paid_or_costs_nothing_has_none(api, fay, val, venue, capacity):
    PromoCodeFactory(venue=venue, code="GUEST", kind="parking", ppm=1_000_000)
    stay = park(capacity, user=fay)
    post(api, fay, stay, "pay", payment_method="pm_card_chargeDeclined")
    unpaid = ParkingCharge.objects.get()
    assert code(api.as_(fay).get(charge_url(unpaid, "receipt"))) == (409, "no_receipt")
    post(api, fay, stay, "pay", promo_code="GUEST")
    free = ParkingCharge.objects.get(status="paid")
    assert code(api.as_(fay).get(charge_url(free, "receipt"))) == (409, "no_receipt")


def test_a_refund_of_a_part_leaves_the_stay_paid_and_gets_a_credit_note(api, fay, olga, charge):
    answer = refund(api, olga, charge, amount=161)
    assert answer.status_code == 201, answer.json()
    send_back(charge)
    issue_due(timezone.now())

    charge.refresh_from_db()
    assert (charge.status, charge.amount_refunded) == ("paid", 161)
    note = Receipt.objects.get(kind="credit_note")
    assert (note.number, note.amount, note.amends.subject_id, note.contents["tax"]) == (2, 161, charge.pk, 14)
    page = api.as_(fay).get(charge_url(charge, "receipts", "2")).content.decode()
    assert "Credit note" in page and "$1.61" in page and charge.session.number in page
    assert api.as_(fay).get(charge_url(charge, "receipts", "2.pdf")).content.startswith(b"%PDF")
    assert fresh_due(charge) == 0
    assert Notification.objects.get(template="parking_refunded").context["amount"] == money(161, "USD")
    assert_books_hold()


def fresh_due(charge):
    from parking.stays import fees

    stay = fresh(charge.session)
    return fees.due(stay, timezone.now()).amount


def test_refunded_in_full_it_is_refunded_and_no_more_goes_back(api, olga, charge):
    refund(api, olga, charge, amount=100)
    refund(api, olga, charge)
    send_back(charge)
    charge.refresh_from_db()
    assert (charge.status, charge.amount_refunded) == ("refunded", 805)
    assert code(refund(api, olga, charge)) == (409, "not_refundable")
    issue_due(timezone.now())
    notes = Receipt.objects.filter(kind="credit_note")
    assert sum(note.contents["tax"] for note in notes) == charge.tax
    assert_books_hold()


def test_more_than_is_left_is_not_refunded(api, olga, charge):
    assert code(refund(api, olga, charge, amount=806)) == (409, "refund_exceeds_payment")
    assert not Refund.objects.exists()


def test_who_may_not_refund_does_not(api, fay, val, stan, charge):
    assert [refund(api, who, charge).status_code for who in (fay, val, stan, None)] == [403, 403, 404, 401]
    assert not Refund.objects.exists()


def test_a_refund_without_a_reason_is_refused(api, olga, charge):
    answer = api.as_(olga).post(charge_url(charge, "refund"), {"amount": 1}, format="json")
    assert [each["field"] for each in answer.json()["error"]["details"]] == ["reason"]


def test_another_charges_paper_is_not_found_by_its_number(api, fay, capacity, charge):
    stay = park(capacity, user=fay)
    post(api, fay, stay, "pay")
    issue_due(timezone.now())
    assert api.as_(fay).get(charge_url(charge, "receipts", "2")).status_code == 404


def test_only_parking_has_receipts_without_an_order(venue, charge):
    receipt = Receipt.objects.get()
    receipt.pk, receipt.number, receipt.kind, receipt.subject_id = None, 9, "sale", venue.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        receipt.save(force_insert=True)


@pytest.mark.parametrize("template", ["parking_receipt", "parking_refunded", "parking_expiring", "parking_overstay"])
def test_every_message_has_words_for_mail_and_sms(template):
    said = {"amount": "$7.00", "lot": "North Lot", "number": "7K", "what": "Parking", "receipt_url": "https://x/r",
            "until": "18:30", "stay_url": "https://x/s", "percent": 150}  # fmt: skip
    assert "North Lot" in render(template, "email", said).text
    assert "North Lot" in render(template, "sms", said).text


def test_money_that_came_back_makes_the_charge_stand_again(olga, charge):
    sent = charging.refund(charge, by=olga, reason="A kindness", now=timezone.now())
    send_back(charge)
    charge.refresh_from_db()
    assert charge.status == "refunded"
    charging.keep_after_all(charge, sent[0])
    charge.refresh_from_db()
    assert charge.status == "paid"
    assert Payment.objects.of(charge).count() == 1
    assert papers.url_of(charge.pk).count("?key=") == 1
