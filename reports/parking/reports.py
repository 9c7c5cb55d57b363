"""The report about parking."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Min, Sum
from django.utils import timezone

from parking.figures.takings import midnight
from parking.models import ParkingCapacity, ParkingLot, ParkingSession, SpaceKind
from reports import reading
from reports.definition import Dimension, Filter, Measure, Query, Report, Table
from reports.labels import lots, space_kinds
from reports.parking.counting import seconds_within
from reports.parking.models import ParkingDay
from trufan.lib.words import lazy as _

NAME = "parking"
_STORED = ("stays", "ended", "length", "car_seconds", "taken")
_HOUR, _DAY = 3_600, timedelta(days=1)
Sums = Mapping[str, int]


class _Part(NamedTuple):
    """One day of one kind of space of one lot."""

    day: date
    lot_id: UUID
    kind: str
    start: datetime
    end: datetime


def _answer(report: Report, query: Query) -> Table:
    """What the rollup has, the cars that are there now, and the space there was; queries do not depend on how much."""
    dimension, now = report.dimension(query.group_by), timezone.now()
    by_key: dict[Any, Counter[str]] = defaultdict(Counter)
    stored: Any = reading.rows_of(report, query).order_by().values_list(dimension.column)
    for key, *figures in stored.annotate(**{f"sum_{name}": Sum(name) for name in _STORED}):
        by_key[key].update(dict(zip(_STORED, figures, strict=True)))
    capacities = _capacities(query)
    for spaces, part in _offered(query, capacities, now):
        by_key[getattr(part, dimension.column)]["offered"] += spaces * int((part.end - part.start).total_seconds())
    for part, seconds in _standing(query, now):
        by_key[getattr(part, dimension.column)]["car_seconds"] += seconds
    return reading.table(report, query, dimension, by_key)


def _capacities(query: Query) -> list[ParkingCapacity]:
    rows: Any = ParkingCapacity.objects.filter(lot__venue_id__in=query.venue_ids, spaces__gt=0).select_related(
        "lot__venue"
    )
    if query.filters.get("lot"):
        rows = rows.filter(lot_id=query.filters["lot"])
    if query.filters.get("kind"):
        rows = rows.filter(kind=query.filters["kind"])
    return [row for row in rows if row.lot.currency == query.currency]


def _offered(query: Query, capacities: list[ParkingCapacity], now: datetime) -> list[tuple[int, _Part]]:
    """Today's spaces over all the time that the lot was there, up to now, as `parking.figures` has it."""
    firsts: Any = ParkingDay.objects.filter(venue_id__in=query.venue_ids).values_list("lot_id").annotate(Min("day"))
    seen = dict(firsts)
    offered = []
    for row in capacities:
        made = row.lot.created_at.astimezone(row.lot.zone).date()
        begins = min(made, seen.get(row.lot_id, made))
        for part in _days(query, row.lot_id, row.kind, row.lot.zone, begins, now):
            offered.append((row.spaces, part))
    return offered


def _standing(query: Query, now: datetime) -> list[tuple[_Part, int]]:
    """The stays that go on: as many as there are cars inside."""
    rows: Any = ParkingSession.objects.filter(status=ParkingSession.Status.ACTIVE, lot__venue_id__in=query.venue_ids)
    rows = rows.filter(lot__venue__currency=query.currency)
    if query.filters.get("lot"):
        rows = rows.filter(lot_id=query.filters["lot"])
    if query.filters.get("kind"):
        rows = rows.filter(capacity__kind=query.filters["kind"])
    found = []
    for row in rows.select_related("lot__venue", "capacity"):
        zone = row.lot.zone
        for part in _days(query, row.lot_id, row.capacity.kind, zone, row.started_at.astimezone(zone).date(), now):
            if seconds := seconds_within(row.started_at, now, part.start, part.end):
                found.append((part, seconds))
    return found


def _days(query: Query, lot_id: UUID, kind: str, zone: ZoneInfo, begins: date, now: datetime) -> list[_Part]:
    """The days of the query from `begins` on, by the lot's clock, the present one until now."""
    day, last = max(query.since, begins), min(query.until, now.astimezone(zone).date())
    parts = []
    while day <= last:
        end = min(midnight(day + _DAY, zone).astimezone(UTC), now)
        parts.append(_Part(day, lot_id, kind, midnight(day, zone).astimezone(UTC), end))
        day += _DAY
    return parts


def _choose_lot(venues: Collection[UUID]) -> Sequence[tuple[str, str]]:
    rows = ParkingLot.objects.filter(venue_id__in=venues).order_by("name", "pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


def _choose_kind(venues: Collection[UUID]) -> Sequence[tuple[str, str]]:
    return [(value, str(label)) for value, label in SpaceKind.choices]


def _turnover(sums: Sums) -> float | None:
    return 24 * _HOUR * sums["stays"] / sums["offered"] if sums["offered"] else None


def _per_space_hour(sums: Sums) -> float | None:
    return sums["taken"] * _HOUR / sums["offered"] if sums["offered"] else None


PARKING = Report(
    key="parking",
    title=_("Parking"),
    question=_("How full were the lots, and what did each space earn?"),
    rollup=NAME,
    dimensions=[
        Dimension("lot", _("lot"), "lot_id", labels=lots),
        Dimension("kind", _("kind of space"), "kind", labels=space_kinds),
        Dimension("day", _("day"), "day", kind="day"),
    ],
    measures=[
        Measure("taken", _("taken")),
        Measure("occupancy", _("occupancy"), kind="ratio", summed=False, of=reading.ratio("car_seconds", "offered")),
        Measure("used", _("space-hours used"), kind="count", of=lambda sums: sums["car_seconds"] / _HOUR),
        Measure("there", _("space-hours there were"), kind="count", of=lambda sums: sums["offered"] / _HOUR),
        Measure("stays", _("stays"), kind="count"),
        Measure("turnover", _("stays for a space and day"), kind="count", summed=False, of=_turnover),
        Measure("average", _("average stay"), kind="duration", summed=False, of=reading.ratio("length", "ended")),
        Measure("per_space_hour", _("for a space and hour"), summed=False, of=_per_space_hour),
    ],
    filters=[
        Filter("lot", _("Lot"), "lot_id", choices=_choose_lot),
        Filter("kind", _("Kind of space"), "kind", choices=_choose_kind),
    ],
    answer=_answer,
)
