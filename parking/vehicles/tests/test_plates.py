"""Plates are shown as they were given and matched as a camera reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.vehicles import plates
from trufan.lib.errors import Invalid


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("abc 1234", "ABC 1234"),
        ("  b-tf   112 ", "B-TF 112"),
        ("ab\u200b12", "AB12"),
        ("ａｂ１２", "AB12"),
        ("m–äö 12", "M–ÄÖ 12"),
        ("АВ 123 С", "АВ 123 С"),
        ("京A·12345", "京A·12345"),
    ],
)
def test_a_plate_is_shown_in_capitals_without_what_nobody_sees(written, shown):
    assert plates.tidy(written) == shown


@pytest.mark.parametrize(
    "written", ["", " ", "A", "!", "-", "A" * 13, "A1?", "AB;--", "🚗🚗", "A 1" + " x" * 9, "A\u0301\u0301B"]
)
def test_what_no_plate_looks_like_is_refused_by_field(written):
    with pytest.raises(Invalid) as refusal:
        plates.tidy(written, "vehicle.plate")
    assert [(each.field, each.code) for each in refusal.value.details] == [("vehicle.plate", "invalid_plate")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("B0B 1", "8OB-I"),
        ("ABC 1234", "abc1234"),
        ("M-ÄÖ 12", "mao12"),
        ("АВ 123 С", "AB123C"),
        ("ΑΒΖ 12", "ABZ 12"),
        ("٣٤ AB", "34AB"),
        ("A–B·1", "AB1"),
        ("Ø 12", "0 12"),
        ("12가3456", "12가 3456"),
    ],
)
def test_two_readings_of_one_plate_match(one, other):
    assert plates.key(one) == plates.key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("ABC 123", "ABC 124"), ("AC 1", "AE 1"), ("12가3456", "12나3456")])
def test_other_plates_do_not(one, other):
    assert plates.key(one) != plates.key(other)


def test_nothing_has_no_key():
    assert plates.key("") == plates.key(" - ") == ""


@given(st.text(max_size=30))
def test_whatever_is_typed_is_refused_or_matches_itself(text):
    try:
        shown = plates.tidy(text)
    except Invalid:
        return
    assert plates.tidy(shown) == shown
    assert len(shown) <= plates.MAX_LENGTH
    found = plates.key(shown)
    assert 0 < len(found) <= plates.MAX_LENGTH
    assert found == plates.key(text) == plates.key(found) == plates.key(f" {shown.lower()} - ")
