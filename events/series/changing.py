"""A whole series at once: published, or one thing changed from some day on. Each event goes by its own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import transaction

from audit.trail import record
from events import lifecycle, planning
from events.models import Event
from events.series.models import EventSeries
from events.times import to_utc
from trufan.lib.errors import DomainError, Invalid

#: What may be changed over many events, and of these what is a time on the clock.
TIMES = ("starts_at", "ends_at", "doors_at")
FIELDS = ("name", "description", "category", "capacity", "configuration", *TIMES)
OPEN = (Event.Status.DRAFT, Event.Status.PUBLISHED)


@dataclass(frozen=True)
class Changed:
    """One event, what it had and what it has."""

    event: Event
    old: Any
    new: Any


@dataclass(frozen=True)
class Refused:
    """One event that could not, and why."""

    event: Event
    refusal: DomainError


@dataclass
class Outcome:
    """What became of each event of the series that was asked."""

    done: list[Changed] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def publish_all(series: EventSeries, by: Any, now: datetime) -> Outcome:
    """Publish its drafts, each as `lifecycle.publish` does. Those that cannot stay drafts, and the outcome says why."""

    def publish(event: Event) -> Changed:
        return Changed(lifecycle.publish(event, by, now), Event.Status.DRAFT, Event.Status.PUBLISHED)

    return _each(_events(series).filter(status=Event.Status.DRAFT), publish)


def change_rest(series: EventSeries, by: Any, *, name: str, value: Any, since: date) -> Outcome:
    """Set one field of every event on or after this day, by the venue's clock; those that are over are left alone.

    A time is a time on the clock: each event keeps its day. Those whose rules refuse stay as they are, and the outcome
    says why.
    """
    rows = _events(series).filter(status__in=OPEN, starts_at__gte=_midnight(series, since))

    def change(event: Event) -> Changed | None:
        old, new = getattr(event, name), _value(event, name, value)
        return None if old == new else Changed(planning.change(event, by, **{name: new}), old, new)

    return _each(rows, change)


def preview(series: EventSeries, by: Any, **asked: Any) -> Outcome:
    """What `change_rest` would do. It is done and undone: nobody is told, and nothing is written."""
    with transaction.atomic():
        outcome = change_rest(series, by, **asked)
        transaction.set_rollback(True)
    return outcome


def rename(series: EventSeries, by: Any, name: str) -> EventSeries:
    """Call the series something else; its events keep their names."""
    with transaction.atomic():
        row = EventSeries.objects.select_for_update(no_key=True).get(pk=series.pk)
        if row.name != name:
            old, row.name = row.name, name
            row.save(update_fields=["name", "updated_at"])
            record("event_series.changed", row, old={"name": old}, new={"name": name}, actor=by)
    return row


def _events(series: EventSeries) -> Any:
    return Event.objects.select_related("venue").filter(series=series).order_by("starts_at", "pk")


def _each(events: Iterable[Event], act: Callable[[Event], Changed | None]) -> Outcome:
    """Each in a transaction of its own; what was as wanted before is not in the outcome."""
    outcome = Outcome()
    for event in events:
        try:
            with transaction.atomic():
                changed = act(event)
            if changed is not None:
                outcome.done.append(changed)
        except DomainError as refusal:
            outcome.refused.append(Refused(event, refusal))
    return outcome


def _value(event: Event, name: str, value: Any) -> Any:
    """A time on the clock as this event's moment: on the day of the moment that it takes the place of."""
    if name not in TIMES:
        return value
    if not isinstance(value, time):
        raise Invalid.field("value", "Give a time on the clock, such as 20:00.")
    zone = event.venue.zone
    day = getattr(event, name).astimezone(zone).date()
    return to_utc(datetime.combine(day, value), zone, "value")


def _midnight(series: EventSeries, day: date) -> datetime:
    """The first moment of the day; where clocks skip midnight, when they are put forward."""
    return datetime.combine(day, time.min, tzinfo=series.venue.zone)
