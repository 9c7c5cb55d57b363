"""What a code takes off: exact, within what is left, divided to the cent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.promos.discounts import Priced, off
from orders.promos.models import PromoCode
from trufan.lib.money import share

priced = st.builds(
    lambda quantity, unit, left: Priced(quantity, unit, left * unit * quantity // 100),
    st.integers(1, 20),
    st.integers(0, 10**6),
    st.integers(0, 100),
)
promos = st.builds(
    PromoCode,
    kind=st.sampled_from(PromoCode.Kind.values),
    ppm=st.integers(1, 1_000_000),
    amount=st.integers(1, 10**7),
    pieces=st.integers(1, 30),
    maximum=st.none() | st.integers(1, 10**6),
)


@given(promos, st.lists(priced, max_size=8))
def test_no_line_loses_more_than_is_left_of_it_and_no_code_takes_more_than_it_may(promo, lines):
    parts = off(promo, lines)
    assert len(parts) == len(lines)
    assert all(0 <= part <= line.left for part, line in zip(parts, lines, strict=True))
    assert promo.maximum is None or sum(parts) <= promo.maximum


@given(st.integers(1, 1_000_000), st.lists(priced, min_size=1, max_size=8))
def test_a_percentage_is_reckoned_once_on_all_lines_and_divided_in_proportion(ppm, lines):
    parts = off(PromoCode(kind="percent", ppm=ppm), lines)
    left = sum(line.left for line in lines)
    assert sum(parts) == share(left, ppm)
    for part, line in zip(parts, lines, strict=True):
        assert abs(part * left - sum(parts) * line.left) < max(left, 1)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"kind": "percent", "ppm": 100_000}, [334, 333, 333]),
        ({"kind": "fixed", "amount": 100}, [34, 33, 33]),
        ({"kind": "fixed", "amount": 99_999}, [3_333, 3_333, 3_333]),
        ({"kind": "percent", "ppm": 1_000_000, "maximum": 500}, [167, 167, 166]),
    ],
)
def test_the_odd_cents_lie_on_the_first_lines(terms, expected):
    assert off(PromoCode(**terms), [Priced(1, 3_333, 3_333)] * 3) == expected


def test_the_cheapest_pieces_are_free():
    lines = [Priced(2, 1_200, 2_400), Priced(3, 500, 1_500), Priced(1, 0, 0)]
    assert off(PromoCode(kind="free_item", pieces=4), lines) == [1_200, 1_500, 0]
    assert off(PromoCode(kind="free_item", pieces=1), lines) == [0, 500, 0]


def test_a_free_piece_is_free_of_what_is_left_of_it():
    assert off(PromoCode(kind="free_item", pieces=1), [Priced(3, 500, 1_000)]) == [334]
