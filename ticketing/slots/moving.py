"""An event was moved to another time: its entry slots move along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit.trail import record
from events.models import Event
from ticketing.slots.models import EntrySlot


def follow(sender: Any, *, event: Event, by: Any, was_starts_at: datetime, **kwargs: Any) -> None:
    """On `events.signals.event_moved`, in its transaction: every slot by as much as the start."""
    by_how_much = event.starts_at - was_starts_at
    if not by_how_much:
        return
    # The one that goes first leaves its place to the next: no two begin at one time, not even for a moment.
    ahead = by_how_much.total_seconds() > 0
    slots = list(EntrySlot.objects.filter(event=event).order_by("-starts_at" if ahead else "starts_at"))
    for slot in slots:
        EntrySlot.objects.filter(pk=slot.pk).update(
            starts_at=slot.starts_at + by_how_much, ends_at=slot.ends_at + by_how_much
        )
    if slots:
        said = {"slots": len(slots), "minutes": int(by_how_much.total_seconds() // 60)}
        record("event.slots_moved", event, new=said, actor=by, venue_id=event.venue_id)
