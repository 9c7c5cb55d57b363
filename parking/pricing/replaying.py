"""A past to simulate on: of a file of readings, or of a lot's own stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from parking.lots.models import ParkingCapacity
from parking.pricing import past, reading_csv
from parking.pricing.configuration import Configuration
from parking.pricing.shows import Show
from parking.pricing.simulation import USUAL_MINUTES, Reading, Simulation, simulate
from parking.pricing.words import plural
from parking.rates.tariff import Tariff
from trufan.lib.errors import Invalid

#: How long a car stays of which nothing is known, in minutes.
USUAL_STAY = 120


@dataclass(frozen=True)
class Terms:
    """Under what the past is replayed. What is None is taken from the past itself, where it tells."""

    configuration: Configuration | None
    tariff: Tariff
    spaces: int | None
    zone: ZoneInfo
    currency: str
    elasticity: float
    typical_minutes: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def simulate(self, readings: Iterable[Reading], minutes: int, shows: list[Show]) -> Simulation:
        """Raises `Invalid` without spaces."""
        return simulate(
            readings,
            self.known_spaces,
            self.configuration,
            self.tariff,
            zone=self.zone,
            elasticity=self.elasticity,
            typical_minutes=minutes,
            currency=self.currency,
            shows=shows,
        )

    @property
    def known_spaces(self) -> int:
        if not self.spaces:
            raise Invalid.field("spaces", gettext("Say how many spaces there are."), "required")
        return self.spaces


def of_file(lines: Iterable[str], lot: str, terms: Terms) -> tuple[Simulation, list[str]]:
    """Of the lines of a file, and what was done with those that could not be true. No events are known of it."""
    readings, faults = reading_csv.read(lines, lot, terms.known_spaces, terms.since, terms.until)
    found = terms.simulate(readings, terms.typical_minutes or USUAL_STAY, [])
    notes = faults.words()
    if terms.configuration and terms.configuration.event:
        notes.append(gettext("A file tells of no events: the rules for events moved nothing."))
    return found, notes


def of_stays(capacity: ParkingCapacity, terms: Terms, now: datetime) -> tuple[Simulation, list[str]]:
    """Of the stays on one kind of space, with the venue's events. Raises `Invalid` where there never was a car."""
    asked = past.period(capacity, terms.since, terms.until, now)
    if asked is None:
        raise Invalid.field(
            "lot",
            gettext("No car was ever on a {kind} space of {lot}.").format(
                kind=capacity.get_kind_display(), lot=capacity.lot
            ),
        )
    since, until = asked
    minutes = terms.configuration.review_minutes if terms.configuration else USUAL_MINUTES
    average = past.average_minutes(capacity, since, until)
    found = terms.simulate(
        past.readings(capacity, since, until, timedelta(minutes=minutes)),
        terms.typical_minutes or average or USUAL_STAY,
        past.shows(capacity, since, until),
    )
    notes = [gettext("Stays on {kind} spaces of {lot}.").format(kind=capacity.get_kind_display(), lot=capacity.lot)]
    if average:
        notes.append(gettext("Their average was {minutes}.").format(minutes=plural(average, "minute")))
    return found, notes
