"""Tomorrow, and now: holders are reminded of an event the day before, and told when its doors open.

Each once for each time that an event has: one that is moved is announced anew. What is long past after an outage is
not said any more.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import transaction

from events.models import Event
from notifications.broadcasts.models import Broadcast
from notifications.broadcasts.starting import start
from ticketing.audiences import NAME as HOLDERS
from ticketing.telling_holders import of_event

#: The day before, from this hour on by the clock of the venue.
AT = time(10)
#: So long before the doors a reminder is of no use any more.
LATEST = timedelta(hours=3)
#: So long after the doors opened nobody needs to be told.
DOORS_LATE = timedelta(hours=2)
#: No zone's day before begins earlier than this.
AHEAD = timedelta(days=2, hours=2)
BATCH = 200


def sweep(now: datetime) -> int:
    """Begin what is due; how many announcements."""
    return tell_of_tomorrow(now) + tell_of_doors(now)


def tell_of_tomorrow(now: datetime) -> int:
    """Events of tomorrow, told from 10:00 of the day before. Who bought after that knows it without being told."""
    soon = Event.objects.published().filter(starts_at__gt=now, starts_at__lte=now + AHEAD, doors_at__gt=now + LATEST)
    dues = {event: reminder_due(event) for event in soon.select_related("venue").order_by("starts_at", "pk")}
    return _announce("event_tomorrow", {event: due for event, due in dues.items() if due <= now})


def tell_of_doors(now: datetime) -> int:
    """Events whose doors opened just now."""
    opened = Event.objects.published().filter(
        starts_at__gt=now - DOORS_LATE, starts_at__lte=now + AHEAD, doors_at__lte=now, doors_at__gt=now - DOORS_LATE
    )
    events = opened.filter(ends_at__gt=now).select_related("venue").order_by("starts_at", "pk")
    return _announce("doors_open", {event: event.doors_at for event in events})


def reminder_due(event: Event) -> datetime:
    """10:00 of the day before the event, by the clock of its venue."""
    day = event.starts_at.astimezone(event.venue.zone).date() - timedelta(days=1)
    return datetime.combine(day, AT, tzinfo=event.venue.zone)


def _announce(template: str, due: dict[Event, datetime]) -> int:
    """Begin to tell the holders of each event that were not told yet, up to `BATCH`; how many events that were.

    What was announced is asked for in one query: a sweep comes often, and mostly has nothing to do.
    """
    keys = {_key(template, event): event for event in due}
    told = set(Broadcast.objects.filter(dedupe_key__in=list(keys)).values_list("dedupe_key", flat=True))
    fresh = [(key, event) for key, event in keys.items() if key not in told][:BATCH]
    return sum(_begin(template, key, event, due[event]) for key, event in fresh)


def _begin(template: str, key: str, event: Event, due: datetime) -> bool:
    with transaction.atomic():
        begun = start(
            template,
            audience=HOLDERS,
            audience_id=event.pk,
            venue_id=event.venue_id,
            context=of_event(event) | {"bought_before": due.isoformat()},
            dedupe_key=key,
        )
    return begun is not None


def _key(template: str, event: Event) -> str:
    """The same event at another time is another fact."""
    return f"{template}:{event.pk}:{event.doors_at:%Y%m%d%H%M}:{event.starts_at:%Y%m%d%H%M}"
