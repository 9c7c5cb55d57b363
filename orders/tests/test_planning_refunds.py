"""What a refund would be: how much is left, when the tip goes with it, and in which words it is refused."""

from __future__ import annotations

import pytest
from django.utils import timezone

from orders import refunding
from orders.errors import AlreadyRefunded, NotRefundable, RefundNotOffered, RefundRefused
from orders.models import Order
from orders.pricing import Terms, Tip
from orders.refund_plan import AskedLine, money_left, plan, rests
from orders.tests.carts import buy, place
from payments import dispute_recovery, refunds
from payments.errors import PaymentDisputed, RefundExceedsPayment
from payments.gateways import sandbox_disputes
from payments.gateways.base import RefundOutcome
from payments.models import Refund, SandboxIntent
from payments.tests.factories import PaymentFactory
from ticketing.models import Ticket
from trufan.lib.errors import Invalid
from trufan.testing import ProductVariantFactory, TicketTypeFactory

NOW = timezone.now()


@pytest.fixture
def order(fay, ticket_type):
    """Two tickets for 50.00 each."""
    return buy(fay, (ticket_type, 2))


def line(order, kind, quantity=None, *tickets):
    return AskedLine(order.items.get(item_id=kind.pk).pk, quantity, tickets)


def planned(order, *asked, **more):
    return plan(order, **{"asked": asked or None, "by_buyer": False, "now": NOW, **more})


def ask(order, *asked, **more):
    """The same, asked for and under way."""
    return refunding.request(order, asked=asked or None, by=None, reason="Rain", now=NOW, **more)


def why(refusal):
    """What is said of each line, and of all together."""
    return [each.message for each in refusal.value.details], refusal.value.message


# --- How much is left ---


def test_what_is_under_way_or_disputed_is_not_left(order, ticket_type, fay):
    ask(buy(fay, (ticket_type, 1)), amount=2_000)
    assert money_left(order) == 10_000, "another order's is nothing to this"
    ask(order, amount=3_000)
    assert money_left(order) == 7_000
    Order.objects.filter(pk=order.pk).update(amount_disputed=7_000)
    order.refresh_from_db()
    assert money_left(order) == 0


def test_what_goes_back_of_a_payment_that_the_order_never_took_is_not_its_own(order):
    second = PaymentFactory(order=order, status="succeeded", counted=False, provider_id="pi_2")
    refunds.request(second, 10_000, reason="Twice", by=None, now=NOW)
    assert money_left(order) == 10_000


def test_of_a_line_is_left_what_neither_went_nor_made_it_cheaper(order, ticket_type):
    refunding.give_back(order, order.items.get().pk, 1_000, by=None, reason="Cheaper", now=NOW)
    assert [(rest.quantity, rest.value) for rest in rests(order)] == [(2, 9_000)]
    ask(order, line(order, ticket_type, 1))
    assert [(rest.quantity, rest.value) for rest in rests(order)] == [(1, 4_500)]
    ask(order, line(order, ticket_type, 1))
    assert [(rest.quantity, rest.value) for rest in rests(order)] == [(0, 0)]


# --- The tip ---


def test_the_tip_goes_with_the_last_of_the_food_and_once(fay, venue, ticket_type):
    first, last = (ProductVariantFactory(product__outlet__venue=venue, price=1_000) for _ in range(2))
    order = buy(fay, (first, 1), (last, 1), (ticket_type, 3), tip=Tip(400))
    asked = [(ticket_type, 1), (first, 1), (last, 1), (ticket_type, 1)]
    tips = [ask(order, line(order, kind, quantity)).tip for kind, quantity in asked]
    assert tips == [0, 0, 400, 0]


