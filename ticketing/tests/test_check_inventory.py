"""`manage.py check_inventory` proves that counters equal rows, and names what does not."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from events.models import Event
from orders.cancellation import cancel
from orders.refunding import refund_order
from ticketing.models import Ticket, TicketType
from ticketing.tests.sales import buy, order
from trufan.testing import TicketTypeFactory


@pytest.fixture
def sales(fay, olga, event, ticket_type, django_capture_on_commit_callbacks):
    """Held, bought, given up and refunded; a type nobody wanted; a free one."""
    order(fay, ticket_type, 2)
    buy(fay, ticket_type, 3)
    cancel(order(fay, ticket_type, 4), by=fay, now=timezone.now())
    TicketTypeFactory(event=event)
    buy(fay, TicketTypeFactory(event=event, price=0), 2)
    refunded = buy(fay, ticket_type, 5)[0].order
    with django_capture_on_commit_callbacks(execute=True):
        refund_order(refunded, by=olga, reason="", now=timezone.now())
    return ticket_type


def check():
    said = StringIO()
    try:
        call_command("check_inventory", stdout=said)
    except CommandError as refusal:
        assert refusal.returncode == 1
        return said.getvalue().splitlines()
    return []


def test_after_all_sorts_of_sales_the_counters_hold(sales):
    sales.refresh_from_db()
    assert (sales.held, sales.sold) == (2, 3)
    assert check() == []


def test_a_wrong_hold_is_named(sales):
    TicketType.objects.filter(pk=sales.pk).update(held=5)
    (line,) = check()
    assert str(sales.pk) in line
    assert "held is 5, the lines say 2" in line


def test_a_wrong_sale_is_named_by_lines_and_by_tickets(sales):
    TicketType.objects.filter(pk=sales.pk).update(sold=4)
    said = [line.partition(": ")[2] for line in check()]
    assert said == ["sold is 4, the lines say 3", "sold is 4, the tickets say 3"]


def test_a_ticket_that_is_missing_is_noticed(sales):
    Ticket.objects.filter(ticket_type=sales, status="valid").first().delete()
    assert [line.partition(": ")[2] for line in check()] == ["sold is 3, the tickets say 2"]


def test_a_wrong_allotment_is_named(sales, event):
    Event.objects.filter(pk=event.pk).update(allocated=7)
    (line,) = check()
    assert f"event {event.pk}" in line
    assert "allocated is 7, the ticket types say 300" in line


def test_an_event_whose_last_type_is_gone_still_counts(event):
    Event.objects.filter(pk=event.pk).update(allocated=7)
    (line,) = check()
    assert "allocated is 7, the ticket types say 0" in line
