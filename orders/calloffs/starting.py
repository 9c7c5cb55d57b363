"""Calling an event off, or making its orders right after it was."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.trail import record
from events import lifecycle
from events.models import Event
from orders.calloffs.choosing import refuse_unknown
from orders.calloffs.errors import AlreadyCalledOff
from orders.calloffs.models import CallOff
from trufan.lib.errors import InvalidMove

#: What buyers read on their refunds when nothing else was said.
REASON = "The event was cancelled."


def call_off(
    event: Event, *, also: Collection[str] = (), keep_fees: bool = False, reason: str = "", by: Any, now: datetime
) -> CallOff:
    """Cancel the event, unless it is cancelled already, and begin to refund its orders: tickets always, `also` what
    kinds besides (`choosing.other_kinds` names them). `keep_fees`: the service fees of the tickets stay with the venue.

    Sales stop and all holders are told in this transaction; the orders are worked through by the sweep, or at once by
    `manage.py work_call_offs`. Raises `AlreadyCalledOff`, `InvalidMove` (it is over), `Invalid`.
    """
    refuse_unknown(also)
    with transaction.atomic():
        event = lifecycle.locked(event)
        if CallOff.objects.filter(event=event).exists():
            raise AlreadyCalledOff
        if event.status == Event.Status.COMPLETED:
            raise InvalidMove(event, Event.Status.CANCELLED)
        row = CallOff.objects.create(
            event=event, also=sorted(set(also)), keep_fees=keep_fees, reason=(reason or REASON)[:200], started_by=by
        )
        if event.status != Event.Status.CANCELLED:
            event = lifecycle.cancel(event, by, now, reason=reason, refunds=True)
        said = {"also": row.also, "keep_fees": keep_fees, "reason": row.reason}
        record("event.refunds_started", event, new=said, actor=by, venue_id=event.venue_id)
    row.event = event
    return row
