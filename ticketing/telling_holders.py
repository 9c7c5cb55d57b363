"""What all holders of an event are told when it is called off or moved: a broadcast in the transaction that did it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from events.models import Event
from notifications.broadcasts.starting import start
from notifications.values import moment
from ticketing.audiences import NAME as HOLDERS


def of_event(event: Event) -> dict[str, Any]:
    """What every message about an event says of it."""
    zone = event.venue.zone
    return {
        "event": event.name,
        "venue": event.venue.name,
        "starts_at": moment(event.starts_at, zone),
        "doors_at": moment(event.doors_at, zone),
    }


def tell_cancelled(
    sender: Any, *, event: Event, by: Any, now: datetime, reason: str = "", refunds: bool = False, **kwargs: Any
) -> None:
    """It is called off; `refunds`: and the money goes back."""
    start(
        "event_cancelled",
        audience=HOLDERS,
        audience_id=event.pk,
        venue_id=event.venue_id,
        context=of_event(event) | {"reason": reason, "refunds": refunds},
        dedupe_key=f"event_cancelled:{event.pk}",
        started_by=by,
    )


def tell_moved(
    sender: Any,
    *,
    event: Event,
    by: Any,
    now: datetime,
    was_starts_at: datetime,
    was_doors_at: datetime,
    answer_by: datetime | None = None,
    **kwargs: Any,
) -> None:
    """Its doors or its start are at another time. Said again for each time it is moved."""
    zone = event.venue.zone
    choice = {"answer_by": moment(answer_by, zone)} if answer_by else {}
    start(
        "event_moved",
        audience=HOLDERS,
        audience_id=event.pk,
        venue_id=event.venue_id,
        context=of_event(event) | {"was": moment(was_starts_at, zone)} | choice,
        started_by=by,
    )
