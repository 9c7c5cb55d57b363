"""Placing an order holds everything it names, or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders.models import Order
from ticketing.models import Ticket, TicketType
from trufan.testing import EventFactory, TaxRateFactory, TicketTypeFactory

ORDERS = "/api/v1/orders"


def cart(*lines):
    return {"items": [{"type": "ticket", "id": str(thing.pk), "quantity": quantity} for thing, quantity in lines]}


def test_an_order_holds_its_tickets_and_tells_every_amount(api, fay, ticket_type, venue):
    TaxRateFactory(venue=venue, rate_ppm=88_750)
    venue.ticket_fee_fixed, venue.ticket_fee_ppm = 125, 25_000
    venue.save()

    answer = api.as_(fay).post(ORDERS, cart((ticket_type, 2)))

    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert body["status"] == "pending"
    assert [body[name] for name in ("subtotal", "discount", "fees", "tax", "tip", "total")] == [
        10_000, 0, 500, 888, 0, 11_388,
    ]  # fmt: skip
    assert (body["amount_paid"], body["amount_refunded"], body["currency"]) == (0, 0, "USD")
    assert body["items"][0]["description"] == "General Admission, Opening Night"
    assert body["access_code"] is None
    ticket_type.refresh_from_db()
    assert (ticket_type.held, ticket_type.sold) == (2, 0)
    assert AuditLog.objects.filter(action="order.placed", entity_id=body["id"], actor=fay).count() == 1


def test_the_hold_lasts_ten_minutes(api, fay, ticket_type):
    before = timezone.now()
    order = Order.objects.get(pk=api.as_(fay).post(ORDERS, cart((ticket_type, 1))).json()["id"])
    assert timedelta(minutes=10) <= order.expires_at - before < timedelta(minutes=11)


def test_more_than_is_left_is_refused_and_nothing_is_held(api, fay, event):
    plenty = TicketTypeFactory(event=event, quantity=50)
    scarce = TicketTypeFactory(event=event, name="Box", quantity=1)

    answer = api.as_(fay).post(ORDERS, cart((plenty, 2), (scarce, 2)))

    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "sold_out"
    assert error["message"] == "Only 1 of Box, Opening Night is left."
    assert [(detail["field"], detail["code"]) for detail in error["details"]] == [("items[1].quantity", "sold_out")]
    assert not Order.objects.exists()
    assert set(TicketType.objects.values_list("held", flat=True)) == {0}


def test_every_short_line_is_named(api, fay, event):
    one, two = (TicketTypeFactory(event=event, quantity=1) for _ in range(2))
    error = api.as_(fay).post(ORDERS, cart((one, 2), (two, 3))).json()["error"]
    assert [detail["field"] for detail in error["details"]] == ["items[0].quantity", "items[1].quantity"]


def test_every_line_that_cannot_be_sold_is_named(api, fay, ticket_type, event):
    now = timezone.now()
    later = TicketTypeFactory(event=event, name="Late", sales_start=now + timedelta(days=1))
    over = TicketTypeFactory(event=event, name="Early", sales_end=now - timedelta(days=1))
    few = TicketTypeFactory(event=event, name="Pair", min_per_order=2, max_per_order=4)
    body = cart((later, 1), (over, 1), (few, 1), (ticket_type, 11))
    body["items"].append({"type": "ticket", "id": "00000000-0000-7000-8000-000000000000", "quantity": 1})

    answer = api.as_(fay).post(ORDERS, body)

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "cart_refused"
    assert [detail["field"] for detail in error["details"]] == [
        "items[0]", "items[1]", "items[2]", "items[3]", "items[4].id",
    ]  # fmt: skip


def test_the_limit_per_order_counts_all_lines_of_one_type(api, fay, ticket_type):
    answer = api.as_(fay).post(ORDERS, cart((ticket_type, 6), (ticket_type, 5)))
    assert answer.status_code == 422


def test_two_lines_of_one_type_are_two_lines_of_one_order(api, fay, ticket_type):
    body = api.as_(fay).post(ORDERS, cart((ticket_type, 1), (ticket_type, 2))).json()
    assert [item["quantity"] for item in body["items"]] == [1, 2]
    ticket_type.refresh_from_db()
    assert ticket_type.held == 3


def test_one_order_is_for_one_venue(api, fay, ticket_type, other_venue):
    elsewhere = TicketTypeFactory(event=EventFactory(venue=other_venue))
    answer = api.as_(fay).post(ORDERS, cart((ticket_type, 1), (elsewhere, 1)))
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "items[1].id"


@pytest.mark.parametrize("status", ["draft", "cancelled", "completed"])
def test_an_event_that_is_not_published_sells_nothing(api, fay, ticket_type, event, status):
    type(event).objects.filter(pk=event.pk).update(status=status)
    assert api.as_(fay).post(ORDERS, cart((ticket_type, 1))).status_code == 422


def test_a_closed_venue_sells_nothing(api, fay, ticket_type, venue):
    venue.is_active = False
    venue.save()
    assert api.as_(fay).post(ORDERS, cart((ticket_type, 1))).status_code == 422


def test_a_hidden_type_is_not_sold_to_who_merely_knows_its_id(api, fay, event):
    hidden = TicketTypeFactory(event=event, visibility="hidden")
    answer = api.as_(fay).post(ORDERS, cart((hidden, 1)))
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "items[0].id"
    assert not Order.objects.exists()


def test_a_free_order_is_complete_at_once(api, fay, event):
    free = TicketTypeFactory(event=event, price=0)
    body = api.as_(fay).post(ORDERS, cart((free, 2))).json()
    assert (body["status"], body["total"], body["items"][0]["status"]) == ("paid", 0, "fulfilled")
    assert Ticket.objects.filter(order_id=body["id"], holder=fay, status="valid").count() == 2
    free.refresh_from_db()
    assert (free.held, free.sold) == (0, 2)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": []},
        {"items": "two tickets"},
        {"items": [{"type": "ticket"}]},
        {"items": [{"type": "elephant", "id": "00000000-0000-7000-8000-000000000000", "quantity": 1}]},
        {"items": [{"type": "ticket", "id": "nonsense", "quantity": 1}]},
        {"items": [{"type": "ticket", "id": "00000000-0000-7000-8000-000000000000", "quantity": 0}]},
        {"items": [{"type": "ticket", "id": "00000000-0000-7000-8000-000000000000", "quantity": -3}]},
        {"items": [{"type": "ticket", "id": "00000000-0000-7000-8000-000000000000", "quantity": 1.5}]},
        {"items": [{"type": "ticket", "id": "00000000-0000-7000-8000-000000000000", "quantity": 10**18}]},
    ],
)
def test_a_cart_that_makes_no_sense_is_refused_in_the_envelope(api, fay, body):
    answer = api.as_(fay).post(ORDERS, body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "validation_error"
    assert answer.json()["error"]["details"]


def test_prices_sent_by_the_buyer_are_ignored(api, fay, ticket_type):
    body = cart((ticket_type, 1))
    body["items"][0].update(unit_price=1, total=1)
    body.update(total=1, status="paid", amount_paid=5_000)
    answer = api.as_(fay).post(ORDERS, body).json()
    assert (answer["total"], answer["status"], answer["amount_paid"]) == (5_000, "pending", 0)


def test_a_preview_tells_the_same_amounts_and_holds_nothing(api, fay, ticket_type, venue):
    TaxRateFactory(venue=venue)
    preview = api.post(f"{ORDERS}/preview", cart((ticket_type, 2))).json()
    assert not Order.objects.exists()
    placed = api.as_(fay).post(ORDERS, cart((ticket_type, 2))).json()
    for name in ("subtotal", "discount", "fees", "tax", "tip", "total", "currency"):
        assert preview[name] == placed[name]


def test_a_preview_of_what_is_gone_says_so(api, event):
    gone = TicketTypeFactory(event=event, quantity=1)
    assert api.post(f"{ORDERS}/preview", cart((gone, 2))).status_code == 409


def test_the_longest_names_can_be_sold(api, fay):
    event = EventFactory(name="N" * 160)
    longest = TicketTypeFactory(event=event, name="T" * 120)

    order_id = api.as_(fay).post(ORDERS, cart((longest, 1))).json()["id"]

    item = Order.objects.get(pk=order_id).items.get()
    assert (item.description[:121], len(item.description)) == ("T" * 120 + ",", 255)


@pytest.mark.parametrize("name", ["Fay\nBcc: x", "See http://example.com", "WWW.example.com", "\u202eyaF", "a\u2028b"])
def test_a_guests_name_is_one_line_and_no_link(api, ticket_type, name):
    contact = {"email": "g@example.com", "phone": "+12125550123", "name": name}

    answer = api.post(ORDERS, {**cart((ticket_type, 1)), "contact": contact})

    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "contact.name"
