"""A tariff: what the operator wrote as JSON, checked, as values that a price can be reckoned from.

Its shape stands in `tariff.schema.json`, which is published; what a schema cannot say is checked here besides.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

from django.utils.translation import gettext, gettext_noop
from jsonschema import Draft202012Validator

from parking.rates import problems
from trufan.lib.errors import Detail, Invalid

SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("tariff.schema.json").read_text())


class Day(StrEnum):
    """From midnight to midnight by the lot's clock, or 24 hours from where the stay begins to be charged."""

    CALENDAR = "calendar"
    ROLLING = "rolling"


@dataclass(frozen=True)
class Interval:
    """`price` for each `minutes` begun."""

    minutes: int
    price: int

    def times(self, seconds: float) -> int:
        return ceil(seconds / (60 * self.minutes)) * self.price

    def begun(self, seconds: float) -> float:
        """When the interval that is running after so many seconds began; `seconds` itself where one just ends."""
        return seconds - seconds % (60 * self.minutes)


@dataclass(frozen=True)
class Flat:
    """One price however long."""

    flat: int

    words = gettext_noop("Flat price")

    def price(self, seconds: float) -> int:
        """What so many seconds cost; nothing where there are none."""
        return self.flat if seconds > 0 else 0

    def begun(self, seconds: float) -> float:
        """When what is running after so many seconds, and paid for, began: at once."""
        return 0


@dataclass(frozen=True)
class ByInterval:
    """A first interval at a price of its own, if any, then each interval begun."""

    every: Interval
    first: Interval | None = None

    words = gettext_noop("By the time parked")

    def price(self, seconds: float) -> int:
        if seconds <= 0:
            return 0
        if self.first is None:
            return self.every.times(seconds)
        return self.first.price + self.every.times(max(seconds - 60 * self.first.minutes, 0))

    def begun(self, seconds: float) -> float:
        """As `Interval.begun`, the first one included."""
        first = 60 * self.first.minutes if self.first else 0
        return 0 if seconds < first else first + self.every.begun(seconds - first)


@dataclass(frozen=True)
class Tier:
    """What a stay of up to so many minutes costs in all."""

    up_to_minutes: int
    price: int


@dataclass(frozen=True)
class Tiered:
    """The price of the first tier that is long enough; beyond the last, each interval begun on top."""

    tiers: tuple[Tier, ...]
    then: Interval

    words = gettext_noop("By the time parked")

    def price(self, seconds: float) -> int:
        if seconds <= 0:
            return 0
        for tier in self.tiers:
            if seconds <= 60 * tier.up_to_minutes:
                return tier.price
        last = self.tiers[-1]
        return last.price + self.then.times(seconds - 60 * last.up_to_minutes)

    def begun(self, seconds: float) -> float:
        """As `Interval.begun`, where a tier runs from the end of the one before it."""
        ends = [60 * tier.up_to_minutes for tier in self.tiers]
        if seconds < ends[-1]:
            return max((end for end in ends if end <= seconds), default=0)
        return ends[-1] + self.then.begun(seconds - ends[-1])


Base = Flat | ByInterval | Tiered


@dataclass(frozen=True)
class Overnight:
    """What falls between these times on the wall costs at most `price` a night."""

    starts: time
    ends: time
    price: int


@dataclass(frozen=True)
class EventPrice:
    """What falls into an event costs `price`, once."""

    price: int
    minutes_before_doors: int
    minutes_after_end: int


@dataclass(frozen=True)
class Tariff:
    """All of it. Amounts in minor units, `daily_maximum` None: no limit."""

    base: Base
    grace_minutes: int = 0
    free_minutes: int = 0
    minimum: int = 0
    daily_maximum: int | None = None
    day: Day | None = None
    overnight: Overnight | None = None
    event: EventPrice | None = None
    source: str = ""

    def as_json(self) -> dict[str, Any]:
        """What was written, its numbers whole."""
        return _loads(self.source)


def parse(given: Any, field: str = "tariff") -> Tariff:
    """The tariff that was written. Raises `Invalid` with a detail for every problem, at its own path below `field`."""
    found = problems.of_schema(_validator(), given, field)
    if not found:
        found = _problems(given, field)
    if found:
        raise Invalid(found[0].message if len(found) == 1 else None, details=found)
    return _read(json.dumps(given, sort_keys=True))


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(SCHEMA)


def _loads(source: str) -> dict[str, Any]:
    """JSON Schema takes 70.0 for an integer, so every number is made one: money is never a float."""
    return json.loads(source, parse_float=lambda digits: int(float(digits)))


@lru_cache(maxsize=1_000)
def _read(source: str) -> Tariff:
    """Kept: the same few tariffs are read for every quote."""
    given = _loads(source)
    night, event = given.get("overnight"), given.get("event")
    return Tariff(
        base=_base(given["base"]),
        grace_minutes=given.get("grace_minutes", 0),
        free_minutes=given.get("free_minutes", 0),
        minimum=given.get("minimum", 0),
        daily_maximum=given.get("daily_maximum"),
        day=Day(given["day"]) if "day" in given else None,
        overnight=night and Overnight(_clock(night["from"]), _clock(night["until"]), night["price"]),
        event=event and EventPrice(event["price"], event["minutes_before_doors"], event["minutes_after_end"]),
        source=source,
    )


def _base(given: dict[str, Any]) -> Base:
    if given["type"] == "flat":
        return Flat(given["price"])
    if given["type"] == "interval":
        return ByInterval(Interval(**given["every"]), Interval(**given["first"]) if "first" in given else None)
    return Tiered(tuple(Tier(**tier) for tier in given["tiers"]), Interval(**given["then"]))


def _clock(text: str) -> time:
    return time.fromisoformat(text)


def _problems(given: dict[str, Any], field: str) -> list[Detail]:
    """What a schema cannot say."""
    found = []
    if given["base"]["type"] == "tiers":
        found += _tier_problems(given["base"]["tiers"], f"{field}.base.tiers")
    most = given.get("daily_maximum")
    if most is not None and "day" not in given:
        found.append(Detail(f"{field}.day", "required", gettext("Say whether a day is calendar or rolling.")))
    if most is not None and given.get("minimum", 0) > most:
        found.append(Detail(f"{field}.minimum", "invalid", gettext("The minimum is no more than the daily maximum.")))
    night = given.get("overnight")
    if night and night["from"] == night["until"]:
        found.append(
            Detail(f"{field}.overnight.until", "invalid", gettext("A night ends at another time than it begins."))
        )
    return found


def _tier_problems(tiers: list[dict[str, int]], field: str) -> list[Detail]:
    found = []
    for at, (before, tier) in enumerate(pairwise(tiers), start=1):
        if tier["up_to_minutes"] <= before["up_to_minutes"]:
            message = gettext("Tiers do not overlap: each is longer than the one before.")
            found.append(Detail(f"{field}[{at}].up_to_minutes", "overlapping_tiers", message))
        if tier["price"] < before["price"]:
            message = gettext("A longer stay does not cost less than a shorter one.")
            found.append(Detail(f"{field}[{at}].price", "falling_price", message))
    return found
