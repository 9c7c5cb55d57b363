"""Papers are in the language of who bought, else in the venue's."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts import spoken
from orders.aftersale.tests.meals import buy, url
from orders.models import Order
from orders.receipts.issuing import issue_due
from orders.receipts.page import describe
from orders.receipts.pdf import render
from orders.receipts.tests.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(fay, ticket_type) -> Order:
    bought = buy(fay, (ticket_type, 2))
    issue_due(timezone.now())
    return Order.objects.get(pk=bought.pk)


def described(order: Order):
    return describe(Order.objects.get(pk=order.pk).receipts.get(), timezone.now())


def test_the_page_is_in_the_language_the_order_was_placed_in(api, fay, order):
    Order.objects.filter(pk=order.pk).update(language="es")
    answer = api.as_(fay).get(url(order, "receipt"), HTTP_ACCEPT_LANGUAGE="en")
    page = answer.content.decode()
    assert answer["Content-Language"] == "es"
    for said in ('<html lang="es">', "<h1>Recibo</h1>", "Número", "Emitido", "Importes", "Estados Unidos", "US$"):
        assert said in page, said
    for unsaid in ("Receipt", "Issued", "Amounts", "United States"):
        assert unsaid not in page, unsaid


def test_what_the_buyer_chose_goes_before_what_they_bought_in(fay, order):
    Order.objects.filter(pk=order.pk).update(language="en")
    assert described(order).title == "Receipt"
    spoken.choose(fay, "es", None)
    assert described(order).title == "Recibo"


def test_where_nobody_said_anything_the_venue_speaks(order, venue):
    assert described(order).title == "Receipt"
    venue.configuration = {"language": "es"}
    venue.save()
    assert described(order).title == "Recibo"
    venue.configuration = {"language": ["no", "language"]}
    venue.save()
    assert described(order).title == "Receipt"


def test_the_pdf_is_in_the_language_of_its_page(order):
    Order.objects.filter(pk=order.pk).update(language="es")
    text = " ".join(text_of(render(described(order), timezone.now())).split())
    assert "Recibo" in text
    assert "página 1 de 1" in text
    assert "Cantidad" in text
    assert "Quantity" not in text
