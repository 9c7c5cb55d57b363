"""A guest's exchange hands its new order's access code to the guest, and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from orders import access
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.models import Order
from payments import charges
from ticketing.models import Ticket, TicketType
from trufan.testing import TicketTypeFactory

GUEST = Contact(email="gil@example.com", phone="+12125550123", name="Gil Guest")


@pytest.fixture
def kind(event) -> TicketType:
    event.configuration = {"exchange_policy": {"until_hours_before_start": 0}}
    event.save()
    return TicketTypeFactory(event=event)


@pytest.fixture
def bought(ticket_type) -> Order:
    """A guest's paid order of one ticket."""
    placed = place_order(cart_lines([("ticket", ticket_type.pk, 1)]), user=None, contact=GUEST, now=timezone.now())
    charges.start(placed, payer=None, payment_method="pm_card_visa", now=timezone.now())
    return placed


def ask(caller: Any, order: Order, kind: TicketType, code: str = "") -> Any:
    ticket = Ticket.objects.get(order=order)
    body = {"tickets": [str(ticket.pk)], "ticket_type": str(kind.pk)}
    return caller.post(path(order), body, headers={"X-Order-Access-Code": code} if code else {})


def path(order: Order) -> str:
    return f"/api/v1/orders/{order.pk}/exchanges"


def codes(answer: Any) -> list[str | None]:
    return [row["access_code"] for row in answer.json()["results"]]


def test_the_guest_is_told_the_code_of_the_new_order(api, bought, kind):
    code = access.code_for(bought)

    made = ask(api, bought, kind, code)

    new = Order.objects.get(pk=made.json()["new_order"])
    assert made.json()["access_code"] == access.code_for(new)
    assert codes(api.get(path(bought), headers={"X-Order-Access-Code": code})) == [access.code_for(new)]


def test_staff_who_see_orders_are_not(api, bought, kind, gus, olga):
    ask(api, bought, kind, access.code_for(bought))

    assert codes(api.as_(gus).get(path(bought))) == [None]
    assert codes(api.as_(olga).get(path(bought))) == [None]


def test_staff_who_exchange_for_a_guest_are_not_either(api, bought, kind, olga):
    made = ask(api.as_(olga), bought, kind)

    assert made.status_code == 201
    assert made.json()["access_code"] is None
