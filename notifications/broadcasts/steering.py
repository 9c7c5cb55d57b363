"""Pausing, resuming and calling off a broadcast, each with its entry in the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.trail import record
from notifications.broadcasts.models import Broadcast
from notifications.models import Notification

CALLED_OFF = "the broadcast was called off"


def pause(row: Broadcast, by: Any, now: datetime) -> Broadcast:
    """Hand out no more; what is handed out, a minute's worth at most, still leaves. Raises `InvalidMove`."""
    return _move(row, Broadcast.Status.PAUSED, by)


def resume(row: Broadcast, by: Any, now: datetime) -> Broadcast:
    """Go on behind the last person who was handed out. Raises `InvalidMove`."""
    return _move(row, Broadcast.Status.RUNNING, by, next_batch_at=max(row.next_batch_at, now))


def cancel(row: Broadcast, by: Any, now: datetime) -> Broadcast:
    """Hand out no more, and withhold what still waits. Raises `InvalidMove`."""
    with transaction.atomic():
        # The move waits for a batch that is being written, so that its rows are seen here.
        _move(row, Broadcast.Status.CANCELLED, by, finished_at=now)
        waiting = Notification.objects.filter(broadcast_id=row.pk, status=Notification.Status.PENDING)
        waiting.update(status=Notification.Status.WITHHELD, error=CALLED_OFF)
    return row


def is_called_off(broadcast_id: UUID) -> bool:
    """Asked before each of its messages leaves: one may be spread while the broadcast is called off."""
    return Broadcast.objects.filter(pk=broadcast_id, status=Broadcast.Status.CANCELLED).exists()


def _move(row: Broadcast, to: str, by: Any, **changes: Any) -> Broadcast:
    with transaction.atomic():
        before = row.status
        row.move(to, **changes)
        record(f"broadcast.{to}", row, old={"status": before}, new={"status": str(to)}, actor=by)
    return row
