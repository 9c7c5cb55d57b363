"""Money: exact to the minor unit, in every currency."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from trufan.lib.money import allot, minor_digits, parse, show, to_decimal, validate_currency


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.50", "USD", 1250), ("12", "USD", 1200), ("1200", "JPY", 1200), ("1.234", "KWD", 1234), ("-0.01", "EUR", -1)],
)
def test_text_becomes_minor_units(text, currency, minor):
    assert parse(text, currency) == minor


@pytest.mark.parametrize("text", ["12.505", "", "twelve", "NaN", "Infinity", "1e400", "99999999999999"])
def test_what_is_no_exact_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"amount|decimals|large"):
        parse(text, "USD")


def test_a_currency_without_minor_units_takes_no_decimals():
    with pytest.raises(ValueError, match="decimals"):
        parse("12.5", "JPY")


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "shown"),
    [
        (1250, "USD", "en_US", "$12.50"),
        (123456, "JPY", "en_US", "¥123,456"),
        (1234, "KWD", "en_US", "KWD1.234"),
        (-5, "USD", "en_US", "-$0.05"),
        (123456, "EUR", "de_DE", "1.234,56\xa0€"),
    ],
)
def test_amounts_are_printed_in_the_words_of_the_locale(amount, currency, locale, shown):
    assert show(amount, currency, locale) == shown


@given(st.integers(-(10**10), 10**10), st.sampled_from(["USD", "JPY", "KWD"]))
def test_an_amount_survives_the_way_to_text_and_back(amount, currency):
    if abs(amount) > 99_999_999_99:
        return
    assert parse(str(to_decimal(amount, currency)), currency) == amount


@given(st.integers(-(10**10), 10**10), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_parts_sum_to_the_whole_and_none_is_off_by_a_unit(total, weights):
    parts = allot(total, weights)
    assert sum(parts) == total
    whole = sum(weights) or len(weights)
    for part, weight in zip(parts, weights if sum(weights) else [1] * len(weights), strict=True):
        assert abs(part * whole - total * weight) < whole


def test_equal_remainders_go_to_the_earlier_part():
    assert allot(100, [1, 1, 1]) == [34, 33, 33]
    assert allot(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_parts_without_sense_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        allot(10, weights)


def test_minor_digits_follow_the_currency():
    assert [minor_digits(code) for code in ("USD", "JPY", "KWD")] == [2, 0, 3]


@pytest.mark.parametrize("code", ["usd", "XXY", "", "US"])
def test_a_currency_nobody_lists_is_refused(code):
    with pytest.raises(ValidationError):
        validate_currency(code)
