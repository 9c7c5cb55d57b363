"""What venues' own systems are told of events, on the facts that events announce anyway."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from events.models import Event
from notifications.webhooks import kinds
from notifications.webhooks.announcing import announce

_EVENT: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000b002",
    "name": "Friday Night Live",
    "status": "published",
    "starts_at": "2026-11-20T19:00:00Z",
    "doors_at": "2026-11-20T18:00:00Z",
    "ends_at": "2026-11-20T22:00:00Z",
    "capacity": 1000,
}
PUBLISHED = kinds.register("event.published", "An event was published: it can be seen and sold.", {"event": _EVENT})
CANCELLED = kinds.register("event.cancelled", "An event was called off.", {"event": {**_EVENT, "status": "cancelled"}})
COMPLETED = kinds.register("event.completed", "An event is over.", {"event": {**_EVENT, "status": "completed"}})


def published(sender: Any, *, event: Event, now: datetime, **kwargs: Any) -> None:
    announce(PUBLISHED, event.venue_id, partial(_data, event), now)


def cancelled(sender: Any, *, event: Event, now: datetime, **kwargs: Any) -> None:
    announce(CANCELLED, event.venue_id, partial(_data, event), now)


def completed(sender: Any, *, event: Event, now: datetime, **kwargs: Any) -> None:
    announce(COMPLETED, event.venue_id, partial(_data, event), now)


def _data(event: Event) -> dict[str, Any]:
    plain = ("id", "name", "status", "starts_at", "doors_at", "ends_at", "capacity")
    return {"event": {name: getattr(event, name) for name in plain}}
