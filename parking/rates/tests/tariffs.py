"""Tariffs that the tests share, and any tariff at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from parking.rates.fee import EventWindow

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
#: Havana puts its clocks forward at midnight, Lord Howe by half an hour.
ZONES = [NEW_YORK, BERLIN, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Havana"), ZoneInfo("UTC")]
HOURLY: dict[str, Any] = {
    "version": 1,
    "base": {"type": "interval", "first": {"minutes": 60, "price": 500}, "every": {"minutes": 30, "price": 200}},
}
TIERED: dict[str, Any] = {
    "version": 1,
    "base": {
        "type": "tiers",
        "tiers": [{"up_to_minutes": 60, "price": 500}, {"up_to_minutes": 180, "price": 1_200}],
        "then": {"minutes": 60, "price": 300},
    },
}

_amounts, _minutes = st.integers(0, 5_000), st.integers(1, 300)
_intervals = st.builds(lambda minutes, price: {"minutes": minutes, "price": price}, _minutes, _amounts)
_clocks = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.sampled_from([0, 15, 30]))


def _tiers(pairs: list[tuple[int, int]], then: dict[str, int]) -> dict[str, Any]:
    lengths, prices = sorted({length for length, _ in pairs}), sorted(price for _, price in pairs)
    tiers = [{"up_to_minutes": length, "price": price} for length, price in zip(lengths, prices, strict=False)]
    return {"type": "tiers", "tiers": tiers, "then": then}


_bases = st.one_of(
    st.builds(lambda price: {"type": "flat", "price": price}, _amounts),
    st.builds(lambda every: {"type": "interval", "every": every}, _intervals),
    st.builds(lambda first, every: {"type": "interval", "first": first, "every": every}, _intervals, _intervals),
    st.builds(_tiers, st.lists(st.tuples(st.integers(1, 2_000), _amounts), min_size=1, max_size=5), _intervals),
)


@st.composite
def tariffs(draw: st.DrawFn) -> dict[str, Any]:
    """Any tariff that is accepted."""
    tariff: dict[str, Any] = {"version": 1, "base": draw(_bases)}
    optional = {
        "grace_minutes": st.integers(0, 60),
        "free_minutes": st.integers(0, 200),
        "day": st.sampled_from(["calendar", "rolling"]),
        "event": st.builds(
            lambda price, before, after: {"price": price, "minutes_before_doors": before, "minutes_after_end": after},
            _amounts,
            st.integers(0, 200),
            st.integers(0, 200),
        ),
        "overnight": st.builds(
            lambda clocks, price: {"from": clocks[0], "until": clocks[1], "price": price},
            st.tuples(_clocks, _clocks).filter(lambda clocks: clocks[0] != clocks[1]),
            _amounts,
        ),
    }
    tariff |= {name: draw(values) for name, values in optional.items() if draw(st.booleans())}
    if "day" in tariff and draw(st.booleans()):
        tariff["daily_maximum"] = draw(_amounts)
    if draw(st.booleans()):
        tariff["minimum"] = draw(st.integers(0, tariff.get("daily_maximum", 3_000)))
    return tariff


#: Entries in the weeks in which clocks change, on both halves of the Earth.
entries = st.builds(
    lambda first, minutes: first + timedelta(minutes=minutes),
    st.sampled_from([datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)]),
    st.integers(0, 40 * 24 * 60),
)


def shows(entry: datetime, spans: list[tuple[int, int]]) -> list[EventWindow]:
    """Shows from so many minutes after the entry, so many minutes long."""
    return [
        EventWindow("Show", entry + timedelta(minutes=after), entry + timedelta(minutes=after + length))
        for after, length in spans
    ]
