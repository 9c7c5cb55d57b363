"""Events drawn up and changed. Moves of their status stand in `lifecycle.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from audit.trail import record
from events.errors import CapacityTooSmall, EventClosed
from events.lifecycle import locked
from events.models import Event
from events.refund_policy import refuse_bad_policy
from trufan.lib.errors import Invalid
from venues.models import Venue

#: How long before the start doors open when nobody says so.
DOORS_BEFORE_START = timedelta(hours=1)
_OPEN = frozenset({Event.Status.DRAFT, Event.Status.PUBLISHED})


def create(venue: Venue, by: Any, **fields: Any) -> Event:
    """Draw up a draft. Without `doors_at` doors open an hour before `starts_at`.

    Raises `Invalid` on times out of order and on a refund policy that says nothing clear.
    """
    fields.setdefault("doors_at", fields["starts_at"] - DOORS_BEFORE_START)
    event = Event(venue=venue, **fields)
    _refuse_disorder(event)
    refuse_bad_policy(event.configuration)
    with transaction.atomic():
        event.save(force_insert=True)
        record("event.created", event, new=fields, actor=by, venue_id=venue.pk)
    return event


def change(event: Event, by: Any, **fields: Any) -> Event:
    """Change a draft or a published event; its history keeps what it was.

    Raises `EventClosed`, `Invalid` (times out of order, an unclear refund policy) and `CapacityTooSmall`.
    """
    with transaction.atomic():
        event = locked(event)
        if event.status not in _OPEN:
            raise EventClosed
        changes = {name: value for name, value in fields.items() if getattr(event, name) != value}
        if not changes:
            return event
        before = {name: getattr(event, name) for name in changes}
        for name, value in changes.items():
            setattr(event, name, value)
        _refuse_disorder(event)
        refuse_bad_policy(changes.get("configuration", {}))
        _write(event, changes)
        record("event.changed", event, old=before, new=changes, actor=by, venue_id=event.venue_id)
    return event


def _refuse_disorder(event: Event) -> None:
    if event.ends_at <= event.starts_at:
        raise Invalid.field("ends_at", "An event ends after it starts.", "out_of_order")
    if event.doors_at > event.starts_at:
        raise Invalid.field("doors_at", "Doors open before the event starts, or when it does.", "out_of_order")


def _write(event: Event, changes: dict[str, Any]) -> None:
    """One UPDATE, which a capacity below what is allotted at that moment does not pass."""
    rows = Event.objects.filter(pk=event.pk)
    if "capacity" in changes:
        rows = rows.filter(allocated__lte=changes["capacity"])
    if not rows.update(**changes):
        event.refresh_from_db(fields=["allocated"])
        raise CapacityTooSmall(
            f"{event.allocated} tickets are already allotted; the capacity may not be less.", allocated=event.allocated
        )
