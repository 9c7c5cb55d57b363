"""The layout of an event's seats, kept by each process as long as the event keeps its map."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple
from uuid import UUID

from ticketing.models import EventSeat, EventSeating
from ticketing.seats.layout import Layout, Spot

#: How many events a process remembers; an arena takes about ten megabytes.
KEPT = 16


class Stage(NamedTuple):
    """Of which seating, by which version of its map, and where the stage's middle is, in metres."""

    seating: UUID
    version: int
    x: float
    y: float


_kept: OrderedDict[Stage, Layout] = OrderedDict()

_COLUMNS = (
    "section", "row_order", "seat_order", "x", "y", "accessible", "companion", "restricted_view", "goes_with",
)  # fmt: skip


def of(event_id: UUID) -> Layout:
    """One query, and another where the process does not know the event's map yet. Raises `DoesNotExist`."""
    seating = EventSeating.objects.filter(event=event_id)
    stage = Stage(*seating.values_list("pk", "version", "plan__stage_x", "plan__stage_y").get())
    found = _kept.get(stage)
    if found is None:
        found = _kept[stage] = _read(event_id, stage)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def _read(event_id: UUID, stage: Stage) -> Layout:
    seats = EventSeat.objects.filter(event=event_id).order_by("position").values_list(*_COLUMNS)
    return Layout([Spot(*seat) for seat in seats], (stage.x, stage.y))
