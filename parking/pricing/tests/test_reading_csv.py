"""Readings from a file: what could not be true is counted, and it is said what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from parking.pricing.reading_csv import read
from trufan.lib.errors import Invalid

FILE = Path(__file__).with_name("readings.csv")
HEAD = "timestamp,lot,free\n"


def read_file(lot="North", spaces=100, **more):
    with FILE.open(encoding="utf-8", newline="") as lines:
        return read(lines, lot, spaces, **more)


def read_rows(*rows, lot="North", spaces=100):
    return read([HEAD, *(f"{row}\n" for row in rows)], lot, spaces)


def test_every_fault_of_the_file_is_counted_and_said():
    readings, report = read_file()
    assert (report.rows, report.kept) == (187, 182)
    assert report.words() == [
        "187 rows of the lot, 182 used.",
        "3 rows without a time with its offset, or without a whole number: left out.",
        "1 row with more free spaces than there are: taken as an empty lot.",
        "1 row with fewer than no free spaces: taken as a full lot.",
        "1 row off by more than all the spaces: left out.",
        "1 row earlier than the row before: put in order.",
        "1 row of a moment that had one already: the first was kept.",
        "1 gap of more than 6 hours (the longest 7.5): not simulated after 6 hours.",
    ]
    assert [reading.at for reading in readings] == sorted({reading.at for reading in readings})
    assert all(0 <= reading.occupied <= 100 for reading in readings)


def test_the_hour_that_the_clock_repeats_is_two_hours():
    readings, _ = read_file()
    first = datetime.fromisoformat("2022-10-30T02:00:00+02:00")
    night = [reading for reading in readings if first <= reading.at < first + timedelta(hours=2)]
    assert [reading.at - first for reading in night] == [timedelta(minutes=30 * n) for n in range(4)]


def test_only_the_asked_time_is_read():
    since, until = (datetime.fromisoformat(f"2022-10-{day}T00:00:00+02:00") for day in (29, 30))
    readings, _ = read_file(since=since, until=until)
    assert (readings[0].at, len(readings)) == (since, 48)
    assert readings[-1].at == until - timedelta(minutes=30)


def test_a_lot_that_is_not_in_the_file_is_named_with_those_that_are():
    with pytest.raises(Invalid, match=r"No row of that time is of West\. There are rows of North, South\."):
        read_file("West")


def test_a_file_without_the_columns_is_refused():
    for head in ("", "time,lot,free\n", "timestamp;lot;free\n"):
        with pytest.raises(Invalid, match="timestamp, lot, free"):
            read([head], "North", 100)


def test_a_byte_order_mark_further_columns_and_another_order_do_no_harm():
    rows = ["\ufefffree, timestamp,lot,note\n", "40,2022-10-28T10:00:00Z,North,fine\n"]
    readings, _ = read(rows, "North", 100)
    assert [(reading.at.isoformat(), reading.occupied) for reading in readings] == [("2022-10-28T10:00:00+00:00", 60)]


@pytest.mark.parametrize(
    "row",
    [
        "2022-10-28T10:00:00,North,40",
        "yesterday,North,40",
        ",North,40",
        "2022-10-28T10:00:00Z,North,",
        "2022-10-28T10:00:00Z,North",
        "2022-10-28T10:00:00Z,North,40.5",
        "2022-10-28T10:00:00Z,North,1_0",
        "2022-10-28T10:00:00Z,North,99999999999999999999",
        "2022-10-28T10:00:00Z,North,²",
    ],
)
def test_a_row_that_says_nothing_clear_is_left_out(row):
    readings, report = read_rows(row, "2022-10-28T11:00:00Z,North,40")
    assert (len(readings), report.unreadable) == (1, 1)


def test_one_time_far_ahead_does_not_take_the_rest_away():
    readings, report = read_rows(
        "2032-01-01T00:00:00Z,North,40", "2022-10-28T10:00:00Z,North,41", "2022-10-28T10:15:00Z,North,42"
    )
    assert (len(readings), report.out_of_order, report.gaps) == (3, 1, 1)
