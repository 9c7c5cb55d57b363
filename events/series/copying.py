"""One event copied over many dates: drafts, in one transaction, with all that other apps know of the event.

Whoever has rows of an event that its copies should have too (ticket types, questions) registers a copier, once, from
its `AppConfig.ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date
from typing import Any

from django.db import transaction

from audit.trail import record
from events.lifecycle import locked
from events.models import Event
from events.series.dates import Rule, all_times, checked, day_of, moved
from events.series.models import EventSeries

#: `(source, copies, rows)`: called in the transaction, the copies saved and knowing their venue. `rows` is what earlier
#: copiers say of theirs: by name, source row → its copy for each event: `rows["ticket_types"][old.pk, copy.pk]`.
Copier = Callable[[Event, Sequence[Event], dict[str, Any]], None]
_copiers: dict[str, Copier] = {}


def register(name: str, copier: Copier) -> None:
    """Add a copier; they are asked in the order in which they were added."""
    _copiers[name] = copier


def copy_to_dates(event: Event, days: Sequence[date], by: Any, name: str = "") -> tuple[EventSeries, list[Event]]:
    """A draft of the event on each of these days, at the same time by the venue's clock.

    They and the event are one series: the one it is of already, or a new one of this `name`, or the event's. Raises
    `NoDates` and `Invalid` naming the days.
    """
    with transaction.atomic():
        source = locked(event)
        times = all_times(checked(days, day_of(source)), source)
        series = _series_of(source, name, by)
        copies = [_draft(source, series, starts_at=t.starts_at, ends_at=t.ends_at, doors_at=t.doors_at) for t in times]
        Event.objects.bulk_create(copies)
        rows: dict[str, Any] = {}
        for copier in _copiers.values():
            copier(source, copies, rows)
        for each in copies:
            said = {"from": source.pk, "series": series.pk, "starts_at": each.starts_at}
            record("event.copied", each, new=said, actor=by, venue_id=source.venue_id)
    return series, copies


def copy_by_rule(event: Event, rule: Rule, by: Any, name: str = "") -> tuple[EventSeries, list[Event]]:
    """The same on the days of the rule after the event's own."""
    return copy_to_dates(event, rule.after(day_of(event)), by, name)


def moved_with(moment: Any, source: Event, copy: Event) -> Any:
    """A moment of the source, or none, as its copy has it: for copiers."""
    return None if moment is None else moved(moment, source, day_of(copy))


def _series_of(event: Event, name: str, by: Any) -> EventSeries:
    if event.series is not None:
        return event.series
    series = EventSeries.objects.create(venue=event.venue, name=name or event.name)
    Event.objects.filter(pk=event.pk).update(series=series)
    event.series = series
    record("event_series.created", series, new={"name": series.name, "event": event.pk}, actor=by)
    return series


def _draft(source: Event, series: EventSeries, **times: Any) -> Event:
    return Event(
        venue=source.venue,
        series=series,
        name=source.name,
        description=source.description,
        category=source.category,
        capacity=source.capacity,
        configuration=deepcopy(source.configuration),
        **times,
    )
