"""Which lots have room, now or in a window, and how much; the same few queries for any number of lots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from parking.booking.quoting import refuse_window
from parking.lots import opening
from parking.lots.models import ParkingCapacity, ParkingLot
from parking.spaces import counting
from trufan.lib.errors import Invalid
from trufan.lib.time_filter import TimeFilter

_BOUNDS = ("starts_at", "ends_at")
#: What "now" lasts.
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Window:
    """From when until when somebody wants to park; `is_now`: nobody said, and it is this moment."""

    starts_at: datetime
    ends_at: datetime
    is_now: bool = False


def window_of(params: Mapping[str, str], now: datetime) -> Window:
    """The window in `starts_at` and `ends_at` of a query; this moment without them.

    Raises `Invalid` for one without the other, and for a window that is none or lies in the past.
    """
    given = {name: _moment(name, params.get(name, "")) for name in _BOUNDS}
    begins, ends = (given[name] for name in _BOUNDS)
    if begins is None and ends is None:
        return Window(now, now + _MOMENT, is_now=True)
    if begins is None or ends is None:
        lacking = "starts_at" if begins is None else "ends_at"
        raise Invalid.field(lacking, "Give starts_at and ends_at together.", "required")
    refuse_window(begins, ends, now)
    return Window(begins, ends)


def left_of(lots: Iterable[ParkingLot], window: Window, now: datetime) -> dict[UUID, int]:
    """How many spaces of each kind are free for the whole window, by the capacity's id; `capacities` were read."""
    kinds = [capacity for lot in lots for capacity in lot.capacities.all()]
    return counting.left_by_capacity(kinds, window.starts_at, window.ends_at, now)


def with_room(lots: Any, window: Window, kind: str, now: datetime) -> list[UUID]:
    """The lots that take a car for the whole window, into a space of that kind if one is named; three queries.

    In a window that is to come only those that take reservations; now only those that are open now.
    """
    rows = ParkingCapacity.objects.filter(lot__in=lots.order_by().values("pk"), spaces__gt=0)
    capacities = list((rows.filter(kind=kind) if kind else rows).select_related("lot__venue").order_by("pk"))
    left = counting.left_by_capacity(capacities, window.starts_at, window.ends_at, now)
    free = {capacity.lot_id for capacity in capacities if left[capacity.pk] > 0}
    reachable = ParkingLot.objects.filter(pk__in=free).select_related("venue").prefetch_related("opening_hours")
    begins = max(window.starts_at, now)
    return [lot.pk for lot in reachable if (window.is_now or lot.takes_reservations) and opening.is_open(lot, begins)]


def _moment(name: str, given: str) -> datetime | None:
    try:
        found: datetime | None = TimeFilter.field_class(required=False).clean(given)
    except ValidationError as problem:
        raise Invalid.field(name, problem.messages[0]) from None
    return found
