"""Two refunds at once: one ticket, one refund; never more than was paid."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders import refunding
from orders.models import OrderRefund
from orders.refund_plan import AskedLine
from orders.tests.refunds import buy
from ticketing.inventory_check import differences
from ticketing.models import Ticket
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def ask(order, **what):
    return refunding.request(order, **what, by=None, reason="Rain", now=timezone.now())


@pytest.fixture
def order():
    return buy(UserFactory(), (TicketTypeFactory(event=EventFactory()), 3))


def succeeded(answers):
    return [each for each in answers if isinstance(each, OrderRefund)]


def test_the_same_ticket_goes_back_once(order):
    line, ticket = order.items.get(), Ticket.objects.first()
    answers = at_once(6, lambda n: ask(order, asked=[AskedLine(line.pk, 1, (ticket.pk,))]))
    assert len(succeeded(answers)) == 1
    order.refresh_from_db()
    assert (order.amount_refunded, Ticket.objects.filter(status="refunded").get()) == (5_000, ticket)


def test_as_many_pieces_go_back_as_there_are(order):
    line = order.items.get()
    answers = at_once(6, lambda n: ask(order, asked=[AskedLine(line.pk, 1)]))
    assert len(succeeded(answers)) == 3
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", 15_000)
    assert not list(differences())


def test_lines_amounts_and_the_whole_at_once_never_exceed_what_was_paid(order):
    line = order.items.get()
    deeds = [{"amount": 4_000}, {"asked": [AskedLine(line.pk, 2)]}, {}]
    at_once(6, lambda n: ask(order, **deeds[n % 3]))
    order.refresh_from_db()
    assert order.amount_refunded <= order.amount_paid
    assert sum(each.amount for each in OrderRefund.objects.all()) == order.amount_refunded
    assert not list(differences())
