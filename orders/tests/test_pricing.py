"""The arithmetic of orders: exact, and the same whoever asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.pricing import (
    LinePrice,
    Tax,
    Terms,
    Tip,
    add_up,
    platform_fee,
    price_line,
    service_charges,
    split_tax,
    unit_fee,
    worth,
)
from trufan.lib.money import share

taxes = st.lists(st.builds(Tax, st.integers(0, 400_000), st.booleans()), max_size=3)
lines = st.builds(
    LinePrice,
    quantity=st.integers(1, 50),
    unit_price=st.integers(0, 1_000_000),
    unit_fee=st.integers(0, 10_000),
    taxes=taxes,
    fee_taxes=taxes,
)


def test_an_exclusive_tax_is_added_on_top():
    amounts = price_line(LinePrice(2, 5_000, 250, taxes=[Tax(88_750)]))
    assert (amounts.subtotal, amounts.fee, amounts.net, amounts.tax, amounts.total) == (
        10_000,
        500,
        10_500,
        888,
        11_388,
    )


def test_an_inclusive_tax_is_found_inside_the_price():
    assert split_tax(11_900, [Tax(190_000, inclusive=True)]) == (10_000, 1_900)


def test_a_rate_of_nothing_inside_the_price_is_no_tax():
    assert split_tax(1_000, [Tax(0, inclusive=True)]) == (1_000, 0)


def test_a_price_with_inclusive_tax_is_what_the_buyer_pays():
    assert price_line(LinePrice(3, 1_999, taxes=[Tax(70_000, inclusive=True)])).total == 5_997


def test_exclusive_rates_are_taken_of_the_net_when_another_rate_is_inside():
    net, tax = split_tax(11_000, [Tax(100_000, inclusive=True), Tax(50_000)])
    assert (net, tax) == (10_000, 1_000 + 500)


def test_a_free_ticket_bears_no_fee():
    assert unit_fee(0, 150, 25_000) == 0


def test_a_fee_has_a_fixed_part_and_a_share_of_the_price():
    assert unit_fee(5_000, 150, 25_000) == 275


@pytest.mark.parametrize("discount", [-1, 5_001])
def test_a_discount_outside_the_price_is_refused(discount):
    with pytest.raises(ValueError, match="discount"):
        price_line(LinePrice(1, 5_000, discount=discount))


@given(lines)
def test_net_and_tax_of_a_line_are_its_total_and_never_negative(line):
    amounts = price_line(line)
    assert amounts.net + amounts.tax == amounts.total
    assert amounts.net >= 0
    assert amounts.tax >= 0


@given(lines)
def test_only_inclusive_taxes_leave_the_displayed_price_unchanged(line):
    inclusive = LinePrice(
        line.quantity,
        line.unit_price,
        line.unit_fee,
        taxes=[tax for tax in line.taxes if tax.inclusive],
        fee_taxes=[tax for tax in line.fee_taxes if tax.inclusive],
    )
    amounts = price_line(inclusive)
    assert amounts.total == amounts.subtotal + amounts.fee


@given(st.lists(lines, min_size=1, max_size=8), st.integers(0, 10_000))
def test_an_order_is_the_sum_of_its_lines_and_the_tip(several, tip):
    priced = [price_line(line) for line in several]
    amounts = add_up(priced, tip)
    assert amounts.total == sum(line.total for line in priced) + tip
    assert amounts.tax == sum(line.tax for line in priced)


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_the_inclusive_net_is_the_nearest_whole_unit(amount, ppm):
    net, tax = split_tax(amount, [Tax(ppm, inclusive=True)])
    assert net + tax == amount
    assert abs(net * (1_000_000 + ppm) - amount * 1_000_000) * 2 <= 1_000_000 + ppm


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**6))
def test_a_share_is_symmetric_and_within_half_a_unit(amount, ppm):
    assert share(-amount, ppm) == -share(amount, ppm)
    assert abs(share(amount, ppm) * 1_000_000 - amount * ppm) * 2 <= 1_000_000


@pytest.mark.parametrize(
    ("on_top", "out_of_price", "fee"),
    [
        (200, 300, 500),  # both in full
        (200, 800, 1_000),  # the line brings its venue 1,000 net without the charge, less the 200 on top
        (200, 801, 1_000),
        (1_000, 50, 1_000),  # nothing is left of it
        (1_200, 50, 1_200),
    ],
)
def test_the_platforms_part_of_the_price_ends_where_the_line_brings_nothing_more(on_top, out_of_price, fee):
    amounts = price_line(LinePrice(1, 1_000, service_charge=100))
    assert platform_fee(amounts, on_top, out_of_price) == fee


def test_an_outlet_that_sells_for_nothing_charges_nothing():
    assert service_charges([("bar", 0, 180_000), ("grill", 1_000, 180_000)]) == [0, 180]


@pytest.mark.parametrize(
    ("terms", "kept"),
    [
        (Terms(), 0),
        (Terms(keep_fees=True), 200),
        (Terms(keep_ppm=100_000), 120),
        (Terms(keep_fees=True, keep_ppm=100_000), 300),
        (Terms(keep_fees=True, keep_ppm=100_000, keep_amount=50), 350),
        (Terms(keep_amount=5_000), 1_200),
    ],
)
def test_what_is_kept_is_fee_share_and_amount_and_never_more_than_was_paid(terms, kept):
    assert terms.kept(1_200, fee=200) == kept
    assert terms.kept(100, fee=200) <= 100


def test_equal_pieces_are_worth_the_same_and_the_first_ones_a_unit_more():
    assert [worth(1_001, 3, wanted) for wanted in range(4)] == [0, 334, 668, 1_001]
    assert worth(0, 0, 0) == 0
    for wanted in (-1, 4):
        with pytest.raises(ValueError, match="more pieces"):
            worth(1_001, 3, wanted)


def test_a_tip_of_either_kind_is_one_and_none_is_none():
    assert [bool(each) for each in (Tip(), Tip(ppm=0), Tip(amount=1), Tip(ppm=1))] == [False, False, True, True]
    assert (Tip(amount=300).of(2_000), Tip(ppm=150_000).of(2_000)) == (300, 300)
