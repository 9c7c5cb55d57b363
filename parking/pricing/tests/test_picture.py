"""The picture of a simulation: complete in itself, labelled by day, with its units."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from parking.pricing.picture import draw
from parking.pricing.simulation import Reading, simulate
from parking.pricing.tests.configurations import configured
from parking.rates import tariff

HOURLY = tariff.parse({"version": 1, "base": {"type": "interval", "every": {"minutes": 60, "price": 200}}})
SVG = "{http://www.w3.org/2000/svg}"


def simulated(days, start=datetime(2022, 10, 27, 22, tzinfo=UTC), currency="EUR"):
    readings = [Reading(start + timedelta(minutes=15 * n), 40 + n % 96 // 2) for n in range(days * 96)]
    return simulate(
        readings, 100, configured(), HOURLY, zone=ZoneInfo("Europe/Berlin"), elasticity=0.4, typical_minutes=120,
        currency=currency,
    )  # fmt: skip


def read(drawn):
    return ElementTree.fromstring(drawn)  # noqa: S314  our own


def texts(drawn):
    return [node.text for node in read(drawn).iter(f"{SVG}text") if node.text]


def test_it_names_days_units_and_what_the_colours_mean():
    found = texts(draw(simulated(4), "North Lot"))
    assert found[0] == "North Lot"
    for label in ("Fri 28 Oct", "Sat 29 Oct", "Sun 30 Oct", "Mon 31 Oct", "Revenue by day, EUR",
                  "Occupancy, % of the spaces, average of each hour",
                  "Price, times the base price, average of each hour",
                  "as it was, at the base price", "at the proposed prices"):  # fmt: skip
        assert label in found
    assert any("elasticity −0.4" in text and "Europe/Berlin" in text for text in found)


def test_a_long_time_is_told_by_weeks_and_names_no_more_than_can_be_read():
    found = texts(draw(simulated(200), "North Lot"))
    assert "Revenue by week, EUR" in found
    days = [text for text in found if text.startswith("Mon ")]
    assert 3 <= len(days) <= 30
    assert "Mon 24 Oct 2022" in days


def test_the_picture_needs_nothing_and_runs_nothing():
    drawn = draw(simulated(2), "North Lot")
    root = read(drawn)
    assert not [node for node in root.iter() if node.tag.endswith("script")]
    elsewhere = [value for node in root.iter() for name, value in node.attrib.items() if name.endswith("href")]
    assert all(value.startswith("#") for value in elsewhere)
    assert b"@import" not in drawn and b"url(http" not in drawn


def test_the_same_simulation_is_the_same_picture():
    assert draw(simulated(2), "North Lot") == draw(simulated(2), "North Lot")


def test_a_name_cannot_break_out_of_the_picture():
    hostile = "</title><script>alert(1)</script>"
    drawn = draw(simulated(1), hostile)
    assert b"<script" not in drawn
    assert hostile in texts(drawn)


def test_money_without_minor_units_is_drawn_as_it_is():
    assert any("¥" in text for text in texts(draw(simulated(1, currency="JPY"), "North Lot")))


@pytest.mark.parametrize("start", ["2022-03-26T23:00+00:00", "2022-10-29T22:00+00:00"])
def test_the_days_of_the_change_of_summer_time_are_drawn(start):
    found = texts(draw(simulated(2, start=datetime.fromisoformat(start)), "North Lot"))
    assert any(text.startswith("Sun ") for text in found)


def test_nothing_is_not_drawn():
    with pytest.raises(ValueError, match="nothing"):
        draw(simulated(0), "North Lot")
