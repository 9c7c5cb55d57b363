"""Events drawn up and changed. Moves of their status stand in `lifecycle.py`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from audit.trail import record
from events import (
    attendee_policy,
    door_policy,
    exchange_policy,
    limits_policy,
    policy_fields,
    refund_policy,
    rotation_policy,
    transfer_policy,
)
from events.errors import CapacityTooSmall, EventClosed
from events.lifecycle import locked
from events.models import Event
from events.signals import event_moved
from trufan.lib.errors import Invalid
from venues.models import Venue

#: How long before the start doors open when nobody says so.
DOORS_BEFORE_START = timedelta(hours=1)
_TIMES = {"starts_at", "doors_at"}
#: Each is an object under its `KEY` in the configuration, and has `problems` that it may have.
_POLICIES = (refund_policy, exchange_policy, transfer_policy, attendee_policy, limits_policy, door_policy)
_OPEN = frozenset({Event.Status.DRAFT, Event.Status.PUBLISHED})


def create(venue: Venue, by: Any, **fields: Any) -> Event:
    """Draw up a draft. Without `doors_at` doors open an hour before `starts_at`.

    Raises `Invalid` on times out of order and on a policy that says nothing clear.
    """
    fields.setdefault("doors_at", fields["starts_at"] - DOORS_BEFORE_START)
    event = Event(venue=venue, **fields)
    _refuse_disorder(event)
    _refuse_unclear(event.configuration)
    with transaction.atomic():
        event.save(force_insert=True)
        record("event.created", event, new=fields, actor=by, venue_id=venue.pk)
    return event


def change(event: Event, by: Any, *, answer_by: datetime | None = None, **fields: Any) -> Event:
    """Change a draft or a published event; its history keeps what it was.

    `answer_by`: until then buyers may give back what they bought for the old time, and they are told so.

    Raises `EventClosed`, `Invalid` (times out of order, an unclear policy) and `CapacityTooSmall`.
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
        _refuse_unclear(changes.get("configuration", {}))
        _write(event, changes)
        record("event.changed", event, old=before, new=changes, actor=by, venue_id=event.venue_id)
        if event.status == Event.Status.PUBLISHED and before.keys() & _TIMES:
            event_moved.send(
                sender=Event,
                event=event,
                by=by,
                now=timezone.now(),
                was_starts_at=before.get("starts_at", event.starts_at),
                was_doors_at=before.get("doors_at", event.doors_at),
                answer_by=answer_by,
            )
    return event


def _refuse_disorder(event: Event) -> None:
    if event.ends_at <= event.starts_at:
        raise Invalid.field("ends_at", "An event ends after it starts.", "out_of_order")
    if event.doors_at > event.starts_at:
        raise Invalid.field("doors_at", "Doors open before the event starts, or when it does.", "out_of_order")


def _refuse_unclear(configuration: dict[str, Any]) -> None:
    """Raise `Invalid`, naming every field, for a policy that says nothing clear."""
    found = [
        problem
        for policy in _POLICIES
        if configuration.get(policy.KEY) is not None
        for problem in policy.problems(configuration[policy.KEY])
    ]
    policy_fields.refuse([*found, *rotation_policy.problems(configuration)])


def _write(event: Event, changes: dict[str, Any]) -> None:
    """One UPDATE, which a capacity below what is allotted at that moment does not pass."""
    rows = Event.objects.filter(pk=event.pk)
    if "capacity" in changes:
        rows = rows.filter(allocated__lte=changes["capacity"])
    if not rows.update(**changes):
        event.refresh_from_db(fields=["allocated"])
        raise CapacityTooSmall(
            gettext("{allocated} tickets are already allotted; the capacity may not be less.").format(
                allocated=event.allocated
            ),
            allocated=event.allocated,
        )
