"""Who holds a ticket sees it and its code; nobody else does."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.signals import email_verified
from orders import access
from ticketing import codes
from ticketing.models import Ticket
from ticketing.tests.sales import GUEST, buy
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory

URL = "/api/v1/tickets"


@pytest.fixture
def guests(ticket_type):
    return buy(None, ticket_type, 2)


def code_of(ticket):
    return {"X-Order-Access-Code": access.code_for(ticket.order)}


def test_a_ticket_says_what_it_is_for(api, fay, ticket, event, venue):
    body = api.as_(fay).get(f"{URL}/{ticket.pk}").json()
    assert body["code"] == codes.sign(ticket)
    assert (body["number"], body["status"], body["seat"], body["used_at"]) == (ticket.number, "valid", "", None)
    assert body["holder"] == {"name": "Fay Fan"}
    assert body["order"] == str(ticket.order_id)
    assert (body["event"]["name"], body["event"]["venue"]["name"]) == ("Opening Night", "Garden Arena")
    assert body["event"]["starts_at_local"] == event.starts_at.astimezone(venue.zone).isoformat()
    assert body["ticket_type"]["name"] == "General Admission"


def test_my_list_has_mine_and_no_others(api, fay, ticket, ticket_type, guests):
    finn = UserFactory()
    buy(finn, ticket_type)
    rows = api.as_(fay).get(URL).json()["results"]
    assert [row["id"] for row in rows] == [str(ticket.pk)]
    assert api.get(URL).status_code == 401


def test_another_fans_ticket_does_not_exist(api, ticket, stan, gus, olga, ada):
    for user in (None, UserFactory(), stan, gus, olga, ada):
        for path in ("", "/qr.svg", "/qr.png"):
            assert api.as_(user).get(f"{URL}/{ticket.pk}{path}").status_code == 404


def test_a_guest_reaches_the_orders_tickets_with_its_access_code(api, guests):
    order = guests[0].order
    answer = api.get(f"/api/v1/orders/{order.pk}/tickets", headers=code_of(guests[0]))
    assert [row["code"] for row in answer.json()["results"]] == [codes.sign(ticket) for ticket in guests]
    assert answer.json()["results"][0]["holder"] == {"name": GUEST.name}
    for path in ("", "/qr.svg", "/qr.png"):
        assert api.get(f"{URL}/{guests[0].pk}{path}", headers=code_of(guests[0])).status_code == 200


def test_another_orders_access_code_opens_nothing(api, guests, ticket_type):
    other = buy(None, ticket_type)[0]
    order = guests[0].order
    for headers in ({}, code_of(other), {"X-Order-Access-Code": "x"}):
        assert api.get(f"/api/v1/orders/{order.pk}/tickets", headers=headers).status_code == 404
        assert api.get(f"{URL}/{guests[0].pk}", headers=headers).status_code == 404
        assert api.get(f"{URL}/{guests[0].pk}/qr.png", headers=headers).status_code == 404


def test_staff_do_not_fetch_codes_of_an_order(api, olga, guests):
    assert api.as_(olga).get(f"/api/v1/orders/{guests[0].order_id}/tickets").status_code == 404


def test_a_buyer_lists_one_orders_tickets(api, fay, ticket, ticket_type):
    buy(fay, ticket_type)
    rows = api.as_(fay).get(f"/api/v1/orders/{ticket.order_id}/tickets").json()["results"]
    assert [row["id"] for row in rows] == [str(ticket.pk)]
    assert api.as_(fay).get(f"/api/v1/orders/{uuid4()}/tickets").status_code == 404


def test_a_guests_tickets_join_the_account_that_verifies_the_address(api, guests):
    gil = UserFactory(email=GUEST.email)
    assert api.as_(gil).get(URL).json()["count"] == 0
    email_verified.send(sender=User, user=gil)
    rows = api.as_(gil).get(URL).json()["results"]
    assert {row["id"] for row in rows} == {str(ticket.pk) for ticket in guests}
    assert all(row["code"] for row in rows)


def test_a_ticket_given_away_shows_its_code_to_its_holder_alone(api, fay, ticket):
    finn = UserFactory()
    Ticket.objects.filter(pk=ticket.pk).update(holder=finn)
    assert api.as_(fay).get(f"{URL}/{ticket.pk}").json()["code"] is None
    assert api.as_(fay).get(f"{URL}/{ticket.pk}/qr.svg").status_code == 404
    assert api.as_(finn).get(f"{URL}/{ticket.pk}").json()["code"] == codes.sign(ticket)
    assert api.as_(finn).get(f"{URL}/{ticket.pk}/qr.svg").status_code == 200
    assert [row["id"] for row in api.as_(finn).get(URL).json()["results"]] == [str(ticket.pk)]


def test_a_refunded_ticket_has_no_code(api, fay, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(status="refunded")
    assert api.as_(fay).get(f"{URL}/{ticket.pk}").json()["code"] is None
    answer = api.as_(fay).get(f"{URL}/{ticket.pk}/qr.png")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ticket_refunded")


@pytest.fixture
def seasons(fay, event, ticket_type, venue):
    """Three tickets for tonight, one of them used, and one for a show that is over."""
    used = buy(fay, ticket_type, 3)[0]
    Ticket.objects.filter(pk=used.pk).update(status="used", used_at=timezone.now())
    past = EventFactory(venue=venue, name="Winter Warm-up")
    buy(fay, TicketTypeFactory(event=past))
    now = timezone.now()
    type(past).objects.filter(pk=past.pk).update(
        doors_at=now - timedelta(days=3), starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=2)
    )
    return event


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 4),
        ("status=used", 1),
        ("status=used&status=valid", 4),
        ("upcoming=true", 3),
        ("upcoming=false", 1),
        ("search=winter", 1),
        ("search=garden arena", 4),
        ("event={event}", 3),
        ("event=00000000-0000-7000-8000-000000000000", 0),
    ],
)
def test_the_list_is_narrowed(api, fay, seasons, query, count):
    answer = api.as_(fay).get(f"{URL}?{query.format(event=seasons.pk)}")
    assert (answer.status_code, answer.json()["count"]) == (200, count)


@pytest.mark.parametrize("query", ["status=lost", "upcoming=maybe", "event=tonight", "ordering=price", "limit=0"])
def test_what_the_list_does_not_know_it_refuses(api, fay, query):
    assert api.as_(fay).get(f"{URL}?{query}").status_code == 422


def test_the_list_is_put_in_order(api, fay, seasons):
    def names(ordering):
        rows = api.as_(fay).get(f"{URL}?ordering={ordering}").json()["results"]
        return [row["event"]["name"] for row in rows]

    assert names("starts_at")[0] == "Winter Warm-up"
    assert names("-starts_at")[-1] == "Winter Warm-up"


def test_the_list_costs_the_same_for_any_number_of_tickets(api, fay, ticket_type, ticket, django_assert_num_queries):
    def ask(url):
        with django_assert_num_queries(2):  # count, page
            assert api.as_(fay).get(url).status_code == 200

    ask(URL)
    buy(fay, ticket_type, 8)
    ask(URL)


def test_one_ticket_is_one_query(api, fay, ticket, django_assert_num_queries):
    with django_assert_num_queries(1):
        api.as_(fay).get(f"{URL}/{ticket.pk}")
