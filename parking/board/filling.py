"""How full lots are by kind of space, now and in the next hours. One query for the uses of all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from parking.lots.models import ONE, ParkingCapacity
from parking.spaces import counting
from parking.spaces.models import SpaceUse

#: How far ahead the bars look, and how much each stands for.
AHEAD, STEP = timedelta(hours=6), timedelta(minutes=30)
#: A reservation that begins within this is expected.
SOON = timedelta(hours=2)
_RESERVED = (SpaceUse.Purpose.RESERVATION, SpaceUse.Purpose.HOLD)


@dataclass(frozen=True)
class Use:
    """A row of `SpaceUse` as it is counted now."""

    purpose: str
    span: counting.Span
    is_inside: bool

    @property
    def quantity(self) -> int:
        return self.span[2]


@dataclass(frozen=True)
class Slot:
    """The fewest spaces that are free at any moment of one half hour. Below zero: more cars than spaces."""

    starts_at: datetime
    free: int
    spaces: int

    @property
    def taken_percent(self) -> int:
        """How high the bar is."""
        return min(max(100 * (self.spaces - self.free) // self.spaces, 0), 100) if self.spaces else 100

    @property
    def level(self) -> str:
        """`full`, `high` from 80 % on, else `low`."""
        if self.free <= 0:
            return "full"
        return "high" if self.taken_percent >= 80 else "low"


@dataclass(frozen=True)
class Filling:
    """One kind of space at one lot. `expected` are reserved, not inside, and begin soon."""

    capacity: ParkingCapacity
    inside: int
    expected: int
    blocked: int
    free: int
    slots: Sequence[Slot]

    @property
    def kind(self) -> str:
        return self.capacity.get_kind_display()

    @property
    def multiplier(self) -> str:
        """`× 1.2`; empty while prices are as the tariff has them."""
        return "" if self.capacity.multiplier_ppm == ONE else f"× {self.capacity.multiplier_ppm / ONE:g}"

    @property
    def over(self) -> int:
        """How many cars more than spaces there are."""
        return max(-self.free, 0)


def fillings(capacities: Iterable[ParkingCapacity], now: datetime) -> dict[UUID, Filling]:
    """By the capacity's id; one query."""
    known = {capacity.pk: capacity for capacity in capacities}
    uses = _uses(known, now)
    return {pk: _filling(capacity, uses.get(pk, []), now) for pk, capacity in known.items()}


def _uses(capacity_ids: Collection[UUID], now: datetime) -> dict[UUID, list[Use]]:
    rows = SpaceUse.objects.filter(
        counting.counted(now), counting.overlapping(now, now + AHEAD), capacity__in=capacity_ids
    ).order_by()
    found: defaultdict[UUID, list[Use]] = defaultdict(list)
    for pk, purpose, begins, ends, quantity, is_inside in rows.values_list(
        "capacity_id", "purpose", "starts_at", "ends_at", "quantity", "is_inside"
    ):
        found[pk].append(Use(purpose, counting.span(begins, ends, quantity, is_inside, now), is_inside))
    return found


def _filling(capacity: ParkingCapacity, uses: Sequence[Use], now: datetime) -> Filling:
    spans = [use.span for use in uses]
    expected = (use for use in uses if use.purpose in _RESERVED and not use.is_inside and use.span[0] < now + SOON)
    blocked = (use for use in uses if use.purpose == SpaceUse.Purpose.BLOCK and use.span[0] <= now < use.span[1])
    return Filling(
        capacity=capacity,
        inside=sum(use.quantity for use in uses if use.is_inside),
        expected=sum(use.quantity for use in expected),
        blocked=sum(use.quantity for use in blocked),
        free=capacity.spaces - counting.peak(spans, now, now + timedelta(microseconds=1)),
        slots=[_slot(capacity, spans, begins, now) for begins in half_hours(now)],
    )


def _slot(capacity: ParkingCapacity, spans: Iterable[counting.Span], begins: datetime, now: datetime) -> Slot:
    taken = counting.peak(spans, max(begins, now), begins + STEP)
    return Slot(starts_at=begins, free=capacity.spaces - taken, spaces=capacity.spaces)


def half_hours(now: datetime) -> list[datetime]:
    """The present half hour of the clock and those after it, so that the bars stand still while it lasts."""
    first = datetime.fromtimestamp(now.timestamp() // STEP.total_seconds() * STEP.total_seconds(), UTC)
    return [first + n * STEP for n in range(AHEAD // STEP)]
