"""What a credit note says went back: never more than is left, and all of it in the end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orders.receipts.crediting import due_of, spread

money = st.integers(0, 10**9)
parts = st.dictionaries(st.sampled_from("abcdef"), money, min_size=1)


@given(left=parts, asked=parts, data=st.data())
def test_what_goes_back_is_on_parts_and_within_them(left, asked, data):
    amount = data.draw(st.integers(0, sum(left.values())))
    gone = spread(amount, left, {part: value for part, value in asked.items() if part in left})
    assert sum(gone.values()) == amount
    assert all(0 < value <= left[part] for part, value in gone.items())


def test_what_was_asked_for_comes_first():
    assert spread(500, {"a": 500, "b": 500}, {"b": 400}) == {"a": 83, "b": 417}
    assert spread(300, {"a": 500, "b": 500}, {"b": 400}) == {"b": 300}


@given(tax=money, net=money, steps=st.lists(money, max_size=5))
def test_the_tax_of_all_steps_is_the_tax_of_the_whole(tax, net, steps):
    total, gone, given_back = tax + net, 0, 0
    for step in [*steps, total]:
        step = min(step, total - gone)
        given_back += due_of(tax, total, gone, step)
        gone += step
        assert 0 <= given_back <= tax
    assert given_back == tax
