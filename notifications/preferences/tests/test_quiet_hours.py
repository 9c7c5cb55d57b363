"""Quiet hours end by the clock of the person, whatever that clock does."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.preferences.choosing import not_before
from notifications.preferences.models import MessageSettings

NEW_YORK = "America/New_York"


def quiet(start, until, zone=NEW_YORK):
    return MessageSettings(quiet_from=time.fromisoformat(start), quiet_until=time.fromisoformat(until), time_zone=zone)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "now", "due"),
    [
        # New York in November: five hours behind. Over midnight.
        (("22:00", "08:00"), "2026-11-28 02:59:59", "2026-11-28 02:59:59"),
        (("22:00", "08:00"), "2026-11-28 03:00", "2026-11-28 13:00"),
        (("22:00", "08:00"), "2026-11-28 12:59:59", "2026-11-28 13:00"),
        (("22:00", "08:00"), "2026-11-28 13:00", "2026-11-28 13:00"),
        # Within a day, and up to and from midnight.
        (("13:00", "15:00"), "2026-11-28 19:00", "2026-11-28 20:00"),
        (("13:00", "15:00"), "2026-11-28 20:00", "2026-11-28 20:00"),
        (("00:00", "08:00"), "2026-11-28 05:00", "2026-11-28 13:00"),
        (("00:00", "08:00"), "2026-11-28 04:59", "2026-11-28 04:59"),
        (("22:00", "00:00"), "2026-11-28 04:59", "2026-11-28 05:00"),
        # Equal times are no quiet hours.
        (("08:00", "08:00"), "2026-11-28 13:00", "2026-11-28 13:00"),
        (("00:00", "00:00"), "2026-11-28 05:00", "2026-11-28 05:00"),
        # The night of 8 March 2026 is an hour short: 02:00 becomes 03:00.
        (("22:00", "08:00"), "2026-03-08 04:00", "2026-03-08 12:00"),
        (("22:00", "02:30"), "2026-03-08 06:30", "2026-03-08 07:30"),
        (("22:00", "02:30"), "2026-03-08 07:10", "2026-03-08 07:30"),
        (("22:00", "02:30"), "2026-03-08 07:30", "2026-03-08 07:30"),
        (("02:30", "08:00"), "2026-03-08 07:10", "2026-03-08 07:10"),
        (("02:30", "08:00"), "2026-03-08 07:40", "2026-03-08 12:00"),
        # The night of 1 November 2026 is an hour long: 02:00 becomes 01:00.
        (("22:00", "08:00"), "2026-11-01 03:00", "2026-11-01 13:00"),
        (("22:00", "01:30"), "2026-11-01 05:10", "2026-11-01 05:30"),
        (("22:00", "01:30"), "2026-11-01 05:30", "2026-11-01 05:30"),
        (("22:00", "01:30"), "2026-11-01 06:10", "2026-11-01 06:10"),
        (("01:30", "08:00"), "2026-11-01 05:20", "2026-11-01 05:20"),
        (("01:30", "08:00"), "2026-11-01 05:40", "2026-11-01 13:00"),
        (("01:30", "08:00"), "2026-11-01 06:10", "2026-11-01 13:00"),
    ],
)
def test_by_the_clock_in_new_york(hours, now, due):
    assert not_before(quiet(*hours), utc(now)) == utc(due)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "America", "../etc/passwd", "a\x00b"])
def test_a_zone_that_nobody_knows_counts_as_utc(zone):
    assert not_before(quiet("22:00", "08:00", zone), utc("2026-11-28 23:00")) == utc("2026-11-29 08:00")


def test_who_said_nothing_has_none():
    now = utc("2026-11-28 23:00")
    assert not_before(None, now) == now
    assert not_before(MessageSettings(time_zone=NEW_YORK), now) == now


@given(
    st.times(),
    st.times(),
    st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: utc("2025-01-01") + timedelta(minutes=minutes)),
    st.sampled_from([NEW_YORK, "Australia/Lord_Howe", "Europe/Madrid", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_nothing_waits_longer_than_a_day_and_what_waited_waits_no_more(start, until, now, zone):
    settings = MessageSettings(quiet_from=start, quiet_until=until, time_zone=zone)
    due = not_before(settings, now)
    assert now <= due <= now + timedelta(hours=26)
    if due > now:
        shown = due.astimezone(ZoneInfo(zone))
        skipped = shown.replace(tzinfo=None) - datetime.combine(shown.date(), until)
        assert timedelta(0) <= skipped <= timedelta(hours=1)
        # The next quiet hours may begin only where a skipped time moved the end of these past their beginning.
        assert not_before(settings, due) == due or skipped
