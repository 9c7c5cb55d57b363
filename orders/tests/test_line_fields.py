"""What another app adds to a cart: fields of its lines, fields of the cart, and rules that look at all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from rest_framework import serializers

from orders import cart_rules, line_fields
from orders.errors import NotForSale
from orders.models import Order
from ticketing import selling
from trufan.lib.errors import Conflict
from trufan.lib.serializing import forget_shared
from trufan.testing import ProductVariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Iterator[None]:
    """Tickets take a `place`, and carts a `password`."""
    line_fields.register(
        line_fields.LineField(
            "ticket", "place", lambda: serializers.CharField(required=False, max_length=5), serializers.CharField
        )
    )
    line_fields.register_cart(line_fields.CartField("password", lambda: serializers.CharField(required=False)))
    yield
    del line_fields._lines["place"]
    del line_fields._carts["password"]
    forget_shared()


@pytest.fixture
def rules() -> Iterator[list[cart_rules.Rule]]:
    before = list(cart_rules._rules)
    yield cart_rules._rules
    cart_rules._rules[:] = before


def cart(ticket_type, **more):
    return {"items": [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1, **more}]}


def test_an_order_keeps_what_was_asked_and_still_asks_it_when_it_is_changed(place, api, fay, ticket_type):
    api = api.as_(fay)
    placed = api.post("/api/v1/orders", cart(ticket_type, place="A-1"))
    assert placed.status_code == 201, placed.json()
    item = Order.objects.get().items.get()
    assert item.asked == {"place": "A-1"}
    assert placed.json()["items"][0]["place"] is None, "it was asked for, and nobody gave it"

    changed = api.patch(f"/api/v1/orders/{placed.json()['id']}", {"tip": None})
    assert changed.status_code == 200
    assert Order.objects.get().items.get().asked == {"place": "A-1"}

    other = api.patch(f"/api/v1/orders/{placed.json()['id']}", cart(ticket_type, place="B-2"))
    assert other.status_code == 200
    assert Order.objects.get().items.get().asked == {"place": "B-2"}


def test_what_an_offer_keeps_is_shown_on_the_order_and_in_a_preview(place, api, fay, ticket_type, monkeypatch):
    made = selling.make_offer

    def with_place(row, line, now):
        return replace(made(row, line, now), keeps={"place": line.asks["place"]})

    monkeypatch.setattr(selling, "make_offer", with_place)
    api = api.as_(fay)
    for path in ("/api/v1/orders/preview", "/api/v1/orders"):
        assert api.post(path, cart(ticket_type, place="A-1")).json()["items"][0]["place"] == "A-1"


def test_a_field_of_another_kind_and_nonsense_in_it_are_refused(place, api, fay, ticket_type, venue):
    product_variant = ProductVariantFactory(product__outlet__venue=venue)
    api = api.as_(fay)
    food = {"items": [{"type": "product", "id": str(product_variant.pk), "quantity": 1, "place": "A-1"}]}
    answer = api.post("/api/v1/orders", food)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "items[0].place"
    assert api.post("/api/v1/orders", cart(ticket_type, place="A-12345")).status_code == 422
    assert not Order.objects.exists()


def test_a_rule_sees_the_cart_its_buyer_and_what_the_cart_said(place, rules, api, fay, ticket_type):
    seen = []

    def rule(priced, buyer, now, placing):
        seen.append((len(priced.lines), buyer.user, buyer.email, dict(buyer.asks), buyer.order, placing))
        return []

    rules.append(rule)
    api = api.as_(fay)
    asked = {**cart(ticket_type), "password": "sesame"}
    api.post("/api/v1/orders/preview", asked)
    order_id = api.post("/api/v1/orders", asked).json()["id"]
    api.patch(f"/api/v1/orders/{order_id}", asked)
    order = Order.objects.get()
    said = {"password": "sesame"}
    assert seen == [
        (1, fay, fay.email, said, None, False),
        (1, fay, fay.email, said, None, True),
        (1, fay, fay.email, said, order, True),
    ]


def test_refusals_of_lines_are_gathered_and_a_refusal_of_the_cart_is_raised_as_it_is(rules, api, fay, ticket_type):
    rules.append(lambda priced, buyer, now, placing: [(0, NotForSale("Not to you."))])
    api = api.as_(fay)
    answer = api.post("/api/v1/orders", cart(ticket_type))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "cart_refused")
    assert answer.json()["error"]["details"] == [
        {"field": "items[0]", "code": "not_for_sale", "message": "Not to you."}
    ]
    rules.append(lambda priced, buyer, now, placing: [(None, Conflict("Wait."))])
    answer = api.post("/api/v1/orders", cart(ticket_type))
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, "Wait.")
    assert not Order.objects.exists()
