"""Any series of refunds: never more than was paid, and every cent once every piece went back."""

from __future__ import annotations

import contextlib

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import refunding
from orders.errors import AlreadyRefunded, NotRefundable, RefundRefused
from orders.models import Order, OrderRefund
from orders.pricing import Tip
from orders.refund_plan import AskedLine
from orders.tests.carts import buy
from orders.tests.refunds import send
from payments import refunds
from payments.errors import RefundExceedsPayment
from payments.gateways.base import RefundOutcome
from payments.models import Refund
from ticketing.inventory_check import differences
from ticketing.models import Ticket
from trufan.testing import (
    EventFactory,
    ProductVariantFactory,
    TaxRateFactory,
    TicketTypeFactory,
    UserFactory,
    VenueFactory,
    examples,
)

REFUSED = RefundOutcome("", Refund.Status.FAILED, "No")
carts = st.lists(st.tuples(st.sampled_from([0, 1, 99, 1_000, 3_333]), st.integers(1, 4)), min_size=1, max_size=3)
steps = st.lists(
    st.tuples(
        st.sampled_from(["piece", "line", "amount", "refused", "retry", "pending", "answer"]),
        st.integers(0, 3),
        st.integers(1, 3_000),
    ),
    max_size=8,
)


def bought(cart, rates, fee, tip) -> Order:
    venue = VenueFactory(ticket_fee_fixed=fee, ticket_fee_ppm=31_000)
    for number, (ppm, is_inclusive) in enumerate(rates):
        TaxRateFactory(venue=venue, name=f"Tax {number}", rate_ppm=ppm, is_inclusive=is_inclusive)
    event = EventFactory(venue=venue)
    lines = [(TicketTypeFactory(event=event, price=price), quantity) for price, quantity in cart]
    if tip:
        lines.append((ProductVariantFactory(product__outlet__venue=venue), 2))
    return buy(UserFactory(), *lines, tip=Tip(tip))


def ask(order, **what):
    return refunding.request(order, **what, by=None, reason="Rain", now=timezone.now())


def take(order: Order, step: str, at: int, amount: int) -> None:
    items = list(order.items.all())
    item = items[at % len(items)]
    piece = [AskedLine(item.pk, 1)]
    match step:
        case "piece":
            send(ask(order, asked=piece))
        case "line":
            send(ask(order, asked=[AskedLine(item.pk)]))
        case "amount":
            send(ask(order, amount=amount))
        case "pending":
            ask(order, asked=piece)
        case "refused":
            for part in ask(order, asked=piece).parts.all():
                refunds.settle(part.pk, REFUSED, timezone.now())
        case "retry":
            for part in Refund.objects.filter(order_refunds__order=order, status="failed")[:1]:
                refunds.retry(part, by=None, now=timezone.now())
        case "answer":
            answer_all(order)


def answer_all(order: Order) -> None:
    for refund in order.refunds.all():
        send(refund)


def check(order: Order) -> None:
    order.refresh_from_db()
    parts = Refund.objects.filter(order_refunds__order=order).exclude(status="failed")
    assert sum(part.amount for part in parts) <= order.amount_paid
    assert not list(differences())
    for item in order.items.filter(item_type="ticket"):
        live = Ticket.objects.live().filter(order_item=item).count()
        assert live == item.quantity_left


@pytest.mark.django_db
@settings(max_examples=examples(20), suppress_health_check=list(HealthCheck))
@given(
    carts,
    st.lists(st.tuples(st.sampled_from([70_000, 88_750, 190_000]), st.booleans()), max_size=2),
    st.sampled_from([0, 250]),
    st.sampled_from([0, 1, 499]),
    steps,
    st.randoms(use_true_random=False),
)
def test_every_cent_goes_back_once_and_no_more(cart, rates, fee, tip, series, chance):
    order = bought(cart, rates, fee, tip)
    for step, at, amount in series:
        with contextlib.suppress(NotRefundable, RefundRefused, RefundExceedsPayment, AlreadyRefunded):
            take(order, step, at, amount)
        check(order)
    answer_all(order)

    pieces = [item.pk for item in order.items.all() for _ in range(item.quantity_left)]
    chance.shuffle(pieces)
    for piece in pieces:
        order.refresh_from_db()
        if order.status == "refunded":
            break
        send(ask(order, asked=[AskedLine(piece, 1)]))
        check(order)

    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", order.amount_paid)
    assert not Ticket.objects.live().filter(order=order).exists()
    assert OrderRefund.objects.filter(order=order).exists()
