"""Staff and buyers at the same moment: the event's room and the counters hold."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core.management import call_command

from events.models import Event
from orders.errors import SoldOut
from orders.models import Order
from ticketing import ticket_types
from ticketing.errors import CapacityExceeded, QuantityTooSmall, TicketTypeInUse
from ticketing.models import TicketType
from ticketing.tests.sales import order
from trufan.lib.errors import DomainError
from trufan.testing import EventFactory, TicketTypeFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def kinds(answers):
    return Counter(type(answer) for answer in answers)


def test_the_room_of_an_event_is_given_out_once(olga, venue):
    event = EventFactory(venue=venue, capacity=50)

    answers = at_once(12, lambda n: ticket_types.create(event, olga, name=f"Type {n}", price=0, quantity=10))

    assert kinds(answers) == {TicketType: 5, CapacityExceeded: 7}
    assert Event.objects.get().allocated == 50
    call_command("check_inventory")


def test_growing_and_shrinking_at_once_keeps_the_sum(olga, venue):
    event = EventFactory(venue=venue, capacity=100)
    types = [TicketTypeFactory(event=event, quantity=20) for _ in range(4)]

    answers = at_once(12, lambda n: ticket_types.change(types[n % 4], olga, quantity=10 + 5 * n))

    assert set(kinds(answers)) <= {TicketType, CapacityExceeded}
    assert Event.objects.get().allocated <= 100
    call_command("check_inventory")


def test_a_type_shrinks_to_what_buyers_left_of_it(fay, olga, ticket_type):
    def act(n):
        return order(fay, ticket_type, 5) if n else ticket_types.change(ticket_type, olga, quantity=20)

    answers = at_once(10, act)

    assert set(kinds(answers)) <= {Order, TicketType, QuantityTooSmall, SoldOut}
    ticket_type.refresh_from_db()
    assert ticket_type.held == 5 * sum(isinstance(answer, Order) for answer in answers) <= ticket_type.quantity
    call_command("check_inventory")


def test_a_type_is_deleted_or_ordered_never_both(fay, olga, event):
    for _ in range(5):
        row = TicketTypeFactory(event=event)

        def act(n: int, row: TicketType = row):
            return order(fay, row) if n else ticket_types.delete(row, olga)

        answers = at_once(3, act)

        ordered = [answer for answer in answers if isinstance(answer, Order)]
        if answers[0] is None:
            assert not ordered
            assert all(isinstance(answer, DomainError) for answer in answers[1:])
        else:
            assert isinstance(answers[0], TicketTypeInUse)
            assert len(ordered) == 2
        call_command("check_inventory")
