"""What a device may be bound to. Events, lots and outlets stand in apps above; these register themselves here.

And whether a device reaches what is asked for: people are bound to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from venues.devices.errors import NotForDevices

#: The rows at these venues that a device of the scope may be for.
Source = Callable[[], QuerySet[Any]]
_sources: dict[str, Source] = {}
#: So many are offered for choice.
OFFERED = 200


def register(scope: str, source: Source) -> None:
    """`source()` answers the rows, each with a `venue_id`, that devices of `scope` may be bound to."""
    _sources[scope] = source


def find(scope: str, venue_id: UUID, place_id: UUID) -> Model | None:
    """The row of that venue, or None."""
    found: Model | None = _sources[scope]().filter(venue_id=venue_id, pk=place_id).first()
    return found


def offered(venue_ids: Iterable[UUID] | None) -> list[tuple[str, Model]]:
    """Scope and row of what may be chosen at these venues (None: at all), the newest of each scope."""
    found = []
    for scope, source in _sources.items():
        rows = source() if venue_ids is None else source().filter(venue_id__in=list(venue_ids))
        found += [(scope, row) for row in rows.order_by("-created_at")[:OFFERED]]
    return found


def require(user: Any, place_id: UUID) -> None:
    """Raise `NotForDevices` for a device that is bound elsewhere."""
    bound = _bound(user)
    if bound is not None and bound != place_id:
        raise NotForDevices


def settled(user: Any, place_id: UUID | None) -> UUID | None:
    """The place that was asked for; of a bound device that asked for none, its own. Raises `NotForDevices`."""
    if place_id is None:
        return _bound(user)
    require(user, place_id)
    return place_id


def is_device(user: Any) -> bool:
    return getattr(user, "device", None) is not None


def _bound(user: Any) -> UUID | None:
    device = getattr(user, "device", None)
    return None if device is None else device.place_id
