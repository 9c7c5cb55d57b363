"""What a rollup is made of: its table's parent, the day it is of, and the kinds that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models

from trufan.lib.money import CurrencyField
from trufan.lib.words import lazy as _
from venues.models import Venue


class DayRow(models.Model):
    """The parent of every rollup: figures of one venue's day in one currency. Nothing refers to its rows."""

    id = models.BigAutoField(primary_key=True)
    venue_id = models.UUIDField()
    day = models.DateField(help_text=_("By the venue's clock."))
    currency = CurrencyField()

    class Meta:
        abstract = True

    @classmethod
    def values_of(cls, rows: Iterable[DayRow]) -> list[tuple[Any, ...]]:
        """The rows without their keys, in an order that depends on nothing but themselves."""
        names = [field.attname for field in cls._meta.concrete_fields if not field.primary_key]
        return sorted((tuple(getattr(row, name) for name in names) for row in rows), key=repr)


@dataclass(frozen=True)
class VenueDay:
    """One day of a venue by its own clock: from `start` up to, not including, `end`. 23 to 25 hours long."""

    venue_id: UUID
    zone: ZoneInfo
    currency: str
    day: date

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, time.min, self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.day + timedelta(days=1), time.min, self.zone).astimezone(UTC)

    def on(self, column: str) -> models.Q:
        """Rows whose moment `column` is within the day."""
        return models.Q(**{f"{column}__gte": self.start, f"{column}__lt": self.end})


def venue_day(venue: Venue, day: date) -> VenueDay:
    return VenueDay(venue.pk, venue.zone, venue.currency, day)


def noon_of(day: date, zone: ZoneInfo) -> datetime:
    """A moment that is on the day, whatever the clocks do."""
    return datetime.combine(day, time(12), zone)


@dataclass(frozen=True)
class Rollup:
    """A table of days, what makes it out of date (`topic`), and the one function that fills a day of it.

    `first_at(venue_id)` is the moment of the first fact it would count, None where there is none. `prepare(venue_id)`
    is called before a rebuild, to note facts from before it was kept. `last_at` is for what counts on a day to come.
    """

    name: str
    model: type[DayRow]
    topic: str
    compute: Callable[[VenueDay], Sequence[DayRow]]
    first_at: Callable[[UUID], datetime | None]
    prepare: Callable[[UUID], None] | None = None
    last_at: Callable[[UUID], datetime | None] | None = None


_rollups: dict[str, Rollup] = {}


def register(rollup: Rollup) -> None:
    """Raises `ValueError` when another has the name."""
    if _rollups.get(rollup.name, rollup) is not rollup:
        raise ValueError(f"a rollup named {rollup.name!r} is registered already")
    _rollups[rollup.name] = rollup


def rollups(topic: str | None = None) -> list[Rollup]:
    """Those of a topic, or all."""
    return [each for each in _rollups.values() if topic in (None, each.topic)]


def rollup(name: str) -> Rollup:
    return _rollups[name]
