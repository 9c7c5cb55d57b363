"""Whatever is bought, at whatever rates, with whatever codes and tips: it adds up, is shared out, and goes back."""

from __future__ import annotations

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import refunding
from orders.errors import CartRefused
from orders.models import Order, PromoCode
from orders.pricing import Tip
from orders.refund_plan import AskedLine
from orders.tests.carts import buy
from orders.tests.refunds import send
from payments.models import ConnectedAccount
from trufan.testing import (
    EventFactory,
    OutletFactory,
    ProductFactory,
    ProductVariantFactory,
    TaxRateFactory,
    TicketTypeFactory,
    UserFactory,
    VenueFactory,
    examples,
)
from venues import payouts
from venues.models import FeeRule

prices = st.sampled_from([0, 1, 99, 1_000, 3_333, 12_345])
quantities = st.integers(1, 4)
tickets = st.lists(st.tuples(prices, quantities), max_size=2)
food = st.lists(st.tuples(prices, quantities, st.booleans()), min_size=1, max_size=3)
rates = st.lists(st.tuples(st.sampled_from([50_000, 88_750, 200_000]), st.booleans()), max_size=2)
codes = st.lists(
    st.sampled_from([
        {"kind": "percent", "ppm": 333_333},
        {"kind": "percent", "ppm": 1_000_000, "item_type": "product"},
        {"kind": "percent", "ppm": 1_000_000},
        {"kind": "fixed", "amount": 777},
        {"kind": "free_item", "pieces": 2},
        {"kind": "percent", "ppm": 500_000, "maximum": 101},
    ]),
    max_size=2,
)  # fmt: skip
tips = st.sampled_from([Tip(), Tip(1), Tip(ppm=180_000), Tip(ppm=333_300)])
charges = st.sampled_from([0, 125_000, 180_000])


def bought(sold, eaten, taxes, off, tip, charge, keeps_fee) -> Order | None:
    """A paid order at a venue of its own; None where one of the codes takes nothing off."""
    venue = VenueFactory(ticket_fee_fixed=150, ticket_fee_ppm=25_000)
    for number, (ppm, inside) in enumerate(taxes):
        for category in ("ticket", "food", "fee", "service_charge"):
            TaxRateFactory(venue=venue, name=f"Tax {number}", category=category, rate_ppm=ppm, is_inclusive=inside)
    for kind in ("ticket", "product"):
        FeeRule.objects.create(venue=venue, kind=kind, paid_by="venue", ppm=31_000)
        FeeRule.objects.create(venue=venue, kind=kind, paid_by="buyer", fixed=25 if keeps_fee else 0)
    stand = ConnectedAccount.objects.create(venue_id=venue.pk, name="Stand", provider="sandbox", country="US")
    own = OutletFactory(venue=venue, service_charge_ppm=charge, connected_account=stand)
    house = OutletFactory(venue=venue)
    event = EventFactory(venue=venue)
    lines = [(TicketTypeFactory(event=event, price=price), quantity) for price, quantity in sold]
    for price, quantity, at_stand in eaten:
        product = ProductFactory(outlet=own if at_stand else house)
        lines.append((ProductVariantFactory(product=product, price=price), quantity))
    for number, terms in enumerate(off):
        PromoCode.objects.create(venue=venue, code=f"CODE{number}", is_stackable=True, **terms)
    try:
        return buy(UserFactory(), *lines, tip=tip, codes=[f"CODE{n}" for n in range(len(off))])
    except CartRefused:
        return None


def check_sums(order: Order) -> None:
    items = list(order.items.all())
    assert sum(item.total for item in items) + order.tip == order.amount_total
    for item in items:
        assert item.net + item.tax == item.total
        assert sum(line["amount"] for line in item.tax_lines) == item.tax
        assert sum(part["amount"] for part in item.discounts) == item.discount <= item.unit_price * item.quantity
    for name, of_item in (("discount", "discount"), ("fees", "fee"), ("tax", "tax"), ("service_charge",) * 2):
        assert sum(getattr(item, of_item) for item in items) == getattr(order, name)
    on_top = sum(line["amount"] for item in items for line in item.tax_lines if not line["inclusive"])
    shown = order.subtotal - order.discount + order.fees + order.service_charge + order.tip
    assert shown + on_top == order.amount_total


def check_shares(order: Order) -> None:
    shares = order.shares()
    assert sum(share.amount for share in shares) == order.amount_total
    assert sum(share.amount for share in shares if share.reason == "tip") == order.tip
    assert all(share.account_id is not None for share in shares if share.reason == "tip")
    paid_for = {item.pk: item for item in order.items.all()}
    own = payouts.recipient_of(order.venue)
    served = {item.recipient_id or own for item in paid_for.values() if item.food_net is not None}
    assert {share.account_id for share in shares if share.reason == "tip"} <= served
    to_platform = sum(share.amount for share in shares if share.account_id is None)
    assert to_platform == sum(item.platform_fee for item in paid_for.values())


@pytest.mark.django_db
@settings(max_examples=examples(20), suppress_health_check=list(HealthCheck))
@given(tickets, food, rates, codes, tips, charges, st.booleans(), st.randoms(use_true_random=False))
def test_lines_shares_and_refunds_of_any_order_come_to_its_total(
    sold, eaten, taxes, off, tip, charge, keeps_fee, chance
):
    order = bought(sold, eaten, taxes, off, tip, charge, keeps_fee)
    if order is None:
        return
    assert order.status == "paid"
    check_sums(order)
    check_shares(order)

    pieces = [item for item in order.items.all() for _ in range(item.quantity)]
    chance.shuffle(pieces)
    food_left = sum(1 for item in pieces if item.food_net is not None)
    while pieces:
        going = [pieces.pop() for _ in range(min(len(pieces), chance.randint(1, 3)))]
        food_left -= sum(1 for item in going if item.food_net is not None)
        asked = [AskedLine(item.pk, going.count(item)) for item in {item.pk: item for item in going}.values()]
        refund = refunding.request(order, asked=asked, by=None, reason="Rain", now=timezone.now())
        send(refund)
        order.refresh_from_db()
        given_back = sum(each.tip for each in order.refunds.all())
        assert given_back == (0 if food_left else order.tip)
    assert (order.status, order.amount_refunded) == ("refunded", order.amount_paid)


@pytest.mark.django_db
@settings(max_examples=examples(8), suppress_health_check=list(HealthCheck))
@given(food, rates, tips, charges, st.integers(1, 4_000))
def test_after_some_money_the_pieces_and_the_tip_come_to_the_rest(eaten, taxes, tip, charge, amount):
    order = bought([], eaten, taxes, [], tip, charge, False)
    if order is None or order.amount_paid < amount:
        return
    send(refunding.request(order, amount=amount, by=None, reason="Cold", now=timezone.now()))
    for item in order.items.all():
        order.refresh_from_db()
        if order.status == "refunded":
            break
        send(refunding.request(order, asked=[AskedLine(item.pk)], by=None, reason="Rain", now=timezone.now()))
    order.refresh_from_db()
    assert (order.status, order.amount_refunded) == ("refunded", order.amount_paid)
