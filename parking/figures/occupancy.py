"""How many cars were there, by the hour of the week and by day, averaged over the time that really passed.

The period is cut into quarters of an hour of elapsed time, each of which belongs to one hour of the venue's clock:
every zone is a multiple of them away from UTC. The hour that a clock skips in spring has no quarters on that day, the
one it repeats in autumn has eight, and both averages are right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from statistics import fmean, median
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
_SECONDS = QUARTER.total_seconds()

#: From when until when a car was there.
Stay = tuple[datetime, datetime]
#: Monday is 0, as in `LotHours`; and the hour of the clock.
HourOfWeek = tuple[int, int]


@dataclass
class _Sum:
    car_seconds: float = 0
    seconds: float = 0
    most: float = 0

    def add(self, car_seconds: float) -> None:
        self.car_seconds += car_seconds
        self.seconds += _SECONDS
        self.most = max(self.most, car_seconds / _SECONDS)

    @property
    def average(self) -> float:
        return self.car_seconds / self.seconds


@dataclass(frozen=True)
class Day:
    """One day of the clock: cars on average, the most in any quarter of an hour, and how many hours were looked at."""

    average: float
    most: float
    hours: float


@dataclass
class Occupancy:
    """What the stays of a period come to. Feed it every stay once, then read."""

    since: datetime
    until: datetime
    zone: ZoneInfo
    _begun: int = 0
    _lengths: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        quarters = max(int((self.until - self.since) / QUARTER), 0)
        # Car-seconds of the quarters in which a stay begins or ends, and by how many cars each quarter differs.
        self._parts = [0.0] * quarters
        self._steps = [0] * (quarters + 1)

    def add(self, stays: Iterable[Stay]) -> Occupancy:
        """`stays` may begin before the period and end after it; one that is still on ends now."""
        for began, ended in stays:
            if self.since <= began < self.until:
                self._begun += 1
                self._lengths.append((ended - began).total_seconds())
            self._count(began, ended)
        return self

    def _count(self, began: datetime, ended: datetime) -> None:
        """Whole quarters by their difference, so that a stay of a month costs no more than one of an hour."""
        last = len(self._parts) * _SECONDS
        begins = max((began - self.since).total_seconds(), 0)
        ends = min((ended - self.since).total_seconds(), last)
        if ends <= begins:
            return
        first, final = int(begins // _SECONDS), int(ends // _SECONDS)
        if first == final:
            self._parts[first] += ends - begins
            return
        self._parts[first] += (first + 1) * _SECONDS - begins
        if final < len(self._parts):
            self._parts[final] += ends - final * _SECONDS
        self._steps[first + 1] += 1
        self._steps[final] -= 1

    # -- To read --

    @property
    def stays(self) -> int:
        """How many began in the period."""
        return self._begun

    @property
    def average_stay(self) -> timedelta | None:
        return timedelta(seconds=fmean(self._lengths)) if self._lengths else None

    @property
    def middle_stay(self) -> timedelta | None:
        """Half of them were shorter."""
        return timedelta(seconds=median(self._lengths)) if self._lengths else None

    @cached_property
    def _car_seconds(self) -> list[float]:
        whole = accumulate(self._steps[:-1])
        return [part + cars * _SECONDS for part, cars in zip(self._parts, whole, strict=True)]

    @cached_property
    def _sums(self) -> tuple[dict[HourOfWeek, _Sum], dict[date, _Sum]]:
        hours: dict[HourOfWeek, _Sum] = {}
        days: dict[date, _Sum] = {}
        for at, car_seconds in enumerate(self._car_seconds):
            local = (self.since + at * QUARTER).astimezone(self.zone)
            hours.setdefault((local.weekday(), local.hour), _Sum()).add(car_seconds)
            days.setdefault(local.date(), _Sum()).add(car_seconds)
        return hours, days

    @property
    def by_hour(self) -> dict[HourOfWeek, float]:
        """How many cars were there on average; hours of the week that did not occur are missing."""
        return {key: found.average for key, found in self._sums[0].items()}

    @property
    def by_day(self) -> dict[date, Day]:
        return {
            day: Day(average=found.average, most=found.most, hours=found.seconds / 3600)
            for day, found in self._sums[1].items()
        }
