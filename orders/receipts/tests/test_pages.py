"""Receipts as a page and as a PDF: who reads them, and what they say."""

from __future__ import annotations

import logging
from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import personal_data
from notifications.models import Notification
from orders import refunding
from orders.aftersale.tests.meals import buy, dish, stand, url
from orders.checkout import Contact
from orders.models import Order, OrderItem, Receipt
from orders.receipts import links, pdf
from orders.receipts.contents import of_order
from orders.receipts.issuing import issue_due
from orders.receipts.page import describe
from orders.receipts.tests.reading import text_of
from orders.tests.test_holds import place
from trufan.testing import TaxRateFactory, TicketTypeFactory, UserFactory

pytestmark = pytest.mark.django_db
NAME = "Фёдор Αλέξανδρος Müller-Łódź"


@pytest.fixture
def order(fay, venue, ticket_type):
    """Two tickets and a burger, paid and numbered."""
    venue.street, venue.postal_code, venue.ticket_fee_fixed = "4 Pennsylvania Plaza", "10001", 150
    venue.save()
    TaxRateFactory(venue=venue, rate_ppm=88_750)
    bought = buy(fay, (ticket_type, 2), (dish(stand(venue)), 1), contact=Contact(name=NAME))
    issue_due(timezone.now())
    return Order.objects.get(pk=bought.pk)


def test_the_page_says_who_what_and_how_much(api, fay, order):
    answer = api.as_(fay).get(url(order, "receipt"))

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    page = answer.content.decode()
    for expected in ("Receipt", "000001", order.number, "Garden Arena", "4 Pennsylvania Plaza", "10001 New York",
                     "United States", NAME, "General Admission, Opening Night", "Burger", "$111.88", "$12.00",
                     "Fee $3.00", "Prices", "$112.00", "Tax on top", "$8.88", "$123.88",
                     "Paid, receipt 000001"):  # fmt: skip
        assert expected in page, expected
    local = order.paid_at.astimezone(order.venue.zone)
    assert f"{local.day} {local:%B %Y, %H:%M %Z}" in page


def test_a_page_runs_nothing_is_framed_by_nobody_and_kept_by_no_cache(api, fay, order):
    answer = api.as_(fay).get(url(order, "receipt"))
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "<script" not in answer.content.decode()


def test_what_people_wrote_is_text_on_the_page(api, fay, event):
    order = buy(fay, (TicketTypeFactory(event=event, name="<b>Best</b> & more"), 1), contact=Contact(name="<i>Fay</i>"))
    page = api.as_(fay).get(url(order, "receipt")).content.decode()
    assert "&lt;b&gt;Best&lt;/b&gt; &amp; more" in page
    assert "&lt;i&gt;Fay&lt;/i&gt;" in page
    assert "<b>Best" not in page


def test_the_pdf_says_the_same_in_letters_of_every_alphabet_of_europe(api, fay, order, caplog):
    with caplog.at_level(logging.WARNING):
        answer = api.as_(fay).get(url(order, "receipt.pdf"), HTTP_ACCEPT="application/pdf")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == 'inline; filename="receipt-000001.pdf"'
    text = text_of(answer.content)
    page = describe(Receipt.objects.get(), timezone.now())
    said = [page.title, page.issuer, *page.address, *(f"{name}: {value}" for name, value in page.facts), *page.total]
    said += [cell for row in [*page.sums, *page.taxes] for cell in row]
    said += [
        cell for line in page.lines for cell in (line.what, line.quantity, line.price, line.net, line.tax, line.total)
    ]
    said += [cell for each in page.movements for cell in (each.when, each.what, each.amount)]
    for each in said:
        assert each in text, each
    assert NAME in text
    assert not [record for record in caplog.records if "missing" in record.getMessage()]


def test_a_long_receipt_runs_over_several_numbered_pages(fay, event):
    order = buy(fay, *[(TicketTypeFactory(event=event, name=f"Type {n}", quantity=10), 1) for n in range(50)])
    issue_due(timezone.now())
    text = text_of(pdf.render(describe(order.receipts.get(), timezone.now()), timezone.now()))
    assert all(f"Type {n}, " in text for n in range(50))
    assert "page 2 of" in text


