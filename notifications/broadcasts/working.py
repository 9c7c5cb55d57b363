"""Working through an audience: batch by batch behind the cursor, no faster than the throttle allows.

A batch is one transaction that holds the broadcast's row: its people become rows of the outbox and the cursor moves on,
both or neither. A worker that is killed leaves a whole number of batches, another goes on from there, and two at once
take turns. Memory is that of one batch, however large the audience.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count

from notifications.broadcasts import audiences
from notifications.broadcasts.models import Broadcast
from notifications.models import Notification

#: Places of the audience in one transaction.
BATCH = 500
#: What a sweep that came late may make up for.
CATCH_UP = timedelta(seconds=60)
#: A sweep shares its schedule with others.
SWEEP_BUDGET_SECONDS = 10.0


def sweep(now: datetime, budget: float = SWEEP_BUDGET_SECONDS) -> int:
    """Hand out what the throttle lets go, a batch of each broadcast in turn; how many people were handed out."""
    handed, started = 0, time.monotonic()
    while due := _due(now):
        progress = False
        for pk in due:
            if time.monotonic() - started > budget:
                return handed
            done = work(pk, now)
            progress = progress or done is not None
            handed += done or 0
        if not progress:
            break
    return handed


def _due(now: datetime) -> list[UUID]:
    waiting = Broadcast.objects.filter(status=Broadcast.Status.RUNNING, next_batch_at__lte=now)
    return list(waiting.order_by("next_batch_at").values_list("pk", flat=True)[:100])


def work(broadcast_id: UUID, now: datetime) -> int | None:
    """Hand out one batch; how many people. None: it is not due, another works at it, or enough of it still waits."""
    with transaction.atomic(durable=True):
        due = Broadcast.objects.filter(pk=broadcast_id, status=Broadcast.Status.RUNNING, next_batch_at__lte=now)
        # SQLite has one writer at a time anyway.
        skip = connection.features.has_select_for_update_skip_locked
        row = due.select_for_update(skip_locked=skip).first()
        if row is None:
            return None
        per_minute = rate(row)
        if _waiting(row, now, per_minute) >= per_minute:
            return None
        return _batch(row, now, per_minute)


def _batch(row: Broadcast, now: datetime, per_minute: int) -> int:
    """The people of the next places, and the cursor behind them."""
    audience = audiences.named(row.audience)
    changes: dict[str, Any] = {}
    if row.total is None:
        changes["total"] = audience.count(row.audience_id, row.context)
    limit = min(BATCH, per_minute)
    places = audience.page(row.audience_id, row.context, row.cursor, limit)
    new = _queue(row, places, now)
    if len(places) < limit:
        changes |= {"status": Broadcast.Status.DONE, "finished_at": now}
    if places:
        changes["cursor"] = places[-1].cursor
    pause = timedelta(seconds=60 * new / per_minute)
    changes |= {"queued": row.queued + new, "next_batch_at": max(row.next_batch_at, now - CATCH_UP) + pause}
    Broadcast.objects.filter(pk=row.pk).update(**changes)
    return new


def rate(row: Broadcast) -> int:
    """People a minute: the platform's, or fewer where the broadcast says so."""
    return max(1, min(settings.BROADCAST_PER_MINUTE, row.per_minute or settings.BROADCAST_PER_MINUTE))


def progress(row: Broadcast) -> dict[str, int]:
    """`total` and `queued` people; `waiting`, `sent`, `failed`, `withheld` messages. One query, by an index alone."""
    return progress_of([row])[row.pk]


def progress_of(rows: Iterable[Broadcast]) -> dict[UUID, dict[str, int]]:
    """The `progress` of each by its key, in one query for all of them."""
    found = list(rows)
    told = Notification.objects.filter(broadcast_id__in=[row.pk for row in found]).order_by()
    counted: dict[UUID, dict[str, int]] = {row.pk: {} for row in found}
    for pk, status, number in told.values_list("broadcast_id", "status").annotate(n=Count("pk")):
        counted[pk][status] = number
    return {row.pk: _figures(row, counted[row.pk]) for row in found}


def _figures(row: Broadcast, by_status: dict[str, int]) -> dict[str, int]:
    waiting = by_status.get("pending", 0) + by_status.get("sending", 0)
    ended = {status: by_status.get(status, 0) for status in ("sent", "failed", "withheld")}
    return {"total": row.total or 0, "queued": row.queued, "waiting": waiting, **ended}


def _waiting(row: Broadcast, now: datetime, most: int) -> int:
    """How many of its messages could leave now and have not, up to `most`."""
    waits = Notification.objects.filter(broadcast_id=row.pk, status="pending", next_attempt_at__lte=now).order_by()
    return waits[:most].count()


def _queue(row: Broadcast, places: list[audiences.Recipient], now: datetime) -> int:
    """A row of the outbox for each person who has none of this broadcast; how many that were."""
    people = {f"broadcast:{row.pk}:{one.person}"[:120]: one for one in reversed(places)}
    for key in list(Notification.objects.filter(dedupe_key__in=people).values_list("dedupe_key", flat=True)):
        people.pop(key or "")
    Notification.objects.bulk_create(_message(row, key, one, now) for key, one in people.items())
    return len(people)


def _message(row: Broadcast, key: str, one: audiences.Recipient, now: datetime) -> Notification:
    return Notification(
        channel=Notification.Channel.ANY,
        template=row.template,
        recipient=one.email,
        phone=one.phone,
        language=one.language,
        user_id=one.user_id,
        venue_id=row.venue_id,
        context=row.context,
        dedupe_key=key,
        next_attempt_at=now,
        broadcast_id=row.pk,
        priority=Notification.Priority.BULK,
    )
