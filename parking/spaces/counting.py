"""How many spaces are taken: overlapping uses are counted at their peak, not added up.

Every use is from its start until just before its end. A car that should have left and is still there is expected to
stay a while longer, at each moment anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from parking.lots.models import ParkingCapacity
from parking.spaces.models import SpaceUse

#: For how long from any moment a car is expected to stay on that has outstayed its time.
STAYS_ON = timedelta(minutes=15)
#: Later than anything that is asked for.
FOREVER = timedelta(days=3650)

Span = tuple[datetime, datetime, int]


def peak(spans: Iterable[Span], starts_at: datetime, ends_at: datetime) -> int:
    """The most that the spans `(from, until, how many)` take at any one moment of the window."""
    steps: defaultdict[datetime, int] = defaultdict(int)
    for begins, ends, quantity in spans:
        if begins < ends_at and ends > starts_at:
            steps[max(begins, starts_at)] += quantity
            steps[ends] -= quantity
    taken = most = 0
    for moment in sorted(steps):
        taken += steps[moment]
        most = max(most, taken)
    return most


def left(
    capacity: ParkingCapacity, starts_at: datetime, ends_at: datetime, now: datetime, without: Collection[UUID] = ()
) -> int:
    """How many more of this kind could be taken for the whole window; one query. Below zero: cars outstayed their time.

    `without`: ids of uses that are not counted, for they are about to change.
    """
    spans = _spans([capacity.pk], starts_at, ends_at, now, without).get(capacity.pk, [])
    return capacity.spaces - peak(spans, starts_at, ends_at)


def most(capacity: ParkingCapacity, now: datetime) -> int:
    """How many of this kind are taken at the moment, from now on, when most are: fewer spaces there may not be."""
    return capacity.spaces - left(capacity, now, now + FOREVER, now)


def left_by_capacity(
    capacities: Iterable[ParkingCapacity], starts_at: datetime, ends_at: datetime, now: datetime
) -> dict[UUID, int]:
    """The same for many kinds and lots together, by the capacity's id; one query. Never below zero."""
    known = {capacity.pk: capacity for capacity in capacities}
    spans = _spans(list(known), starts_at, ends_at, now)
    return {pk: max(capacity.spaces - peak(spans.get(pk, []), starts_at, ends_at), 0) for pk, capacity in known.items()}


def left_by_window(windows: Sequence[tuple[ParkingCapacity, datetime, datetime]], now: datetime) -> list[int]:
    """The same for windows `(kind, from, until)` that each stand for themselves, in their order; one query."""
    if not windows:
        return []
    first, last = min(begins for _, begins, _ in windows), max(ends for _, _, ends in windows)
    spans = _spans({capacity.pk for capacity, _, _ in windows}, first, last, now)
    return [
        max(capacity.spaces - peak(spans.get(capacity.pk, []), begins, ends), 0) for capacity, begins, ends in windows
    ]


def left_now(capacities: Iterable[ParkingCapacity], now: datetime) -> dict[UUID, int]:
    """How many are free at this moment; one query."""
    return left_by_capacity(capacities, now, now + timedelta(microseconds=1), now)


def inside(capacities: Iterable[ParkingCapacity]) -> Mapping[UUID, int]:
    """How many cars are there, by the capacity's id; one query."""
    counts: defaultdict[UUID, int] = defaultdict(int)
    ids = [capacity.pk for capacity in capacities]
    for pk, quantity in (
        SpaceUse.objects.filter(capacity__in=ids, is_inside=True).order_by().values_list("capacity_id", "quantity")
    ):
        counts[pk] += quantity
    return counts


def counted(now: datetime) -> Q:
    """What is counted at all: what is active, but for holds whose time is up."""
    return Q(is_active=True) & (Q(held_until=None) | Q(held_until__gt=now))


def overlapping(starts_at: datetime, ends_at: datetime) -> Q:
    """What lies in the window, or may: cars that are there, before their time or beyond it."""
    return Q(starts_at__lt=ends_at, ends_at__gt=starts_at) | Q(is_inside=True)


def span(begins: datetime, ends: datetime, quantity: int, is_inside: bool, now: datetime) -> Span:
    """A use as it is counted at `now`: a car that came early is there already, one late to leave is there still."""
    return (min(begins, now), max(ends, now + STAYS_ON), quantity) if is_inside else (begins, ends, quantity)


def _spans(
    capacity_ids: Collection[UUID],
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    without: Collection[UUID] = (),
) -> dict[UUID, list[Span]]:
    rows: QuerySet = SpaceUse.objects.filter(
        counted(now), overlapping(starts_at, ends_at), capacity__in=capacity_ids
    ).order_by()
    if without:
        rows = rows.exclude(pk__in=without)
    spans: defaultdict[UUID, list[Span]] = defaultdict(list)
    for pk, begins, ends, quantity, is_inside in rows.values_list(
        "capacity_id", "starts_at", "ends_at", "quantity", "is_inside"
    ):
        spans[pk].append(span(begins, ends, quantity, is_inside, now))
    return spans
