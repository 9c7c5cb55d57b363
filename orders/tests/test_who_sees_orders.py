"""Whose order is it? The buyer's, the code's holder's, and the venue's; nobody else's."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.signals import email_verified
from orders import access
from orders.models import Order
from orders.tests.test_holds import place
from ticketing.models import Ticket
from trufan.testing import TicketTypeFactory, UserFactory

ORDERS = "/api/v1/orders"
GUEST = {"email": "Guest@Example.com", "phone": "+12125550123", "name": "Gil Guest"}


@pytest.fixture
def order(fay, ticket_type):
    return place(fay, (ticket_type, 2))


def guest_order(api, ticket_type, **contact):
    items = [{"type": "ticket", "id": str(ticket_type.pk), "quantity": 1}]
    return api.post(ORDERS, {"items": items, "contact": {**GUEST, **contact}})


def test_a_guest_buys_and_reaches_the_order_by_its_code(api, ticket_type):
    placed = guest_order(api, ticket_type).json()
    url = f"{ORDERS}/{placed['id']}"
    with_code = {"HTTP_X_ORDER_ACCESS_CODE": placed["access_code"]}
    assert api.get(url, **with_code).json()["contact"]["email"] == "guest@example.com"
    assert api.post(f"{url}/pay", {"payment_method": "pm_card_visa"}, **with_code).json()["status"] == "succeeded"
    assert api.get(url, **with_code).json()["status"] == "paid"


@pytest.mark.parametrize("code", ["", "WRONG", "é", "A" * 26])
def test_without_the_code_there_is_no_such_order(api, ticket_type, code):
    placed = guest_order(api, ticket_type).json()
    headers = {"HTTP_X_ORDER_ACCESS_CODE": code} if code else {}
    assert api.get(f"{ORDERS}/{placed['id']}", **headers).status_code == 404
    assert api.post(f"{ORDERS}/{placed['id']}/pay", {}, **headers).status_code == 404
    assert api.post(f"{ORDERS}/{placed['id']}/cancel", **headers).status_code == 404


def test_the_code_of_one_order_does_not_open_another(api, ticket_type):
    one, two = guest_order(api, ticket_type).json(), guest_order(api, ticket_type).json()
    assert api.get(f"{ORDERS}/{one['id']}", HTTP_X_ORDER_ACCESS_CODE=two["access_code"]).status_code == 404


@pytest.mark.parametrize("missing", ["email", "phone"])
def test_a_guest_gives_e_mail_and_phone(api, ticket_type, missing):
    answer = guest_order(api, ticket_type, **{missing: ""})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == f"contact.{missing}"


def test_a_phone_that_is_none_is_refused(api, ticket_type):
    answer = guest_order(api, ticket_type, phone="12")
    assert answer.json()["error"]["details"][0]["field"] == "contact.phone"


def test_the_code_survives_a_rotation_of_the_key(settings, order):
    code = access.code_for(order)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key"
    assert access.allows(order, code)
    assert access.code_for(order) != code


def test_guest_orders_join_the_account_once_the_address_is_verified(api, ticket_type, event):
    placed = guest_order(api, TicketTypeFactory(event=event, price=0)).json()
    user = UserFactory(email="guest@example.com")
    assert api.as_(user).get(f"{ORDERS}/{placed['id']}").status_code == 404

    email_verified.send(sender=type(user), user=user)

    assert api.as_(user).get(f"{ORDERS}/{placed['id']}").status_code == 200
    assert Ticket.objects.get(order_id=placed["id"]).holder == user


def test_another_fan_does_not_see_the_order(api, order):
    assert api.as_(UserFactory()).get(f"{ORDERS}/{order.pk}").status_code == 404


def test_staff_of_the_venue_see_the_order_and_staff_of_another_do_not(api, order, olga, stan):
    assert api.as_(olga).get(f"{ORDERS}/{order.pk}").status_code == 200
    assert api.as_(stan).get(f"{ORDERS}/{order.pk}").status_code == 404


def test_staff_do_not_pay_or_cancel_in_a_buyers_name(api, order, olga):
    assert api.as_(olga).post(f"{ORDERS}/{order.pk}/pay", {}).status_code == 404
    assert api.as_(olga).post(f"{ORDERS}/{order.pk}/cancel").status_code == 404


def test_a_fan_lists_their_own_orders_only(api, fay, order, ticket_type):
    place(UserFactory(), (ticket_type, 1))
    body = api.as_(fay).get(ORDERS).json()
    assert (body["count"], body["results"][0]["id"]) == (1, str(order.pk))


def test_a_list_of_orders_needs_an_account(api):
    assert api.get(ORDERS).status_code == 401


def test_staff_list_the_orders_of_their_venue(api, order, venue, olga, stan, fay):
    assert api.as_(olga).get(ORDERS, {"venue": venue.pk}).json()["count"] == 1
    assert api.as_(stan).get(ORDERS, {"venue": venue.pk}).status_code == 403
    assert api.as_(fay).get(ORDERS, {"venue": venue.pk}).status_code == 403
    assert api.as_(olga).get(ORDERS, {"venue": "garden"}).status_code == 422


def test_orders_are_filtered_searched_and_ordered(api, fay, order, ticket_type):
    cheap = place(fay, (ticket_type, 1))
    Order.objects.filter(pk=cheap.pk).update(status="cancelled")
    me = api.as_(fay)
    assert [row["id"] for row in me.get(ORDERS, {"status": "cancelled"}).json()["results"]] == [str(cheap.pk)]
    assert [row["id"] for row in me.get(ORDERS, {"search": order.number}).json()["results"]] == [str(order.pk)]
    assert [row["total"] for row in me.get(ORDERS, {"ordering": "amount_total"}).json()["results"]] == [5_000, 10_000]
    assert me.get(ORDERS, {"placed_after": timezone.now().isoformat()}).json()["count"] == 0
    assert me.get(ORDERS, {"status": "eaten"}).status_code == 422


def test_a_list_costs_the_same_queries_however_long_it_is(api, fay, ticket_type, django_assert_num_queries):
    me = api.as_(fay)
    for count in (3, 20):
        for _ in range(count):
            place(fay, (ticket_type, 1))
        with django_assert_num_queries(3):  # count, orders, lines
            me.get(ORDERS)


@pytest.mark.parametrize("order_id", ["nonsense", "1", "00000000-0000-7000-8000-000000000000"])
def test_an_id_of_nothing_is_not_found(api, fay, order_id):
    assert api.as_(fay).get(f"{ORDERS}/{order_id}").status_code == 404


def test_a_time_is_taken_with_any_offset_that_can_be_written_and_refused_out_of_reason(api, fay, order):
    me = api.as_(fay)
    assert me.get(ORDERS, {"placed_after": "2020-01-01T00:00:00-23:54"}).json()["count"] == 1
    assert me.get(ORDERS, {"placed_before": "0196-04-30T02:25:16-23:54"}).status_code == 422
