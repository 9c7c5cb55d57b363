"""Shares in the units that a provider moves: every sum exact, nobody a whole unit off."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.stripe_amounts import smallest_unit, to_stripe
from payments.payable import Share
from payments.splitting import in_units, owed_to
from trufan.lib.money import MAX_AMOUNT

ACCOUNTS = [None, *(UUID(int=number) for number in range(1, 5))]
shares = st.lists(
    st.builds(Share, st.sampled_from(ACCOUNTS), st.integers(1, MAX_AMOUNT), st.just("sale"), st.none()),
    min_size=1,
    max_size=12,
)


def sums(rows):
    found = Counter()
    for share in rows:
        found[share.account_id] += share.amount
    return found


@given(shares, st.sampled_from([10, 100]))
def test_each_part_is_in_units_and_less_than_one_off(rows, unit):
    missing = -sum(share.amount for share in rows) % unit
    rows = [*rows, Share(None, missing, "fee", None)] if missing else rows
    divided = in_units(rows, unit)
    before, after = sums(rows), sums(divided)
    assert sum(after.values()) == sum(before.values())
    assert all(share.amount > 0 for share in divided)
    for account, amount in before.items():
        assert after[account] % unit == 0
        assert abs(after[account] - amount) < unit
    assert all(to_stripe(amount, "KWD") for amount in owed_to(divided).values())


@given(shares)
def test_where_every_coin_moves_nothing_changes(rows):
    assert in_units(rows, 1) == rows


@pytest.mark.parametrize(
    ("currency", "unit"), [("USD", 1), ("JPY", 1), ("ISK", 1), ("UGX", 1), ("KWD", 10), ("BHD", 10), ("MGA", 100)]
)
def test_stripes_smallest_unit(currency, unit):
    assert smallest_unit(currency) == unit
