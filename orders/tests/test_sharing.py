"""What of an order is whose: platform fees on top or out of the price, lines of several recipients, tips."""

from __future__ import annotations

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from events import offers
from events.models import Event
from orders.cart import cart_lines
from orders.checkout import preview
from orders.pricing import LineAmounts, platform_fee
from orders.sharing import LineMoney, share_out
from orders.tests.test_holds import place
from payments.payable import Share
from ticketing.models import TicketType
from trufan.lib.ids import uuid7
from trufan.testing import TaxRateFactory
from venues import fees
from venues.errors import FeeRuleTaken
from venues.models import FeeRule, Venue

VENUE, STAND = uuid7(), uuid7()
money = st.integers(0, 10**9)


@given(
    lines=st.lists(st.tuples(money, money, st.booleans()), max_size=8),
    tip=money,
)
def test_shares_add_up_to_the_order(lines, tip):
    sold = [LineMoney(uuid7(), STAND if own else VENUE, total, min(fee, total)) for total, fee, own in lines]
    total = sum(line.total for line in sold) + tip
    shares = share_out(sold, total, VENUE)
    assert sum(share.amount for share in shares) == total
    assert all(share.amount > 0 for share in shares)
    assert sum(share.amount for share in shares if share.account_id is None) == sum(line.platform_fee for line in sold)
    assert sum(share.amount for share in shares if share.reason == "tip") == tip


def test_an_order_without_lines_is_the_venues():
    assert share_out([], 500, VENUE) == [Share(VENUE, 500, "tip")]


def test_lines_beyond_the_total_are_an_error():
    with pytest.raises(ValueError, match="no more than its total"):
        share_out([LineMoney(uuid7(), VENUE, 501, 0)], 500, VENUE)


@pytest.mark.parametrize(
    ("net", "on_top", "out_of_price", "expected"),
    [(1_000, 0, 300, 300), (1_000, 200, 300, 500), (1_000, 200, 900, 1_000), (0, 0, 300, 0)],
)
def test_the_venue_never_pays_more_than_the_line_brings_it(net, on_top, out_of_price, expected):
    assert platform_fee(LineAmounts(net, 0, on_top, net, 50), on_top, out_of_price) == expected


@pytest.fixture
def ruled(venue, ada):
    fees.add(venue, ada, kind="ticket", paid_by="buyer", fixed=100, ppm=10_000)
    fees.add(venue, ada, kind="ticket", paid_by="venue", fixed=25, ppm=20_000)
    Venue.objects.filter(pk=venue.pk).update(ticket_fee_fixed=150)


@pytest.mark.django_db
def test_an_order_keeps_the_fees_it_was_placed_at(ruled, venue, fay, ada, ticket_type):
    TaxRateFactory(venue=venue, rate_ppm=100_000)
    order = place(fay, (ticket_type, 2))
    item = order.items.get()
    # On top of 50.00: the venue's own 1.50 and the platform's 1.00 + 1 %; out of it 0.25 + 2 %.
    assert (item.fee, item.platform_fee) == (2 * (150 + 150), 2 * (150 + 125))
    assert order.amount_total == 2 * (5_000 + 500 + 300)
    fees.change(FeeRule.objects.get(paid_by="venue"), ada, fixed=999)
    shares = order.shares()
    venue.refresh_from_db()
    assert [(share.account_id, share.amount) for share in shares] == [
        (None, 550),
        (venue.connected_account_id, order.amount_total - 550),
    ]


@pytest.mark.django_db
def test_the_price_shown_has_the_buyers_fee_in_it(ruled, event, ticket_type):
    row = TicketType.objects.with_fees().get()
    shown = offers.annotate(Event.objects.filter(pk=event.pk), timezone.now()).get()
    cart = preview(cart_lines([("ticket", ticket_type.pk, 1)]), timezone.now())
    assert row.all_in(row.price) == shown.price_from == shown.price_to == cart.amounts.total == 5_000 + 150 + 150


@pytest.mark.django_db
def test_a_fee_that_is_switched_off_or_of_another_kind_is_not_charged(ruled, venue, ada, fay, ticket_type):
    fees.add(venue, ada, kind="product", paid_by="buyer", fixed=5_000)
    for rule in FeeRule.objects.filter(kind="ticket"):
        fees.change(rule, ada, is_active=False)
    assert place(fay, (ticket_type, 1)).items.get().platform_fee == 0
    shown = offers.annotate(Event.objects.filter(pk=ticket_type.event_id), timezone.now()).get()
    assert shown.price_from == 5_150


@pytest.mark.django_db
def test_a_venue_has_one_fee_for_each_kind_and_payer(ruled, venue, ada):
    with pytest.raises(FeeRuleTaken):
        fees.add(venue, ada, kind="ticket", paid_by="buyer", fixed=1)


@pytest.mark.django_db
def test_what_is_free_bears_no_platform_fee(ruled, venue, fay, ticket_type):
    TicketType.objects.update(price=0)
    order = place(fay, (TicketType.objects.get(), 1))
    assert (order.amount_total, order.status, order.items.get().platform_fee) == (0, "paid", 0)
