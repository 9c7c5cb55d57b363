"""What is shown of an event's seats, cached until it is another: the map, who sits where, and the drawing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from django.core.cache import cache

from ticketing.models import EventSeat, EventSeating
from ticketing.seats import drawing, mapping
from ticketing.seats.errors import NoSeating

#: Seconds that what changes is kept at most: should a change have gone uncounted, it is this old.
KEPT = 5
#: The same for the map, whose changes are written with it.
MAP_KEPT = 3600
Status = EventSeat.Status
#: A letter for each status; the public is told of free and taken alone.
LETTERS = {Status.FREE: "f", Status.HELD: "h", Status.SOLD: "s", Status.BLOCKED: "b", Status.HOUSE: "o"}
_PUBLIC = str.maketrans({letter: "f" if letter == "f" else "t" for letter in LETTERS.values()})


class Picture(NamedTuple):
    """Bytes to send, and the tag that says whether the reader has them already."""

    etag: str
    body: bytes


def seating_of(event_id: UUID) -> EventSeating:
    """Raises `NoSeating`."""
    found = EventSeating.objects.select_related("plan").filter(event=event_id).first()
    if found is None:
        raise NoSeating
    return found


def of_map(seating: EventSeating) -> Picture:
    """What stands where, as JSON. Without a query where the cache has it, else two."""
    return _kept(
        f"map.{_version(seating)}", MAP_KEPT, lambda: _json({"version": tag(seating), **mapping.drawn(seating)})
    )


def of_statuses(seating: EventSeating, *, for_staff: bool = False) -> Picture:
    """A letter for each seat, in the order of the map, as JSON. Without a query where the cache has it, else one."""
    key = f"statuses.{for_staff:d}.{_version(seating)}.{seating.changes}"
    return _kept(key, KEPT, lambda: _json(_statuses(seating, for_staff)))


def of_drawing(seating: EventSeating, *, for_staff: bool = False) -> Picture:
    """Everything as an SVG. Without a query where the cache has it, else three."""
    key = f"svg.{for_staff:d}.{_version(seating)}.{seating.changes}"
    return _kept(key, KEPT, lambda: drawing.drawn(seating, for_staff).encode())


def tag(seating: EventSeating) -> str:
    """Which map it is: positions in what changes count by this one."""
    return f"{seating.pk.hex[-8:]}-{seating.version}"


def _version(seating: EventSeating) -> str:
    """The drawing shows the plan's name, stage and outlines as well."""
    return f"{seating.pk}.{seating.version}.{seating.plan.version}.{seating.plan.updated_at.timestamp()}"


def _statuses(seating: EventSeating, for_staff: bool) -> dict[str, Any]:
    statuses = EventSeat.objects.filter(event=seating.event_id).order_by("position").values_list("status", flat=True)
    letters = "".join(LETTERS[Status(status)] for status in statuses)
    shown = letters if for_staff else letters.translate(_PUBLIC)
    return {"version": tag(seating), "count": len(shown), "free": shown.count("f"), "seats": shown}


def _json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()


def _kept(key: str, seconds: int, make: Callable[[], bytes]) -> Picture:
    found = cache.get(f"seats.{key}")
    if found is None:
        body = make()
        found = f'"{hashlib.sha256(body).hexdigest()[:32]}"', body
        cache.set(f"seats.{key}", found, seconds)
    return Picture(*found)
