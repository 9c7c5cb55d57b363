"""`manage.py check_inventory` sees a seat that does not agree with its ticket type or its ticket."""

from __future__ import annotations

import pytest

from events.models import Event
from ticketing.models import EventSeat, Ticket, TicketType
from ticketing.seats.inventory_check import differences
from ticketing.seats.tests.seated import asking, order, pay

pytestmark = pytest.mark.usefixtures("seating")


def test_after_a_sale_all_is_right(fay, gold):
    pay(order(fay, asking(gold, 2)), fay)
    order(fay, asking(gold, 1))
    assert list(differences()) == []


def test_a_seat_freed_behind_the_counters_back_is_noticed(fay, gold, event):
    order(fay, asking(gold, 2))
    EventSeat.objects.filter(event=event, label="A-A-1").update(status="free", order_item=None)
    (found,) = differences()
    assert (found.counter, found.counted, found.found) == ("held", 2, 1)


def test_a_quantity_that_is_not_its_seats_is_noticed(gold, event):
    TicketType.objects.filter(pk=gold.pk).update(quantity=17)
    Event.objects.filter(pk=event.pk).update(allocated=25)
    (found,) = differences()
    assert (found.counter, found.counted, found.found) == ("quantity", 17, 18)


def test_a_ticket_that_says_another_seat_is_noticed(fay, gold):
    (ticket,) = pay(order(fay, asking(gold, 1, "A-A-1")), fay)
    Ticket.objects.filter(pk=ticket.pk).update(seat="A-A-2")
    (found,) = differences()
    assert found.kind == "seat"
