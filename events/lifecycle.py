"""An event's moves: published, cancelled, completed. Each is one transaction with its audit entry and its signal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from audit.trail import record
from events import readiness
from events.errors import EventNotStarted
from events.models import Event
from events.signals import event_cancelled, event_completed, event_published
from trufan.lib.errors import InvalidMove


def publish(event: Event, by: Any, now: datetime) -> Event:
    """Put a draft on sale. Raises `NotSellable` with the reasons, or `InvalidMove`."""
    with transaction.atomic():
        event = locked(event)
        _refuse_impossible(event, Event.Status.PUBLISHED)
        readiness.refuse_unready(event, now)
        return _move(event, Event.Status.PUBLISHED, event_published, by, now, published_at=now)


def cancel(event: Event, by: Any, now: datetime, reason: str = "", *, refunds: bool = False) -> Event:
    """Call off a draft or a published event; who holds tickets or money for it listens to `event_cancelled`.

    `refunds`: the caller sends the money back, and the holders are told so.
    """
    with transaction.atomic():
        event = locked(event)
        return _move(
            event, Event.Status.CANCELLED, event_cancelled, by, now, said={"reason": reason, "refunds": refunds}
        )


def complete(event: Event, by: Any, now: datetime) -> Event:
    """Close the books of an event that has begun. Raises `EventNotStarted` or `InvalidMove`."""
    with transaction.atomic():
        event = locked(event)
        _refuse_impossible(event, Event.Status.COMPLETED)
        if now < event.starts_at:
            raise EventNotStarted
        return _move(event, Event.Status.COMPLETED, event_completed, by, now)


def locked(event: Event) -> Event:
    """The event as it now stands, with its venue; nobody else changes it before this transaction ends."""
    return Event.objects.select_for_update(of=("self",), no_key=True).select_related("venue").get(pk=event.pk)


def _refuse_impossible(event: Event, to: str) -> None:
    """A move that the status forbids is refused for that reason before any other."""
    if not event.can_move(to):
        raise InvalidMove(event, to)


def _move(
    event: Event, to: str, signal: Signal, by: Any, now: datetime, said: dict[str, Any] | None = None, **changes: Any
) -> Event:
    """The move, its history and its announcement. `said` goes into both of the latter."""
    said = said or {}
    before = event.status
    event.move(to, **changes)
    record(
        f"event.{to}",
        event,
        old={"status": before},
        new={"status": str(to), **{word: value for word, value in said.items() if value}},
        actor=by,
        venue_id=event.venue_id,
    )
    signal.send(sender=Event, event=event, by=by, now=now, **said)
    return event