def test_one_that_is_due_is_numbered_for_who_asks_first(api, fay, ticket_type):
    order = buy(fay, (ticket_type, 1))
    assert api.as_(fay).get(url(order, "receipt")).status_code == 200
    assert Receipt.objects.get().number == 1


def test_before_it_is_paid_there_is_none(api, fay, ticket_type):
    order = place(fay, (ticket_type, 1))
    for path in ("receipt", "receipt.pdf"):
        answer = api.as_(fay).get(url(order, path))
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_receipt")


@pytest.mark.parametrize("path", ["receipt", "receipt.pdf", "receipts/1", "receipts/1.pdf"])
def test_the_buyer_and_the_venues_staff_read_it_and_nobody_else(api, fay, olga, gus, stan, order, path):
    assert [api.as_(who).get(url(order, path)).status_code for who in (fay, olga, gus)] == [200, 200, 200]
    assert [api.as_(who).get(url(order, path)).status_code for who in (stan, UserFactory(), None)] == [404, 404, 404]


def test_a_guest_reads_it_with_the_access_code(api, ticket_type):
    contact = {"email": "gil@example.com", "phone": "+12125550123"}
    items = [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}]
    placed = api.post("/api/v1/orders", {"items": items, "contact": contact}).json()
    code = {"HTTP_X_ORDER_ACCESS_CODE": placed["access_code"]}
    where = f"/api/v1/orders/{placed['id']}"
    api.post(f"{where}/pay", {}, **code)
    assert api.get(f"{where}/receipt", **code).status_code == 200
    assert api.get(f"{where}/receipt").status_code == 404


def test_a_link_opens_one_orders_papers_for_thirty_days(api, fay, order, ticket_type):
    other = buy(fay, (ticket_type, 1))
    link = api.as_(fay).get(url(order)).json()["receipts"][0]["pdf_url"]
    path = link.removeprefix("http://localhost:8000")
    key = path.partition("?key=")[2]
    assert api.get(path).status_code == 200
    assert api.get(url(order, "receipt"), {"key": key}).status_code == 200
    for wrong in ("", "x", key[:-1], key + "x", "é", "~"):
        assert api.get(url(order, "receipt"), {"key": wrong}).status_code == 404
    assert api.get(url(other, "receipt"), {"key": key}).status_code == 404
    assert api.get(url(order), {"key": key}).status_code == 404
    later = (timezone.now() + links.GOOD_FOR + timedelta(minutes=1)).timestamp()
    with mock.patch("django.core.signing.time.time", return_value=later):
        assert api.get(path).status_code == 404


def test_a_link_outlives_a_rotation_of_the_key(order, settings):
    key = links.key_for(order.pk)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key"
    assert links.opens(order.pk, key)
    assert links.key_for(order.pk) != key


@pytest.mark.parametrize("number", ["2", "0", "99999999999999999999", "x", "-1"])
def test_a_number_that_is_not_the_orders_is_not_found(api, fay, order, ticket_type, number):
    buy(UserFactory(), (ticket_type, 1))
    issue_due(timezone.now())
    assert api.as_(fay).get(url(order, "receipts", number)).status_code == 404


def test_a_receipt_stays_as_it_was_issued(api, fay, order, venue):
    venue.name, venue.street = "New Name", "Elsewhere 1"
    venue.save()
    page = api.as_(fay).get(url(order, "receipt")).content.decode()
    assert "Garden Arena" in page
    assert "New Name" not in page


def test_an_erased_buyer_is_named_no_more(api, fay, olga, order):
    personal_data.erase_all(fay, timezone.now())
    page = api.as_(olga).get(url(order, "receipt")).content.decode()
    assert "000001" in page
    assert NAME not in page
    assert NAME not in str(list(Receipt.objects.values()))


