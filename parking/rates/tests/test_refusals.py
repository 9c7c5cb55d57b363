"""A broken tariff is refused, each problem at its own field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from parking.rates.tariff import SCHEMA, parse
from parking.rates.tests.tariffs import HOURLY, TIERED, tariffs
from parking.rates.words import describe
from trufan.lib.errors import Invalid


def night(begins: str, ends: str) -> dict[str, Any]:
    return {**HOURLY, "overnight": {"from": begins, "until": ends, "price": 1}}


def problems(written: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        parse(written)
    return {detail.field: detail.code for detail in refusal.value.details}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, {"tariff.base": "required", "tariff.version": "required"}),
        ([], {"tariff": "invalid_type"}),
        (None, {"tariff": "invalid_type"}),
        ({"version": 2, "base": {"type": "flat", "price": 1}}, {"tariff.version": "invalid"}),
        ({**HOURLY, "colour": "red"}, {"tariff.colour": "unknown_field"}),
        ({"version": 1, "base": {"type": "lease"}}, {"tariff.base.type": "invalid"}),
        ({"version": 1, "base": {"type": "interval"}}, {"tariff.base.every": "required"}),
        ({"version": 1, "base": {"type": "flat", "price": -1}}, {"tariff.base.price": "too_small"}),
        ({"version": 1, "base": {"type": "flat", "price": True}}, {"tariff.base.price": "invalid_type"}),
        ({"version": 1, "base": {"type": "flat", "price": 2.5}}, {"tariff.base.price": "invalid_type"}),
        ({"version": 1, "base": {"type": "flat", "price": 10**15}}, {"tariff.base.price": "too_large"}),
        ({**HOURLY, "grace_minutes": "10"}, {"tariff.grace_minutes": "invalid_type"}),
        ({**HOURLY, "daily_maximum": 4_000}, {"tariff.day": "required"}),
        ({**HOURLY, "day": "rolling", "daily_maximum": 100, "minimum": 200}, {"tariff.minimum": "invalid"}),
        (night("18:00", "18:00"), {"tariff.overnight.until": "invalid"}),
        (night("24:00", "08:00"), {"tariff.overnight.from": "invalid"}),
        (night("18:00\n", "08:00"), {"tariff.overnight.from": "invalid"}),
        (night("18:00", "8:00"), {"tariff.overnight.until": "invalid"}),
        ({**HOURLY, "event": {"price": 1}}, {
            "tariff.event.minutes_before_doors": "required", "tariff.event.minutes_after_end": "required",
        }),
        ({**TIERED, "base": {**TIERED["base"], "tiers": []}}, {"tariff.base.tiers": "too_few"}),
    ],
)  # fmt: skip
def test_a_broken_tariff_is_refused_by_field(written, expected):
    assert problems(written) == expected


def test_tiers_that_overlap_or_fall_are_refused():
    tiers = [{"up_to_minutes": 60, "price": 500}, {"up_to_minutes": 60, "price": 400}]
    assert problems({**TIERED, "base": {**TIERED["base"], "tiers": tiers}}) == {
        "tariff.base.tiers[1].up_to_minutes": "overlapping_tiers",
        "tariff.base.tiers[1].price": "falling_price",
    }


def test_one_problem_is_said_at_once_and_of_several_each_at_its_field():
    with pytest.raises(Invalid) as refusal:
        parse({**HOURLY, "daily_maximum": 4_000})
    assert refusal.value.message == "Say whether a day is calendar or rolling."
    with pytest.raises(Invalid) as refusal:
        parse({**night("18:00", "18:00"), "daily_maximum": 4_000})
    assert refusal.value.message == Invalid.message


_words = st.sampled_from(["version", "base", "type", "price", "tiers", "first"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=100)
@given(written=anything)
def test_nothing_that_is_written_breaks_the_reader(written):
    try:
        parse(written)
    except Invalid as refusal:
        assert refusal.details


@given(written=tariffs())
def test_a_good_tariff_is_read_as_it_was_written_and_can_be_said_in_words(written):
    tariff = parse(written)
    assert tariff.as_json() == json.loads(json.dumps(written))
    assert all(sentence.endswith(".") for sentence in describe(tariff, "USD"))


def test_numbers_written_with_a_point_are_read_as_whole_ones():
    tariff = parse({"version": 1.0, "base": {"type": "flat", "price": 2_000.0}, "free_minutes": 5.0})
    assert (type(tariff.base.price(1)), type(tariff.free_minutes)) == (int, int)
    written = tariff.as_json()
    assert written == {"version": 1, "base": {"type": "flat", "price": 2_000}, "free_minutes": 5}
    assert [type(number) for number in (written["version"], written["base"]["price"])] == [int, int]


def test_in_whatever_order_it_is_written_it_is_the_same_tariff():
    written = {**HOURLY, "grace_minutes": 10, "day": "rolling"}
    assert parse(written) == parse(dict(reversed(written.items())))


def test_the_published_schema_is_one_and_its_examples_are_good():
    Draft202012Validator.check_schema(SCHEMA)
    for example in SCHEMA["examples"]:
        parse(example)


def test_a_tariff_in_words():
    written = {**HOURLY, "grace_minutes": 10, "daily_maximum": 4_000, "day": "rolling"}
    assert describe(parse(written), "USD") == [
        "$5.00 for the first hour, then $2.00 for each 30 minutes begun.",
        "Free if you leave within 10 minutes.",
        "At most $40.00 for each 24 hours.",
    ]


@pytest.mark.parametrize(
    ("free", "sentence"),
    [(15, "The first 15 minutes free."), (60, "The first hour free."), (1_440, "The first day free.")],
)
def test_a_free_period_in_words(free, sentence):
    assert sentence in describe(parse({**HOURLY, "free_minutes": free}), "USD")
