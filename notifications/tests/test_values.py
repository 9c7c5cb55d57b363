"""Money and moments read as the language of the message has them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory

from notifications import spreading
from notifications.models import MessageSettings, Notification
from notifications.outbox import notify
from notifications.templating import render
from notifications.values import clock, moment, money, spoken
from orders.models import Order
from trufan.lib.languages import asked_for

AT = datetime(2026, 7, 3, 23, 30, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        (money(123_456, "USD"), "$1,234.56", "1.234,56 US$"),
        (money(900, "JPY"), "¥900", "900 JPY"),
        (moment(AT, NEW_YORK), "Friday, July 3, 7:30 PM", "viernes 3 de julio, 19:30"),
        (clock(AT, NEW_YORK), "7:30 PM", "19:30"),
        ("words", "words", "words"),
        ([money(100, "EUR"), 3], ["€1.00", 3], ["1,00 €", 3]),
        ({"a": {"b": clock(AT, NEW_YORK)}}, {"a": {"b": "7:30 PM"}}, {"a": {"b": "19:30"}}),
    ],
)
def test_a_value_is_spoken_in_the_language(value, english, spanish):
    assert (spoken(value, "en"), spoken(value, "es"), spoken(value, "xx")) == (english, spanish, english)


def test_a_message_has_them_in_its_words():
    said = {"number": "7K", "venue": "Arena", "amount": money(1250, "USD"), "lines": [], "order_url": "https://x/o"}
    assert "$12.50" in render("order_paid", "email", said).text
    assert "12,50 US$" in render("order_paid", "email", said, "es").text


@pytest.mark.parametrize(
    ("header", "code"),
    [("es-MX,es;q=0.9,en;q=0.5", "es"), ("de,en;q=0.3", "en"), ("fr", ""), ("", ""), (";;q=,", ""), ("x" * 9000, "")],
)
def test_the_language_asked_for_is_one_of_ours_or_none(header, code):
    assert asked_for(RequestFactory().get("/", headers={"Accept-Language": header})) == code


def test_an_order_remembers_the_language_it_was_placed_in(api, ticket_type):
    cart = {
        "items": [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}],
        "contact": {"email": "gil@example.com", "phone": "+12125550123", "name": "Gil"},
    }
    assert api.post("/api/v1/orders", cart, headers={"Accept-Language": "es"}).status_code == 201
    assert Order.objects.get().language == "es"


@pytest.mark.django_db
def test_what_a_person_chose_comes_before_what_they_were_seen_to_read(fay):
    row = notify("plain", user=fay, language="es")
    Notification.objects.update(status="sending")
    MessageSettings.objects.create(user=fay, language="en")
    row.refresh_from_db()
    spreading.spread(row, row.next_attempt_at)
    assert Notification.objects.get().language == "en"
