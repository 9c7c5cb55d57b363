"""How the prices of a lot follow demand, as its operator set it in `ParkingLot.pricing`.

The form is published as a JSON Schema (`pricing.schema.json`, draft 2020-12); what a schema cannot say is checked
here. There are no defaults: who wants prices to move says how far, how fast and from when.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils.translation import gettext
from jsonschema import Draft202012Validator

from parking.rates import problems
from trufan.lib.errors import Detail, Invalid

SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("pricing.schema.json").read_text(encoding="utf-8"))
_CHECK = Draft202012Validator(SCHEMA)
#: Millionths in one percent.
PERCENT = 10_000


class Move(StrEnum):
    """What a review does in a band of occupancy."""

    UP = "up"
    HOLD = "hold"
    DOWN = "down"

    @property
    def steps(self) -> int:
        return {"up": 1, "hold": 0, "down": -1}[self.value]


@dataclass(frozen=True)
class Band:
    """From so many percent of the spaces up to where the band above begins."""

    from_percent: int
    move: Move


@dataclass(frozen=True)
class EventRule:
    """Nearer than so many hours to the doors, at least so many percent of the base price."""

    within_hours: int
    at_least_percent: int


@dataclass(frozen=True)
class DemandRule:
    """One more step up where the arrivals of the window come to so many percent of the spaces."""

    window_minutes: int
    up_from_percent: int


@dataclass(frozen=True)
class Configuration:
    """Percents are of the base price; bands stand from full to empty, event rules from near to far."""

    floor_percent: int
    cap_percent: int
    step_percent: int
    max_change_per_hour_percent: int
    review_minutes: int
    occupancy: tuple[Band, ...]
    event: tuple[EventRule, ...] = ()
    demand: DemandRule | None = None

    @property
    def floor_ppm(self) -> int:
        return self.floor_percent * PERCENT

    @property
    def cap_ppm(self) -> int:
        return self.cap_percent * PERCENT

    @property
    def step_ppm(self) -> int:
        return self.step_percent * PERCENT

    @property
    def hourly_ppm(self) -> int:
        return self.max_change_per_hour_percent * PERCENT

    def within_limits(self, ppm: int) -> int:
        """The nearest multiplier from floor to cap."""
        return min(max(ppm, self.floor_ppm), self.cap_ppm)

    def as_json(self) -> dict[str, Any]:
        """What `parse` reads back to the same."""
        written: dict[str, Any] = {
            "version": 1,
            "floor_percent": self.floor_percent,
            "cap_percent": self.cap_percent,
            "step_percent": self.step_percent,
            "max_change_per_hour_percent": self.max_change_per_hour_percent,
            "review_minutes": self.review_minutes,
            "occupancy": [{"from_percent": band.from_percent, "move": band.move.value} for band in self.occupancy],
        }
        if self.event:
            written["event"] = [vars(rule).copy() for rule in self.event]
        if self.demand:
            written["demand"] = vars(self.demand).copy()
        return written


def parse(given: Any, field: str = "pricing") -> Configuration | None:
    """The configuration; None for `{}`, with which prices never move.

    Raises `Invalid` with a detail for each problem, at a path such as `pricing.occupancy[0].from_percent`.
    """
    _refuse(problems.of_schema(_CHECK, given, field))
    if not given:
        return None
    found = _read(given)
    _refuse(list(_contradictions(found, given, field)))
    return found


def _read(given: dict[str, Any]) -> Configuration:
    """JSON Schema takes 70.0 for an integer, so every number is made one."""
    names = ("floor_percent", "cap_percent", "step_percent", "max_change_per_hour_percent", "review_minutes")
    bands = (Band(int(each["from_percent"]), Move(each["move"])) for each in given["occupancy"])
    rules = (EventRule(int(each["within_hours"]), int(each["at_least_percent"])) for each in given.get("event", ()))
    demand = given.get("demand")
    return Configuration(
        **{name: int(given[name]) for name in names},
        occupancy=tuple(sorted(bands, key=lambda band: -band.from_percent)),
        event=tuple(sorted(rules, key=lambda rule: rule.within_hours)),
        demand=DemandRule(int(demand["window_minutes"]), int(demand["up_from_percent"])) if demand else None,
    )


def _refuse(found: list[Detail]) -> None:
    if found:
        raise Invalid(" ".join(f"{each.field}: {each.message}" for each in found), details=found)


# -- What a schema cannot say --


def _contradictions(found: Configuration, given: dict[str, Any], field: str) -> Iterator[Detail]:
    """What is well formed and still makes no sense."""
    if found.step_percent > found.max_change_per_hour_percent:
        yield _wrong(f"{field}.step_percent", gettext("One step is more than may change in an hour."))
    if found.floor_percent == found.cap_percent:
        yield _wrong(
            f"{field}.cap_percent", gettext("Floor and cap are the same: prices could not move. Give {} for that.")
        )
    yield from _bad_order([each["from_percent"] for each in given["occupancy"]], f"{field}.occupancy", "from_percent")
    if found.occupancy[-1].from_percent != 0:
        yield _wrong(
            f"{field}.occupancy", gettext("The lowest band must begin at 0, so that every occupancy is in one.")
        )
    if any(above.move.steps < below.move.steps for above, below in pairwise(found.occupancy)):
        yield _wrong(f"{field}.occupancy", gettext("A fuller lot must not move further down than an emptier one."))
    yield from _bad_event_rules(found, given, field)


def _bad_event_rules(found: Configuration, given: dict[str, Any], field: str) -> Iterator[Detail]:
    rules = given.get("event", [])
    yield from _bad_order([each["within_hours"] for each in rules], f"{field}.event", "within_hours")
    for index, each in enumerate(rules):
        if not found.floor_percent <= each["at_least_percent"] <= found.cap_percent:
            path = f"{field}.event[{index}].at_least_percent"
            yield _wrong(
                path,
                gettext("Give a number from floor to cap: {floor_percent} to {cap_percent}.").format(
                    floor_percent=found.floor_percent, cap_percent=found.cap_percent
                ),
            )
    if any(near.at_least_percent < far.at_least_percent for near, far in pairwise(found.event)):
        yield _wrong(f"{field}.event", gettext("Nearer to the doors the price must not be less than farther away."))


def _bad_order(numbers: list[int], path: str, name: str) -> Iterator[Detail]:
    """They grow or fall all the way, whichever the first two do."""
    falls = len(numbers) > 1 and numbers[1] < numbers[0]
    for index, (one, next_one) in enumerate(pairwise(numbers), start=1):
        if one == next_one or (next_one < one) != falls:
            yield _wrong(f"{path}[{index}].{name}", gettext("These must fall, or grow, from each to the next."))


def _wrong(path: str, message: str) -> Detail:
    return Detail(path, "invalid", message)
