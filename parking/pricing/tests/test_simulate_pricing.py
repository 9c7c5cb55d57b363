"""`manage.py simulate_pricing`: on a file, on a lot's own past, and what it says to what it cannot read."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from parking.lots.models import ONE, ParkingLot
from parking.pricing.models import PriceChange
from parking.pricing.tests.configurations import EVENT, GIVEN
from parking.stays.models import ParkingSession
from parking.stays.tests.parked import park
from trufan.testing import CapacityFactory

FILE = Path(__file__).with_name("readings.csv")
TARIFF = {"version": 1, "base": {"type": "interval", "every": {"minutes": 60, "price": 200}}}


@pytest.fixture
def papers(tmp_path):
    """The files that the command is given."""

    def write(name, content):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return write


@pytest.fixture
def simulate(tmp_path):
    def run(*arguments):
        out = StringIO()
        call_command("simulate_pricing", "--out", str(tmp_path / "picture.svg"), *arguments, stdout=out)
        return out.getvalue()

    return run


@pytest.fixture
def of_file(papers, simulate):
    """North of the file, a hundred spaces, on Berlin's clock."""

    def run(*more, config=GIVEN, tariff=TARIFF):
        return simulate(
            "--csv", str(FILE), "--csv-lot", "North", "--spaces", "100", "--zone", "Europe/Berlin",
            "--config", papers("config.json", config), "--tariff", papers("tariff.json", tariff), *more,
        )  # fmt: skip

    return run


def test_a_file_is_replayed_without_any_lot(db, of_file, tmp_path):
    said = of_file()
    assert "187 rows of the lot, 182 used." in said
    for day in ("Fri 28 Oct 2022", "Sat 29 Oct 2022", "Sun 30 Oct 2022", "Mon 31 Oct 2022", "in all"):
        assert day in said
    assert "Revenue: €" in said and "elasticity −0.4" in said and "120 minutes" in said
    assert "no reading for more than 6 hours" in said
    assert (tmp_path / "picture.svg").read_bytes().startswith(b"<?xml")


def test_a_configuration_that_moves_nothing_earns_the_same(db, of_file):
    said = of_file(config=GIVEN | {"occupancy": [{"from_percent": 0, "move": "hold"}]})
    assert "(+0.0 %)" in said and "Prices moved 0 times" in said


def test_the_options_are_heeded(db, of_file):
    said = of_file("--since", "2022-10-29", "--until", "2022-10-30T12:00", "--elasticity", "0.7",
                   "--typical-minutes", "90", "--currency", "GBP", config=GIVEN | {"event": EVENT})  # fmt: skip
    assert "28 Oct" not in said and "31 Oct" not in said and "30 Oct" in said
    assert "£" in said and "elasticity −0.7" in said and "90 minutes" in said
    assert "the rules for events moved nothing" in said


def test_a_lots_own_past_is_replayed_and_nothing_is_changed(capacity, simulate, papers):
    now = timezone.now()
    for minutes in range(30, 470, 25):
        stay = park(capacity, minutes=minutes, now=now)
        if minutes > 200:
            stay.move(ParkingSession.Status.ENDED, ended_at=now - timedelta(minutes=10))
    ParkingLot.objects.update(pricing=GIVEN)
    said = simulate("--lot", "north-lot")
    assert "Stays on Standard spaces of North Lot." in said and "Their average was" in said
    assert "$" in said
    capacity.refresh_from_db()
    assert (capacity.multiplier_ppm, capacity.reviewed_at) == (ONE, None)
    assert not PriceChange.objects.exists()


def test_a_file_may_be_tried_on_a_lot(capacity, simulate, papers):
    ParkingLot.objects.update(pricing=GIVEN)
    said = simulate("--lot", "north-lot", "--csv", str(FILE), "--csv-lot", "South")
    assert "off by more than all the spaces: left out" in said and "$" in said


def test_the_kind_with_the_most_spaces_is_taken_unless_another_is_asked_for(capacity, simulate, papers):
    park(CapacityFactory(lot=capacity.lot, kind="ev", spaces=5), minutes=60)
    config = papers("config.json", GIVEN)
    with pytest.raises(CommandError, match="No car was ever on a Standard space of North Lot"):
        simulate("--lot", "north-lot", "--config", config)
    assert "EV charging spaces" in simulate("--lot", "north-lot", "--kind", "ev", "--config", config)
    with pytest.raises(CommandError, match="no lot north-lot with valet spaces"):
        simulate("--lot", "north-lot", "--kind", "valet", "--config", config)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Give --config"),
        (["--config", "{config}"], "Give --tariff"),
        (["--config", "{config}", "--tariff", "{tariff}"], "Say which --lot"),
        (["--config", "{config}", "--tariff", "{tariff}", "--csv", str(FILE), "--csv-lot", "North"], "how many spaces"),
        (["--config", "/nowhere.json"], "nowhere.json"),
        (["--config", "{csv}"], "is not JSON"),
        (["--config", "{tariff}"], "pricing.base"),
        (["--config", "{config}", "--tariff", "{config}"], r"tariff\.base: "),
        (["--lot", "elsewhere"], "no lot elsewhere"),
        (["--zone", "Mars/Olympus"], "no time zone"),
        (["--currency", "XXQ"], "ISO 4217"),
        (["--since", "tomorrow"], "no day or time"),
        (["--since", "2022-02-30"], "no day or time"),
        (["--elasticity", "-1"], "no number from 0 to 5"),
        (["--elasticity", "nan"], "no number from 0 to 5"),
        (["--spaces", "0"], "no number from 1"),
    ],
)
def test_what_it_cannot_do_it_says(db, simulate, papers, arguments, words, tmp_path):
    known = {"config": papers("config.json", GIVEN), "tariff": papers("tariff.json", TARIFF), "csv": str(FILE)}
    with pytest.raises(CommandError, match=words):
        simulate(*(argument.format(**known) for argument in arguments))
    assert not (tmp_path / "picture.svg").exists()


def test_a_time_without_readings_is_said_to_have_none(db, of_file):
    with pytest.raises(CommandError, match="no reading in this time"):
        of_file("--since", "2023-01-01")


def test_a_picture_that_cannot_be_written_is_said(db, of_file, tmp_path):
    with pytest.raises(CommandError, match="nowhere"):
        of_file("--out", str(tmp_path / "nowhere" / "picture.svg"))
