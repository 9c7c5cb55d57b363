"""Moving a published event so that its buyers may choose."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from events import planning
from events.lifecycle import locked
from events.models import Event
from events.times import to_utc
from orders.calloffs.choosing import refuse_unknown
from orders.moves.errors import NotMovable
from orders.moves.models import EventMove
from trufan.lib.errors import Invalid


def move(
    event: Event,
    *,
    starts_at: datetime,
    ends_at: datetime | None = None,
    doors_at: datetime | None = None,
    answer_by: datetime,
    also: Collection[str] = (),
    keep_fees: bool = False,
    by: Any,
    now: datetime,
) -> EventMove:
    """Give the event other times; without `ends_at` and `doors_at` these move along. All holders are told, and that
    until `answer_by` their buyer may give back.

    Raises `NotMovable`, and `Invalid` where it starts when it did, times are out of order or out of reach, or
    `answer_by` is past or later than the new start.
    """
    refuse_unknown(also)
    for name, given in (("starts_at", starts_at), ("ends_at", ends_at), ("doors_at", doors_at)):
        if given is not None:
            to_utc(given, event.venue.zone, name)
    with transaction.atomic():
        event = locked(event)
        if event.status != Event.Status.PUBLISHED:
            raise NotMovable
        by_how_much: timedelta = starts_at - event.starts_at
        if not by_how_much:
            raise Invalid.field("starts_at", "It starts at that time already.")
        if not now < answer_by <= starts_at:
            raise Invalid.field("answer_by", "Give a time from now until the new start.")
        row = EventMove.objects.create(
            event=event,
            was_starts_at=event.starts_at,
            was_ends_at=event.ends_at,
            was_doors_at=event.doors_at,
            starts_at=starts_at,
            answer_by=answer_by,
            also=sorted(set(also)),
            keep_fees=keep_fees,
            moved_by=by,
        )
        row.event = planning.change(
            event,
            by,
            answer_by=answer_by,
            starts_at=starts_at,
            ends_at=ends_at or event.ends_at + by_how_much,
            doors_at=doors_at or event.doors_at + by_how_much,
        )
    return row
