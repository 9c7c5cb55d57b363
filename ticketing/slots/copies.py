"""Entry slots go along when an event is copied over dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from events.models import Event
from events.series.copying import moved_with
from ticketing.slots.models import EntrySlot


def slots(source: Event, copies: Sequence[Event], rows: dict[str, Any]) -> None:
    """The same times on the wall clock, nobody in them yet."""
    old = list(EntrySlot.objects.filter(event=source).order_by("starts_at"))
    EntrySlot.objects.bulk_create(slot for event in copies for slot in _copied(old, source, event))


def _copied(old: Sequence[EntrySlot], source: Event, event: Event) -> Iterator[EntrySlot]:
    """Where clocks skip an hour of the night, its slots fall on those of the next one: these stay."""
    seen = set()
    for each in old:
        starts, ends = moved_with(each.starts_at, source, event), moved_with(each.ends_at, source, event)
        if starts not in seen and starts < ends:
            seen.add(starts)
            yield EntrySlot(event=event, starts_at=starts, ends_at=ends, capacity=each.capacity)