def test_refunds_stand_on_the_receipt_and_have_a_note_of_their_own(api, fay, olga, order):
    refunding.request(order, amount=500, by=olga, reason="Sorry", now=timezone.now())
    asked = order.refunds.get().parts.get()
    from payments import refunds

    refunds.execute(asked.pk, timezone.now())
    issue_due(timezone.now())

    assert "Refunded, credit note 000002" in api.as_(fay).get(url(order, "receipt")).content.decode()
    note = api.as_(fay).get(url(order, "receipts", "2")).content.decode()
    for expected in ("Credit note", "Amends receipt", "000001", "Returned", "$5.00"):
        assert expected in note
    shown = api.as_(fay).get(url(order)).json()
    assert [(each["number"], each["kind"], each["amends"]) for each in shown["receipts"]] == [
        ("000001", "sale", None), ("000002", "credit_note", "000001"),
    ]  # fmt: skip
    assert shown["refunds"][0]["settled_at"]


def test_options_rates_and_service_charge_are_taken_down_with_the_line():
    item = OrderItem(
        description="Burger", quantity=1, unit_price=1_000, net=1_100, tax=99, total=1_199,
        options={"chosen": [{"group": "Sauce", "name": "Hot", "quantity": 1}, {"group": "Extras", "name": "Cheese",
                                                                                "quantity": 2}], "note": "private"},
    )  # fmt: skip
    item.service_charge = 100
    item.tax_lines = [
        {"name": "State", "rate_ppm": 40_000, "inclusive": False, "amount": 44, "net": 1_100},
        {"name": "City", "rate_ppm": 50_000, "inclusive": False, "amount": 55, "net": 1_000},
    ]
    order = Order(venue=_venue(), number="7K3M9Q2XHD", subtotal=1_000, tax=99, amount_total=1_199, currency="USD")
    order.lines, order.service_charge = [item], 100

    said = of_order(order)

    assert said["lines"][0]["options"] == ["Sauce: Hot", "Extras: Cheese × 2"]
    assert said["taxes"] == [
        {"name": "State", "ppm": 40_000, "net": 1_100, "tax": 44},
        {"name": "City", "ppm": 50_000, "net": 1_000, "tax": 55},
    ]
    assert "private" not in str(said)
    now = timezone.now()
    paper = Receipt(kind="sale", number=1, order=order, currency="USD", amount=1_199, contents=said, issued_at=now,
                    happened_at=now)  # fmt: skip
    page = describe(paper, now)
    assert page.sums == [("Prices", "$10.00"), ("Service charge", "$1.00"), ("Tax on top", "$0.99")]
    assert page.taxes == [("State 4 %", "$11.00", "$0.44"), ("City 5 %", "$10.00", "$0.55")]
    assert page.lines[0].details == ["Sauce: Hot", "Extras: Cheese × 2", "Service charge $1.00"]


def _venue():
    from trufan.testing import VenueFactory

    return VenueFactory.build()


def test_the_mail_about_a_paid_order_links_to_its_receipt(api, order, fay, event):
    link = Notification.objects.get(template="order_paid").context["receipt_url"]
    assert api.get(link.removeprefix("http://localhost:8000")).status_code == 200
    Notification.objects.all().delete()
    buy(fay, (TicketTypeFactory(event=event, price=0), 1))
    assert "receipt_url" not in Notification.objects.get(template="order_paid").context


def test_an_order_and_its_page_take_as_many_queries_for_much_as_for_little(api, fay, olga, order):
    def queries(*rest):
        with CaptureQueriesContext(connection) as taken:
            assert api.as_(fay).get(url(order, *rest)).status_code == 200
        return len(taken)

    def refund(amount):
        from payments import refunds

        asked = refunding.request(order, amount=amount, by=olga, reason="Sorry", now=timezone.now())
        refunds.execute(asked.parts.get().pk, timezone.now())
        issue_due(timezone.now())

    refund(1)
    few = [queries(), queries("receipt"), queries("receipts", "2")]
    for amount in range(2, 12):
        refund(amount)
    assert [queries(), queries("receipt"), queries("receipts", "2")] == few
    # One of them asks which language the buyer chose.
    assert few[1] <= 9