def test_a_tip_that_did_not_go_after_all_goes_with_the_next(fay, venue):
    food = ProductVariantFactory(product__outlet__venue=venue, price=1_000)
    order = buy(fay, (food, 1), tip=Tip(400))
    failed = ask(order, line(order, food))
    part = failed.parts.get()
    refunds.settle(part.pk, RefundOutcome("", Refund.Status.FAILED, "No."), NOW)
    assert (failed.tip, planned(order, line(order, food)).tip) == (400, 400)
    assert refunding.refuse_again(order, part) is None


# --- Refused ---


def test_nothing_is_planned_while_a_bank_decides(order):
    kept = sandbox_disputes.open_dispute(SandboxIntent.objects.get(), NOW)
    dispute_recovery.refresh("sandbox", kept.provider_id, NOW)
    with pytest.raises(PaymentDisputed):
        planned(order)


def test_what_was_handed_out_at_the_box_office_only_its_staff_take_back(order):
    order.channel = Order.Channel.DOOR
    with pytest.raises(RefundNotOffered):
        planned(order, by_buyer=True)
    assert planned(order).amount == 10_000


@pytest.mark.parametrize("amount", [None, 1])
def test_of_what_was_not_paid_there_is_nothing_to_refund(fay, ticket_type, amount):
    with pytest.raises(NotRefundable, match="This order is pending"):
        planned(place(fay, (ticket_type, 1)), amount=amount)


@pytest.mark.parametrize(("amount", "refusal"), [(0, Invalid), (-1, Invalid), (10_001, RefundExceedsPayment)])
def test_an_amount_is_of_something_and_of_no_more_than_is_left(order, amount, refusal):
    with pytest.raises(refusal):
        planned(order, amount=amount)


@pytest.mark.parametrize("amount", [1, 10_000])
def test_an_amount_may_be_a_cent_or_all_that_is_left(order, amount):
    assert planned(order, amount=amount).amount == amount


def test_it_is_said_why_nothing_would_go_back(fay, event, ticket_type):
    free = TicketTypeFactory(event=event, price=0)
    order = buy(fay, (ticket_type, 1), (free, 1))
    with pytest.raises(NotRefundable, match="All of it is kept"):
        planned(order, line(order, ticket_type), line(order, free), kept_by=lambda item: Terms(keep_ppm=1_000_000))
    ask(order, line(order, ticket_type), line(order, free), kept_by=lambda item: Terms(keep_amount=1))
    with pytest.raises(NotRefundable, match="All of its lines are refunded"):
        planned(order, by_buyer=True)
    ask(order, amount=1)
    with pytest.raises(NotRefundable, match="All of its money is on its way"):
        planned(order)


def test_tickets_may_be_named_up_to_the_quantity_and_no_more(order, ticket_type):
    tickets = list(Ticket.objects.values_list("pk", flat=True))
    assert planned(order, line(order, ticket_type, 2, *tickets)).amount == 10_000
    with pytest.raises(Invalid) as refusal:
        planned(order, line(order, ticket_type, 1, *tickets))
    assert [each.field for each in refusal.value.details] == ["items[0].tickets"]


def test_it_is_said_how_many_pieces_are_left(order, ticket_type):
    ask(order, line(order, ticket_type, 1))
    with pytest.raises(RefundRefused) as refusal:
        planned(order, line(order, ticket_type, 2))
    said = "Only 1 of General Admission, Opening Night can still be refunded."
    assert why(refusal) == ([said], said)
    ask(order, line(order, ticket_type, 1))
    with pytest.raises(RefundRefused) as refusal:
        planned(order, line(order, ticket_type, 1))
    assert why(refusal) == ([AlreadyRefunded.message], AlreadyRefunded.message)


def test_of_several_lines_that_are_refused_each_says_its_own(fay, event, ticket_type):
    other = TicketTypeFactory(event=event, name="Balcony")
    order = buy(fay, (ticket_type, 1), (other, 1))
    with pytest.raises(RefundRefused) as refusal:
        planned(order, line(order, ticket_type, 2), line(order, other, 2))
    said, together = why(refusal)
    assert (len(set(said)), together) == (2, RefundRefused.message)
