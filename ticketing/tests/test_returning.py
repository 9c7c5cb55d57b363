"""A ticket whose refund is on its way admits nobody, until the refund fails."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import timezone

from orders import refunding
from orders.models import Order
from orders.refund_plan import AskedLine
from orders.tests.refunds import send
from payments import refunds
from payments.gateways.base import RefundOutcome
from payments.models import Refund
from ticketing import codes
from ticketing.door import checkin, passing
from ticketing.errors import NotAdmitted
from ticketing.models import Ticket
from ticketing.tests.sales import buy


@pytest.fixture
def tickets(fay, ticket_type):
    """Two, of one line."""
    return buy(fay, ticket_type, 2)


@pytest.fixture
def ask(fay):
    def request(ticket, **more):
        line = AskedLine(ticket.order_item_id, tickets=(ticket.pk,))
        order = Order.objects.get(pk=ticket.order_id)
        return refunding.request(order, **{"asked": [line], **more}, by=fay, reason="Ill", now=timezone.now())

    return request


def scan(ticket, gus):
    ticket = Ticket.objects.with_event().get(pk=ticket.pk)
    answer = checkin.scan(codes.sign(ticket), by=gus, nonce=uuid4().hex, now=timezone.now())
    return answer.result, answer.reason


def refuse(refund):
    for part in refund.parts.all():
        refunds.settle(part.pk, RefundOutcome("", Refund.Status.FAILED, "No."), timezone.now())


def test_from_the_request_on_it_is_refused_and_its_twin_is_not(tickets, ask, gus):
    going, staying = tickets
    ask(going)
    assert scan(going, gus) == ("refused", "refund_pending")
    assert scan(staying, gus) == ("accepted", "")


def test_once_the_money_went_it_is_refunded(tickets, ask, gus):
    send(ask(tickets[0]))
    assert scan(tickets[0], gus) == ("refused", "refunded")


def test_when_the_refund_fails_it_admits_again_and_a_retry_stops_it_again(tickets, ask, gus, olga):
    refund = ask(tickets[0])
    refuse(refund)
    assert Ticket.objects.get(pk=tickets[0].pk).returning_at is None
    refunding.retry(refund, by=olga, now=timezone.now())
    assert scan(tickets[0], gus) == ("refused", "refund_pending")
    refuse(refund)
    assert scan(tickets[0], gus) == ("accepted", "")


def test_nobody_admits_it_by_hand(tickets, ask, gus):
    ask(tickets[0])
    with pytest.raises(NotAdmitted) as refusal:
        checkin.admit(Ticket.objects.get(pk=tickets[0].pk), gus, timezone.now())
    assert refusal.value.details[0].code == "refund_pending"


def test_a_full_refund_stops_every_ticket(tickets, ask, gus):
    ask(tickets[0], asked=None)
    assert [scan(ticket, gus)[1] for ticket in tickets] == ["refund_pending"] * 2


def test_an_amount_stops_none(tickets, ask, gus):
    ask(tickets[0], asked=None, amount=100)
    assert scan(tickets[0], gus) == ("accepted", "")


def test_a_refund_asked_for_between_the_look_and_the_update_still_counts(tickets, ask, monkeypatch, gus):
    """The door read the ticket before the refund was asked for, and writes after it."""
    inwards, asked = passing.inwards, []

    def refund_first(ticket, gate, at):
        if not asked:
            asked.append(ask(tickets[0]))
        return inwards(ticket, gate, at)

    monkeypatch.setattr(passing, "inwards", refund_first)
    assert scan(tickets[0], gus) == ("refused", "refund_pending")


def test_the_door_says_it_in_words(api, tickets, ask, gus):
    ask(tickets[0])
    ticket = Ticket.objects.with_event().get(pk=tickets[0].pk)
    said = api.as_(gus).post("/api/v1/checkin/scans", {"code": codes.sign(ticket), "nonce": uuid4().hex}).json()
    assert (said["reason"], said["message"]) == ("refund_pending", "This ticket is being refunded.")
