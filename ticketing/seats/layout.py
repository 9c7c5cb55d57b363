"""What choosing seats needs to know of a hall, made once and read by every buyer: rows cut into neighbours, distances.

Nothing here asks the database. A seat is known by its position: its place in the order of the map, from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import hypot
from typing import NamedTuple


class Spot(NamedTuple):
    """One seat as choosing sees it; `x` and `y` in metres, `goes_with` the position of its wheelchair place."""

    section: str
    row_order: int
    seat_order: int
    x: float
    y: float
    accessible: bool = False
    companion: bool = False
    restricted: bool = False
    goes_with: int | None = None


class Segment(NamedTuple):
    """Neighbours in one row without an aisle between them: the positions from `start` up to, not with, `end`."""

    start: int
    end: int
    nearest: int


class Layout:
    """The seats of an event in the order of its map: by section, row, and seat within it."""

    def __init__(self, spots: Sequence[Spot], stage: tuple[float, float]) -> None:
        self.spots, self.stage = tuple(spots), stage
        #: How far each seat is from the stage, in whole centimetres: sums of them are exact.
        self.distance = tuple(round(100 * hypot(s.x - stage[0], s.y - stage[1])) for s in spots)
        self.distance_before = (0, *accumulate(self.distance))
        self.restricted_before = (0, *accumulate(int(s.restricted) for s in spots))
        #: 1 where anybody may sit: neither a wheelchair place nor kept for who comes with one.
        self.ordinary = bytes(not (s.accessible or s.companion) for s in spots)
        self.segments = _segments(self.spots, self.distance)
        self.segments_by_nearness = sorted(self.segments, key=lambda each: (each.nearest, each.start))
        self.segment_of = {at: each for each in self.segments for at in range(each.start, each.end)}
        self.companions: dict[int, list[int]] = {at: [] for at, spot in enumerate(spots) if spot.accessible}
        for at, spot in enumerate(spots):
            if spot.companion and spot.goes_with in self.companions:
                self.companions[spot.goes_with].append(at)

        #: Where each section starts and ends.
        self.sections: dict[str, tuple[int, int]] = {}
        for at, spot in enumerate(spots):
            self.sections[spot.section] = self.sections.get(spot.section, (at, at))[0], at + 1

    def within(self, free: bytes, section: str) -> bytes:
        """Of the free seats those of one section; all of them where none is named."""
        if not section:
            return free
        start, end = self.sections.get(section, (0, 0))
        return bytes(start) + free[start:end] + bytes(len(free) - end)

    def __len__(self) -> int:
        return len(self.spots)

    def cost(self, start: int, end: int) -> tuple[int, int]:
        """Of the seats from `start` up to `end`: how many see badly, and how far they are from the stage together."""
        return (
            self.restricted_before[end] - self.restricted_before[start],
            self.distance_before[end] - self.distance_before[start],
        )


def _segments(spots: Sequence[Spot], distance: Sequence[int]) -> list[Segment]:
    """Cut where the section or the row ends, and where the count of seats leaves a gap: there is an aisle."""
    starts = [at for at in range(len(spots)) if at == 0 or not _are_neighbours(spots[at - 1], spots[at])]
    bounds = pairwise([*starts, len(spots)])
    return [Segment(start, end, min(distance[start:end])) for start, end in bounds]


def _are_neighbours(left: Spot, right: Spot) -> bool:
    return (left.section, left.row_order) == (right.section, right.row_order) and (
        right.seat_order - left.seat_order == 1
    )
