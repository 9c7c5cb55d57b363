"""What pieces are worth, and what is kept of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.pricing import Terms, worth

amounts = st.integers(0, 10**9)


@given(amounts, st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_pieces_taken_in_any_bundles_come_to_exactly_the_whole(whole, bundles):
    left, pieces = whole, sum(bundles)
    for bundle in bundles:
        part = worth(left, pieces, bundle)
        assert abs(part * sum(bundles) - whole * bundle) < 2 * sum(bundles) * bundle
        left, pieces = left - part, pieces - bundle
    assert left == 0


def test_the_odd_cents_lie_on_the_first_pieces():
    assert [worth(1_000, 3, 1), worth(666, 2, 1), worth(333, 1, 1)] == [334, 333, 333]


def test_there_are_no_more_pieces_than_there_are():
    with pytest.raises(ValueError, match="more pieces"):
        worth(100, 2, 3)


@given(amounts, amounts, st.booleans(), st.integers(0, 1_000_000))
def test_never_more_is_kept_than_was_paid(value, fee, keep_fees, ppm):
    assert 0 <= Terms(keep_fees, ppm).kept(value, fee) <= value


@pytest.mark.parametrize(
    ("terms", "kept"),
    [(Terms(), 0), (Terms(keep_fees=True), 500), (Terms(keep_ppm=100_000), 1_050), (Terms(True, 100_000), 1_500)],
)
def test_a_percentage_is_kept_of_what_is_left_after_the_fee(terms, kept):
    assert terms.kept(10_500, 500) == kept


@given(amounts, amounts, st.booleans(), st.integers(0, 1_000_000), amounts)
def test_an_amount_that_is_kept_comes_on_top_and_is_never_more_than_there_is(value, fee, keep_fees, ppm, amount):
    without = Terms(keep_fees, ppm).kept(value, fee)
    assert Terms(keep_fees, ppm, amount).kept(value, fee) == min(without + amount, value)


@pytest.mark.parametrize(("amount", "kept"), [(0, 0), (300, 300), (10_500, 10_500), (20_000, 10_500)])
def test_a_fee_for_giving_back_is_kept_of_pieces_that_cost_105_00(amount, kept):
    assert Terms(keep_amount=amount).kept(10_500, 500) == kept
