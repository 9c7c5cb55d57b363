"""When an event is called off, nobody is charged for it any more."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from events import lifecycle
from events.models import Event
from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.models import Order
from payments.models import Payment
from ticketing.models import TicketType
from ticketing.tests.sales import buy, order
from trufan.testing import EventFactory, TicketTypeFactory


def call_off(event: Event, by: User) -> None:
    lifecycle.cancel(event, by=by, now=timezone.now())


def test_what_was_held_for_it_is_given_up(olga: User, fay: User, event: Event, ticket_type: TicketType) -> None:
    orders = [order(fay, ticket_type, 2), order(None, ticket_type)]

    call_off(event, olga)

    ticket_type.refresh_from_db()
    assert (ticket_type.held, ticket_type.sold) == (0, 0)
    assert {Order.objects.get(pk=placed.pk).status for placed in orders} == {"cancelled"}
    assert AuditLog.objects.filter(action="order.cancelled", actor=olga).count() == 2


def test_it_charges_nobody(api: Any, olga: User, fay: User, event: Event, ticket_type: TicketType) -> None:
    placed = order(fay, ticket_type)
    call_off(event, olga)

    answer = api.as_(fay).post(f"/api/v1/orders/{placed.pk}/pay", {"payment_method": "pm_card_visa"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_payable")
    assert not Payment.objects.exists()


def test_what_was_sold_and_what_others_hold_stays(olga: User, fay: User, event: Event, ticket_type: TicketType) -> None:
    sold = buy(fay, ticket_type)[0].order
    elsewhere = order(fay, TicketTypeFactory(event=EventFactory(venue=event.venue)))

    call_off(event, olga)

    assert [Order.objects.get(pk=row.pk).status for row in (sold, elsewhere)] == ["paid", "pending"]


def test_a_cart_for_two_events_is_given_up_whole(olga: User, fay: User, event: Event, ticket_type: TicketType) -> None:
    other = TicketTypeFactory(event=EventFactory(venue=event.venue))
    lines = cart_lines((TicketType.sellable_type, thing.pk, 1) for thing in (ticket_type, other))
    place_order(lines, user=fay, contact=Contact(), now=timezone.now())

    call_off(event, olga)

    other.refresh_from_db()
    assert (other.held, Order.objects.get().status) == (0, "cancelled")
