"""Where in the line somebody is, and for how long: read from the rows, and remembered for two seconds in each process.

Ten thousand who ask every few seconds cost one read of the line every two, in each process, and a search in memory for
each of them. What is remembered is only shown; who is let in is decided on the rows (`admitting`).
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from ticketing.waitingroom.models import WaitingRoom, WaitingRoomEntry

#: How long what was read is shown, and how often people are let in.
STEP = timedelta(seconds=2)
#: The last so many who are through say how long it takes; with fewer than the least, a whole pass is assumed.
SAMPLE, LEAST = 200, 10
#: Rooms remembered at most.
_ROOMS = 50


@dataclass(frozen=True)
class Line:
    """The numbers of those who wait, lowest first; how many are in the shop; what one of them takes, in seconds."""

    turns: array[int]
    inside: int
    seconds_each: float
    read_at: datetime

    def position(self, turn: int) -> int:
        """1 for who is next."""
        return bisect_left(self.turns, turn) + 1

    def expected(self, room: WaitingRoom, position: int) -> timedelta:
        """How long until this position is let in, at the pace of those who are through."""
        steps = math.ceil(position / room.batch) * STEP.total_seconds()
        behind_those_inside = max(0, position - max(0, room.at_once - self.inside))
        return timedelta(seconds=max(steps, behind_those_inside * self.seconds_each / room.at_once))


_remembered: dict[UUID, Line] = {}


def of(room: WaitingRoom, now: datetime) -> Line:
    """The line of the room, at most two seconds old."""
    known = _remembered.get(room.pk)
    if known is not None and known.read_at <= now < known.read_at + STEP:
        return known
    if len(_remembered) >= _ROOMS:
        _remembered.clear()
    _remembered[room.pk] = read(room, now)
    return _remembered[room.pk]


def forget(room_id: UUID) -> None:
    """The line has moved: read it anew when it is asked for."""
    _remembered.pop(room_id, None)


def read(room: WaitingRoom, now: datetime) -> Line:
    """The line as the rows have it; three queries."""
    entries = WaitingRoomEntry.objects.filter(room=room)
    turns = array("q", entries.waiting().values_list("turn", flat=True).iterator(chunk_size=10_000))
    return Line(turns, entries.inside().count(), seconds_each(room), now)


def seconds_each(room: WaitingRoom) -> float:
    """The median time from being let in to being out again, of those who were through last; never 0."""
    through = WaitingRoomEntry.objects.filter(room=room).through().values_list("admitted_at", "ended_at")[:SAMPLE]
    times = [(ended - admitted).total_seconds() for admitted, ended in through]
    return max(1.0, median(times)) if len(times) >= LEAST else room.pass_time.total_seconds()
