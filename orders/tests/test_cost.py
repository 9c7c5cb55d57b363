"""What a purchase costs in queries, so that nothing grows unseen."""

from __future__ import annotations

import pytest
from django.db import connection

from orders.tests.test_holds import place
from orders.tests.test_paying import pay
from ticketing.models import TicketType
from trufan.testing import Caller, ProductVariantFactory
from venues import payouts


def on(sqlite: int, postgres: int) -> int:
    """What is only added goes to PostgreSQL in one statement, whatever tables it is of."""
    return postgres if connection.vendor == "postgresql" else sqlite


@pytest.fixture
def me(api, fay) -> Caller:
    return api.as_(fay)


def test_placing_an_order(me, ticket_type, django_assert_num_queries):
    cart = {"items": [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}]}
    with django_assert_num_queries(on(7, 4)):
        assert me.post("/api/v1/orders", cart).status_code == 201


def test_a_free_order(me, ticket_type, django_assert_num_queries):
    """Placed, complete, issued, told and counted."""
    TicketType.objects.filter(pk=ticket_type.pk).update(price=0)
    cart = {"items": [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}]}
    with django_assert_num_queries(on(11, 4)):
        assert me.post("/api/v1/orders", cart).status_code == 201


def test_being_refused_because_all_is_sold(me, ticket_type, django_assert_num_queries):
    """Nothing is written for a crowd that comes too late. Who asks is a second query."""
    TicketType.objects.filter(pk=ticket_type.pk).update(sold=ticket_type.quantity)
    cart = {"items": [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}]}
    with django_assert_num_queries(1):
        assert me.post("/api/v1/orders", cart).json()["error"]["code"] == "sold_out"
    TicketType.objects.filter(pk=ticket_type.pk).update(sold=ticket_type.quantity - 1, held=1)
    with django_assert_num_queries(2):  # what is on hold might come free
        assert me.post("/api/v1/orders", cart).json()["error"]["code"] == "sold_out"


def test_a_longer_cart_of_one_type_costs_no_more(me, ticket_type, django_assert_num_queries):
    line = {"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}
    with django_assert_num_queries(on(7, 4)):
        assert me.post("/api/v1/orders", {"items": [line] * 8}).status_code == 201


def test_paying_by_card(me, fay, api, ticket_type, django_assert_num_queries):
    order = place(fay, (ticket_type, 1))
    payouts.account_of(order.venue)  # made once in a venue's life
    # Four of them are for the reports: who bought, and which days of which event and venue are to be counted again.
    with django_assert_num_queries(on(37, 34)):
        assert pay(api, fay, order).status_code == 200


def test_a_cart_of_products_costs_a_few_queries_more(me, venue, django_assert_num_queries):
    """Hours, events that run, options, parts of the day: one query each, however many products.

    Each further one holds its stock by one UPDATE more.
    """
    variants = [ProductVariantFactory(product__outlet__venue=venue) for _ in range(4)]
    for variant in variants:
        variant.product.option_groups.create(name="Extras").options.create(name="Cheese")
    cart = [{"type": "product", "id": str(variant.pk), "quantity": 1} for variant in variants]
    with django_assert_num_queries(on(15, 12)):
        assert me.post("/api/v1/orders", {"items": cart[:1]}).status_code == 201
    with django_assert_num_queries(on(18, 16)):
        assert me.post("/api/v1/orders", {"items": cart}).status_code == 201
