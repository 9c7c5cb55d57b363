"""Add-ons are sold on top of tickets that they belong to, and go back before these do."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders import cancellation
from orders.models import Order, OrderRefund
from orders.tests.refunds import send
from ticketing.models import Ticket, TicketType
from ticketing.pricing.tests.shop import ORDERS, PREVIEW, cart, line, pay, problems
from ticketing.tests.sales import buy, order
from trufan.testing import TicketTypeFactory, UserFactory, at_once
from trufan.tests.console_client import as_, url


@pytest.fixture
def meet(event, ticket_type) -> TicketType:
    """On top of General Admission."""
    kind = TicketTypeFactory(event=event, name="Meet & greet", price=2_500)
    kind.addon_of.set([ticket_type])
    return kind


def refund(api, placed, *lines, who=None):
    items = [{"id": each["id"], "quantity": quantity} for each, quantity in lines]
    return api.post(f"{ORDERS}/{placed['id']}/refunds", {"items": items, "reason": "Fell ill"})


@pytest.fixture
def refundable(event):
    event.configuration = {"refund_policy": {"until_hours_before_start": 0, "keep_percent": 0, "keep_fees": False}}
    event.save()


def test_by_itself_it_is_refused(api, fay, meet):
    for address in (PREVIEW, ORDERS):
        answer = api.as_(fay).post(address, cart(line(meet)))
        assert (answer.status_code, problems(answer)) == (422, [("items[0].quantity", "parent_needed")])
        assert "as many of General Admission" in answer.json()["error"]["details"][0]["message"]
    assert not Order.objects.exists()


def test_with_as_many_parents_it_is_sold_and_with_fewer_it_is_not(api, fay, ticket_type, meet):
    assert api.as_(fay).post(ORDERS, cart(line(meet, 2), line(ticket_type, 2))).status_code == 201
    answer = api.as_(fay).post(ORDERS, cart(line(ticket_type, 2), line(meet, 3)))
    assert problems(answer) == [("items[1].quantity", "parent_needed")]


def test_any_of_several_parents_will_do(api, fay, event, ticket_type, meet):
    balcony = TicketTypeFactory(event=event, name="Balcony")
    meet.addon_of.add(balcony)
    assert api.as_(fay).post(ORDERS, cart(line(meet, 2), line(ticket_type), line(balcony))).status_code == 201


def test_who_holds_a_ticket_buys_one_on_top_and_no_second(api, fay, ticket_type, meet):
    buy(fay, ticket_type)
    first = api.as_(fay).post(ORDERS, cart(line(meet)))
    assert first.status_code == 201
    # The first cart leans on the ticket, paid or not.
    assert problems(api.as_(fay).post(ORDERS, cart(line(meet)))) == [("items[0].quantity", "parent_needed")]
    pay(api.as_(fay), first.json())
    assert problems(api.as_(fay).post(ORDERS, cart(line(meet)))) == [("items[0].quantity", "parent_needed")]
    assert api.as_(fay).post(ORDERS, cart(line(meet), line(ticket_type))).status_code == 201


def test_a_cart_with_its_own_parents_takes_nothing_from_another(api, fay, ticket_type, meet):
    assert api.as_(fay).post(ORDERS, cart(line(meet), line(ticket_type))).status_code == 201
    assert api.as_(fay).post(ORDERS, cart(line(meet), line(ticket_type))).status_code == 201


@pytest.mark.parametrize("gone", ["pending", "cancelled", "given away", "somebody else's"])
def test_a_ticket_that_is_not_held_carries_nothing(api, fay, ticket_type, meet, gone):
    if gone in ("pending", "cancelled"):
        placed = order(fay, ticket_type)
        if gone == "cancelled":
            cancellation.cancel(placed, by=fay, now=timezone.now())
    else:
        buy(fay if gone == "given away" else UserFactory(), ticket_type)
        Ticket.objects.filter(holder=fay).update(holder=UserFactory())
    assert problems(api.as_(fay).post(ORDERS, cart(line(meet)))) == [("items[0].quantity", "parent_needed")]


def test_a_guest_needs_the_parent_in_the_cart(api, ticket_type, meet):
    contact = {"email": "gil@example.com", "phone": "+12125550123", "name": "Gil"}
    assert api.post(ORDERS, cart(line(meet), contact=contact)).status_code == 422
    assert api.post(ORDERS, cart(line(meet), line(ticket_type), contact=contact)).status_code == 201


def test_a_changed_order_keeps_the_rule(api, fay, ticket_type, meet):
    placed = api.as_(fay).post(ORDERS, cart(line(meet), line(ticket_type))).json()
    address = f"{ORDERS}/{placed['id']}"
    assert problems(api.as_(fay).patch(address, cart(line(meet)))) == [("items[0].quantity", "parent_needed")]
    buy(fay, ticket_type)
    assert api.as_(fay).patch(address, cart(line(meet))).status_code == 200


def test_a_buyer_gives_no_ticket_back_without_what_is_on_top_of_it(api, fay, refundable, ticket_type, meet):
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type, 2), line(meet))).json()
    pay(api.as_(fay), placed)
    general, greeting = placed["items"]
    answer = refund(api.as_(fay), placed, (general, 2))
    assert (answer.status_code, problems(answer)) == (409, [("items[0]", "addon_left")])
    # One of two is not the last.
    assert refund(api.as_(fay), placed, (general, 1)).status_code == 201
    assert problems(refund(api.as_(fay), placed, (general, 1))) == [("items[0]", "addon_left")]
    both = refund(api.as_(fay), placed, (general, 1), (greeting, 1))
    assert (both.status_code, both.json()["amount"]) == (201, 7_500)


def test_an_add_on_goes_back_by_itself(api, fay, refundable, ticket_type, meet):
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type), line(meet))).json()
    pay(api.as_(fay), placed)
    assert refund(api.as_(fay), placed, (placed["items"][1], 1)).status_code == 201


def test_staff_refund_the_ticket_alone_and_the_add_on_stays_until_they_refund_it(api, fay, olga, ticket_type, meet):
    placed = api.as_(fay).post(ORDERS, cart(line(ticket_type), line(meet))).json()
    pay(api.as_(fay), placed)
    assert refund(api.as_(olga), placed, (placed["items"][0], 1)).status_code == 201
    send(OrderRefund.objects.get())
    left = Ticket.objects.get(status="valid")
    assert left.ticket_type == meet
    whole = api.as_(olga).post(f"{ORDERS}/{placed['id']}/refunds", {"reason": "Event moved"})
    assert (whole.status_code, whole.json()["amount"]) == (201, 2_500)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_carts_at_once_do_not_lean_on_one_ticket(fay, ticket_type, meet):
    buy(fay, ticket_type)
    done = at_once(4, lambda number: order(fay, meet))
    assert sum(isinstance(each, Order) for each in done) == 1


def test_staff_say_what_it_goes_with(api, olga, event, ticket_type):
    body = {"name": "Early entry", "price": 1_000, "quantity": 10, "addon_of": [str(ticket_type.pk)]}
    made = api.as_(olga).post(f"/api/v1/events/{event.pk}/ticket-types", body)
    assert (made.status_code, made.json()["addon_of"]) == (201, [str(ticket_type.pk)])
    address = f"/api/v1/ticket-types/{made.json()['id']}"
    assert api.as_(olga).patch(address, {"addon_of": []}).json()["addon_of"] == []
    old = AuditLog.objects.filter(action="ticket_type.changed").latest("id").old_values
    assert old == {"addon_of": [str(ticket_type.pk)]}


def test_it_goes_with_others_of_its_event_and_with_no_add_on(api, olga, event, ticket_type, meet):
    foreign = TicketTypeFactory()
    address = f"/api/v1/ticket-types/{meet.pk}"
    for parent in (foreign, meet):
        assert api.as_(olga).patch(address, {"addon_of": [str(parent.pk)]}).status_code == 422
    chain = {"addon_of": [str(meet.pk)]}
    other = TicketTypeFactory(event=event)
    assert api.as_(olga).patch(f"/api/v1/ticket-types/{other.pk}", chain).status_code == 422
    assert (
        api.as_(olga).patch(f"/api/v1/ticket-types/{ticket_type.pk}", {"addon_of": [str(other.pk)]}).status_code == 422
    )
    assert list(meet.addon_of.all()) == [ticket_type]


def test_a_type_that_others_go_with_is_not_deleted(api, olga, ticket_type, meet):
    answer = api.as_(olga).delete(f"/api/v1/ticket-types/{ticket_type.pk}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ticket_type_in_use")
    assert api.as_(olga).delete(f"/api/v1/ticket-types/{meet.pk}").status_code == 204


def test_the_console_says_it_too(olga, event, ticket_type):
    typed = {
        "event": event.pk, "name": "Early entry", "description": "", "price": "10.00", "quantity": 10,
        "addon_of": [ticket_type.pk], "min_per_order": 1, "max_per_order": 8, "visibility": "open", "position": 0,
    }  # fmt: skip
    assert as_(olga).post(url(TicketType, "add"), typed).status_code == 302
    assert list(TicketType.objects.get(name="Early entry").addon_of.all()) == [ticket_type]
