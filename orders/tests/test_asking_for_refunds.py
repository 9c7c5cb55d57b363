"""What is written when a refund is asked for, out of which payments it goes, and when it may be asked for again."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from audit.models import AuditLog
from orders import refunding
from orders.models import Order, OrderRefund
from orders.refund_plan import AskedLine
from orders.signals import taken_back_free
from orders.tests.refunds import buy, send
from payments import refunds
from payments.errors import PaymentDisputed, RefundExceedsPayment
from payments.gateways.base import RefundOutcome
from payments.models import Payment, Refund
from payments.tests.factories import PaymentFactory
from ticketing.models import Ticket
from trufan.testing import TicketTypeFactory

NOW = timezone.now()


@pytest.fixture
def order(fay, ticket_type):
    """Two tickets for 50.00 each."""
    return buy(fay, (ticket_type, 2))


@pytest.fixture
def told():
    """The refunds that were said to have cost nothing."""
    heard: list[OrderRefund] = []

    def hear(refund: OrderRefund, **_: Any) -> None:
        heard.append(refund)

    taken_back_free.connect(hear)
    yield heard
    taken_back_free.disconnect(hear)


def ask(order, *lines, **more):
    """Ask for so many pieces of the lines of these types; without any, for all."""
    asked = [AskedLine(order.items.get(item_id=kind.pk).pk, quantity) for kind, quantity in lines]
    return refunding.request(order, **{"asked": asked or None, "by": None, "reason": "Rain", "now": NOW, **more})


def give_back(order, kind, amount):
    item = order.items.get(item_id=kind.pk)
    return refunding.give_back(order, item.pk, amount, by=None, reason="Cheaper", now=NOW)


def refuse(refund):
    for part in refund.parts.all():
        refunds.settle(part.pk, RefundOutcome("", Refund.Status.FAILED, "No."), NOW)


def again(refund):
    """What the order says when its refund is to be asked for again."""
    answer = refunding.refuse_again(Order.objects.get(pk=refund.order_id), refund.parts.first())
    return answer and answer.code


def on_their_way():
    return Ticket.objects.exclude(returning_at=None).count()


# --- What is written ---


def test_it_is_written_who_asked_and_why(order, olga, ticket_type):
    refund = ask(order, (ticket_type, 1), by=olga, reason="x" * 300)
    refund.refresh_from_db()
    assert (refund.requested_by, refund.reason, refund.by_buyer) == (olga, "x" * 200, False)


def test_tickets_that_are_asked_back_admit_nobody_and_a_kindness_leaves_them(order, ticket_type):
    ask(order, amount=100)
    assert on_their_way() == 0
    ask(order, (ticket_type, 1))
    assert on_their_way() == 1


def test_what_cost_nothing_is_taken_back_at_once_and_said_to_be(fay, olga, event, order, told):
    free = TicketTypeFactory(event=event, price=0)
    gone = ask(buy(fay, (free, 2)), by=olga)
    assert told == [gone]
    entry = AuditLog.objects.get(action="order.refunded")
    assert (entry.new_values["amount"], entry.new_values["refund"], entry.actor_id) == (0, str(gone.pk), olga.pk)
    ask(order)
    assert told == [gone]


def test_all_of_an_order_is_answered_with_the_order_as_it_then_is(fay, event):
    orders = [buy(fay, (TicketTypeFactory(event=event, price=0), 1)) for _ in range(2)]
    for order in orders:
        after = refunding.refund_order(order, by=None, reason="Rain", now=NOW)
        assert (after.pk, after.status) == (order.pk, "refunded")


# --- A part of a line, while its buyer keeps it ---


def test_a_part_of_a_line_goes_back_while_its_buyer_keeps_it(fay, event, ticket_type, olga):
    other = TicketTypeFactory(event=event, price=3_000)
    order = buy(fay, (ticket_type, 1), (other, 1))
    item = order.items.get(item_id=other.pk)
    part = refunding.give_back(order, item.pk, 1_000, by=olga, reason="Cheaper", now=NOW)
    assert (part.kind, part.amount, part.by_buyer, part.requested_by) == ("amount", 1_000, False, olga)
    assert part.parts.get().lines == {str(item.pk): 1_000}
    entry = AuditLog.objects.get(action="order.refund_requested")
    assert (entry.new_values["of"], entry.new_values["amount"]) == (str(item.pk), 1_000)
    assert on_their_way() == 0


def test_no_more_of_a_line_goes_back_than_is_left_of_it(fay, event, ticket_type):
    order = buy(fay, (ticket_type, 1), (TicketTypeFactory(event=event, price=3_000), 1))
    assert give_back(order, ticket_type, 4_999).amount == 4_999
    assert give_back(order, ticket_type, 9_999).amount == 1, "a cent that is left goes back"
    assert give_back(order, ticket_type, 1) is None


def test_no_more_of_a_line_goes_back_than_is_left_of_the_order(order, ticket_type):
    ask(order, amount=9_000)
    assert give_back(order, ticket_type, 9_999).amount == 1_000


def test_no_part_of_a_line_goes_back_while_a_bank_decides(order, ticket_type, monkeypatch):
    def disputed(payable):
        raise PaymentDisputed

    monkeypatch.setattr("orders.refunding.refunds.refuse_disputed", disputed)
    with pytest.raises(PaymentDisputed):
        give_back(order, ticket_type, 1)


# --- Out of which payments ---


def test_a_payment_of_which_nothing_is_needed_is_asked_for_nothing(order, ticket_type):
    PaymentFactory(order=order, status="succeeded", counted=False, provider_id="pi_2")
    refund = ask(order, (ticket_type, 2))
    assert refund.parts.get().payment.counted


def test_what_was_paid_in_two_goes_back_line_by_line_to_the_cent(fay, event):
    kinds = [TicketTypeFactory(event=event, price=price) for price in (3_333, 6_667)]
    order = buy(fay, *((kind, 1) for kind in kinds))
    Payment.objects.update(amount=1_001)
    PaymentFactory(order=order, status="succeeded", counted=True, provider_id="pi_2", amount=8_999)
    refund = ask(order, *((kind, 1) for kind in kinds))
    parts = [part.lines for part in refund.parts.order_by("amount")]
    assert [sum(lines.values()) for lines in parts] == [1_001, 8_999]
    items = [str(order.items.get(item_id=kind.pk).pk) for kind in kinds]
    assert [sum(lines[item] for lines in parts) for item in items] == [3_333, 6_667]


def test_no_more_goes_back_than_the_payments_have_whatever_the_order_says(order, ticket_type):
    Payment.objects.update(amount_disputed=3_000)
    PaymentFactory(order=order, status="failed", provider_id="pi_2")
    with pytest.raises(RefundExceedsPayment, match=r"Only \$70\.00 of this order") as refusal:
        ask(order, (ticket_type, 2))
    assert refusal.value.data["left"] == 7_000
    assert not OrderRefund.objects.exists()


# --- Asked for again ---


def test_a_refund_that_failed_may_be_asked_for_again(order, ticket_type):
    for quantity in (1, 2):
        refund = ask(order, (ticket_type, quantity))
        refuse(refund)
        assert again(refund) is None


def test_one_that_is_under_way_is_none_of_this(order, ticket_type):
    assert again(ask(order, (ticket_type, 1))) is None


def test_not_once_its_pieces_went_otherwise(order, ticket_type):
    failed = ask(order, (ticket_type, 2))
    refuse(failed)
    ask(order, (ticket_type, 1))
    assert again(failed) == "already_refunded"


def test_not_once_its_line_became_cheaper(order, ticket_type):
    failed = ask(order, (ticket_type, 2))
    refuse(failed)
    give_back(order, ticket_type, 1)
    assert again(failed) == "already_refunded"


def test_not_once_its_very_ticket_is_on_its_way_otherwise(order, ticket_type):
    asked = [AskedLine(order.items.get().pk, None, (Ticket.objects.first().pk,))]
    failed = ask(order, asked=asked)
    refuse(failed)
    ask(order, asked=asked)
    assert again(failed) == "already_refunded"


def test_a_part_of_a_line_may_be_asked_for_again_while_as_much_is_left_of_it(order, ticket_type):
    failed = give_back(order, ticket_type, 9_000)
    refuse(failed)
    give_back(order, ticket_type, 1_000)
    assert again(failed) is None
    give_back(order, ticket_type, 1)
    assert again(failed) == "already_refunded"


def test_some_of_what_cost_nothing_may_be_asked_for_again_with_what_did(fay, event, ticket_type):
    free = TicketTypeFactory(event=event, price=0)
    order = buy(fay, (ticket_type, 1), (free, 2))
    failed = ask(order, (ticket_type, 1), (free, 1))
    refuse(failed)
    assert again(failed) is None
    refunding.retry(failed, by=None, now=NOW)
    send(failed)
    assert order.items.get(item_id=free.pk).quantity_left == 1
