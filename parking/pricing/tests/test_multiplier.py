"""One review: how far prices move, why, and how far never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.lots.models import ONE
from parking.pricing.multiplier import Signals, decide
from parking.pricing.shows import Show, hours_to_doors
from parking.pricing.tests.configurations import DEMAND, EVENT, configured

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def seen(percent, **more):
    return Signals(occupied=percent, spaces=100, **more)


@pytest.mark.parametrize(
    ("percent", "ppm", "causes"),
    [
        (100, 1_200_000, ("occupancy_high",)),
        (80, 1_200_000, ("occupancy_high",)),
        (79, 1_100_000, ()),
        (60, 1_100_000, ()),
        (59, 1_000_000, ("occupancy_low",)),
        (0, 1_000_000, ("occupancy_low",)),
        (130, 1_200_000, ("occupancy_high",)),
    ],
)
def test_occupancy_moves_the_price_one_step_or_none(percent, ppm, causes):
    decision = decide(configured(), 1_100_000, seen(percent))
    assert (decision.ppm, decision.causes) == (ppm, causes)


def test_a_share_of_a_percent_below_the_threshold_is_below_it():
    assert decide(configured(), ONE, Signals(occupied=799, spaces=1000)).causes == ()
    assert decide(configured(), ONE, Signals(occupied=800, spaces=1000)).causes == ("occupancy_high",)


def test_demand_is_one_more_step():
    rules = configured(demand=DEMAND)
    assert decide(rules, ONE, seen(85, arrivals=10)).ppm == 1_200_000
    assert decide(rules, ONE, seen(85, arrivals=9)).ppm == 1_100_000
    assert decide(rules, ONE, seen(10, arrivals=10)).ppm == ONE
    assert decide(configured(), ONE, seen(70, arrivals=99)).ppm == ONE


def test_one_space_is_a_lot_too():
    assert decide(configured(), ONE, Signals(occupied=1, spaces=1)).causes == ("occupancy_high",)
    full = decide(configured(demand=DEMAND), ONE, Signals(occupied=1, spaces=1, arrivals=1))
    assert full.causes == ("occupancy_high", "demand")


def test_demand_a_little_below_its_threshold_is_none():
    rules = configured(demand=DEMAND)
    assert decide(rules, ONE, Signals(occupied=7_000, spaces=10_000, arrivals=999)).ppm == ONE
    assert decide(rules, ONE, Signals(occupied=7_000, spaces=10_000, arrivals=1_000)).ppm == 1_100_000


def test_an_event_asks_for_at_least_so_much():
    rules = configured(event=EVENT)
    assert decide(rules, ONE, seen(70, hours_to_doors=2.9)).ppm == 1_200_000
    assert decide(rules, ONE, seen(70, hours_to_doors=3.0)).ppm == 1_100_000
    assert decide(rules, ONE, seen(70, hours_to_doors=24.0)).ppm == ONE
    assert decide(rules, ONE, seen(70, hours_to_doors=None)).ppm == ONE
    assert decide(rules, 1_500_000, seen(70, hours_to_doors=0.0)).ppm == 1_500_000
    assert decide(rules, 1_200_000, seen(10, hours_to_doors=1.0)).ppm == 1_200_000


def test_an_event_is_near_until_it_starts():
    show = Show("Opening Night", NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=4))
    assert hours_to_doors([show], NOON - timedelta(hours=2)) == 2
    assert hours_to_doors([show], NOON + timedelta(minutes=59)) == 0
    assert hours_to_doors([show], NOON + timedelta(hours=1)) is None
    assert hours_to_doors([], NOON) is None


def test_floor_cap_and_hour_hold_the_price_back():
    assert decide(configured(), 2_000_000, seen(90)).causes == ("occupancy_high", "cap")
    assert decide(configured(), 750_000, seen(10)).ppm == 700_000
    assert decide(configured(), 750_000, seen(10)).causes == ("occupancy_low", "floor")
    late = decide(configured(), ONE, seen(90, changed_last_hour_ppm=250_000))
    assert (late.ppm, late.causes) == (1_050_000, ("occupancy_high", "hourly_limit"))
    down = decide(configured(), 1_500_000, seen(10, changed_last_hour_ppm=300_000))
    assert (down.ppm, down.causes) == (1_500_000, ("occupancy_low", "hourly_limit"))


def test_narrower_limits_hold_at_once_whatever_the_hour_allows():
    narrow = configured(cap_percent=120)
    decision = decide(narrow, 1_800_000, seen(70, changed_last_hour_ppm=300_000))
    assert (decision.ppm, decision.causes) == (1_200_000, ("cap",))
    assert decide(narrow, 1_800_000, seen(10, changed_last_hour_ppm=0)).ppm == 1_200_000


def test_a_lot_without_spaces_has_no_occupancy():
    decision = decide(configured(demand=DEMAND), ONE, Signals(occupied=0, spaces=0, arrivals=5))
    assert (decision.ppm, decision.words) == (ONE, "The price stays at the base price.")


def test_a_configuration_taken_away_leads_back_to_the_base_price():
    decision = decide(None, 1_700_000, seen(95))
    assert (decision.ppm, decision.causes) == (ONE, ("switched_off",))
    assert decision.words == "Prices do not follow demand here: the base price is asked."


@pytest.mark.parametrize(
    ("current", "signals", "words"),
    [
        (1_100_000, seen(86), "Occupancy is 86 %, at or over 80 %: 10 % up, to 1.2 times the base price."),
        (1_100_000, seen(40), "Occupancy is 40 %, below 60 %: 10 % down, to the base price."),
        (
            ONE,
            seen(70),
            "Occupancy is 70 %, from 60 % to below 80 %: no change. The price stays at the base price.",
        ),
        (
            ONE,
            seen(86, arrivals=12, hours_to_doors=2.5, changed_last_hour_ppm=200_000),
            "Occupancy is 86 %, at or over 80 %: 10 % up. In the last 60 minutes 12 of 100 spaces were reserved or "
            "driven to, at or over 10 %: another 10 % up. In one hour the price moves by at most 30 %: only 10 % of "
            "that was left. The price goes to 1.1 times the base price.",
        ),
        (
            ONE,
            seen(70, hours_to_doors=2.5),
            "Occupancy is 70 %, from 60 % to below 80 %: no change. An event's doors open in less than 3 hours: at "
            "least 1.2 times the base price. The price goes to 1.2 times the base price.",
        ),
        (
            2_000_000,
            seen(90),
            "Occupancy is 90 %, at or over 80 %: 10 % up. More than 2 times the base price is never asked. The price "
            "stays at 2 times the base price.",
        ),
    ],
)
def test_a_review_explains_itself(current, signals, words):
    assert decide(configured(event=EVENT, demand=DEMAND), current, signals).words == words


# -- What always holds --


@st.composite
def configurations(draw):
    floor, cap = draw(st.integers(1, 100)), draw(st.integers(101, 400))
    hourly = draw(st.integers(1, 100))
    high = draw(st.integers(2, 100))
    middle = draw(st.integers(1, high - 1))
    near = draw(st.integers(floor, cap))
    changes = {
        "floor_percent": floor,
        "cap_percent": cap,
        "max_change_per_hour_percent": hourly,
        "step_percent": draw(st.integers(1, hourly)),
        "review_minutes": draw(st.integers(1, 90)),
        "occupancy": [
            {"from_percent": high, "move": "up"},
            {"from_percent": middle, "move": "hold"},
            {"from_percent": 0, "move": "down"},
        ],
    }
    if draw(st.booleans()):
        far = draw(st.integers(floor, near))
        changes["event"] = [
            {"within_hours": 3, "at_least_percent": near}, {"within_hours": 24, "at_least_percent": far},
        ]  # fmt: skip
    if draw(st.booleans()):
        changes["demand"] = {"window_minutes": 60, "up_from_percent": draw(st.integers(1, 100))}
    return configured(**changes)


sights = st.tuples(
    st.integers(0, 130), st.integers(0, 120), st.one_of(st.none(), st.floats(0, 48)), st.integers(0, 100)
)


@given(configurations(), st.lists(sights, min_size=1, max_size=60))
def test_no_row_of_reviews_leaves_the_limits_or_moves_too_fast(rules, row):
    ppm, at = ONE, NOON
    changes = []
    for occupied, arrivals, hours, extra in row:
        at += timedelta(minutes=rules.review_minutes, seconds=extra)
        recent = sum(size for when, size in changes if when > at - timedelta(hours=1))
        decision = decide(rules, ppm, seen(occupied, arrivals=arrivals, hours_to_doors=hours,
                                           changed_last_hour_ppm=recent))  # fmt: skip
        assert rules.floor_ppm <= decision.ppm <= rules.cap_ppm
        changes.append((at, abs(decision.ppm - ppm)))
        ppm = decision.ppm
    for begin, _ in changes:
        within = [size for when, size in changes if begin <= when < begin + timedelta(hours=1)]
        assert sum(within) <= rules.hourly_ppm


@given(st.integers(60, 79), st.integers(70, 200), st.integers(0, 400_000))
def test_between_the_thresholds_nothing_moves(percent, current, changed):
    decision = decide(configured(event=EVENT, demand=DEMAND), current * 10_000,
                      seen(percent, arrivals=9, hours_to_doors=24.0, changed_last_hour_ppm=changed))  # fmt: skip
    assert (decision.ppm, decision.causes) == (current * 10_000, ())


@given(st.integers(1, 10_000_000), sights)
def test_without_a_configuration_the_multiplier_is_one(current, sight):
    occupied, arrivals, hours, changed = sight
    signals = seen(occupied, arrivals=arrivals, hours_to_doors=hours, changed_last_hour_ppm=changed)
    assert decide(None, current, signals).ppm == ONE


@given(configurations(), st.integers(1, 10_000_000), sights)
def test_a_fuller_lot_is_never_cheaper(rules, current, sight):
    occupied, arrivals, hours, _ = sight
    less = decide(rules, current, seen(occupied, arrivals=arrivals, hours_to_doors=hours))
    more = decide(rules, current, seen(occupied + 1, arrivals=arrivals, hours_to_doors=hours))
    assert less.ppm <= more.ppm


@given(configurations(), st.integers(1, 10_000_000), sights)
def test_a_cause_stands_wherever_the_price_moved(rules, current, sight):
    occupied, arrivals, hours, changed = sight
    decision = decide(rules, current, seen(occupied, arrivals=arrivals, hours_to_doors=hours,
                                           changed_last_hour_ppm=changed))  # fmt: skip
    assert decision.ppm == current or decision.causes
