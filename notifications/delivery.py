"""From the row to the person: claim, send, record, each on its own.

The claim is one conditional UPDATE to `sending` with a lease, committed before the channel is called; nothing is sent
inside a transaction. A crash in the middle lets the lease lapse, and the next sweep tries again. A crash after the
provider took the message but before it was recorded therefore says it twice: at least once, never not at all.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, QuerySet

from notifications.channels import CHANNELS
from notifications.errors import ChannelError
from notifications.models import Notification
from notifications.templating import render

#: Longer than any channel's own timeouts together: a lease that lapses means that the worker is gone.
LEASE = timedelta(seconds=120)
#: How long to wait after the first, second, … failed attempt; the attempt after the last pause is the last.
PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
MAX_ATTEMPTS = len(PAUSES) + 1
#: A sweep shares its schedule with others; what it leaves behind is due again in the next.
SWEEP_BUDGET_SECONDS = 20.0
BATCH = 100
_ERROR_LENGTH = 500
logger = structlog.get_logger(__name__)


def deliver(notification_id: UUID, now: datetime) -> Notification | None:
    """Send one notification if it is due, and say what became of it; None if it was not due or another has it."""
    row = _claim(notification_id, now)
    if row is None:
        return None
    failure: ChannelError
    try:
        if row.attempts > MAX_ATTEMPTS:
            raise ChannelError("given up: every attempt ended without an answer", permanent=True)
        words = render(row.template, row.channel, row.context)
        provider_id = CHANNELS[row.channel].send(row.pk, row.recipient, words)
    except ChannelError as refusal:
        failure = refusal
    except Exception as mistake:
        # A mistake of ours (a template that fails to render) must not keep the rows behind it waiting.
        logger.exception("notification.mistake", notification=str(row.pk), template=row.template)
        failure = ChannelError(f"{type(mistake).__name__}: {mistake}", permanent=False)
    else:
        return _sent(row, provider_id, now)
    return _failed(row, failure, now)


def sweep_due(now: datetime, budget: float | None = SWEEP_BUDGET_SECONDS) -> int:
    """Deliver what is due, oldest first, for at most `budget` seconds (None: to the end); how many were tried.

    Any number may run at once: the claim decides who sends.
    """
    tried, started = 0, time.monotonic()
    while due := list(Notification.objects.due(now).values_list("pk", flat=True)[:BATCH]):
        for notification_id in due:
            spent = time.monotonic() - started
            if budget is not None and spent > budget:
                return tried
            # A lease counts from when it is taken, not from when the sweep began.
            tried += deliver(notification_id, now + timedelta(seconds=spent)) is not None
    return tried


def _claim(notification_id: UUID, now: datetime) -> Notification | None:
    # Durable: the claim must be seen by others before the message leaves.
    with transaction.atomic(durable=True):
        claimed = (
            Notification.objects.due(now)
            .filter(pk=notification_id)
            .update(status=Notification.Status.SENDING, attempts=F("attempts") + 1, next_attempt_at=now + LEASE)
        )
    return Notification.objects.get(pk=notification_id) if claimed else None


def _sent(row: Notification, provider_id: str, now: datetime) -> Notification:
    """It is out, whatever another worker made of the row after our lease lapsed: never say it again."""
    waiting = Notification.objects.filter(
        pk=row.pk, status__in=[Notification.Status.SENDING, Notification.Status.PENDING]
    )
    changes = {
        "status": Notification.Status.SENT,
        "sent_at": now,
        "provider_id": provider_id[:120],
        "error": "",
        "context": row.context_without_secrets(),
    }
    return _record(row, waiting, changes)


def _failed(row: Notification, failure: ChannelError, now: datetime) -> Notification:
    """Wait and try again, or give up. Only the holder of the lease may say so."""
    final = failure.permanent or row.attempts >= MAX_ATTEMPTS
    changes: dict[str, Any] = {"error": str(failure)[:_ERROR_LENGTH]}
    if final:
        changes |= {"status": Notification.Status.FAILED, "context": row.context_without_secrets()}
    else:
        changes |= {"status": Notification.Status.PENDING, "next_attempt_at": now + PAUSES[row.attempts - 1]}
    logger.warning(
        "notification.failed" if final else "notification.delayed",
        notification=str(row.pk),
        template=row.template,
        channel=row.channel,
        attempt=row.attempts,
    )
    ours = Notification.objects.filter(pk=row.pk, status=Notification.Status.SENDING, attempts=row.attempts)
    return _record(row, ours, changes)


def _record(row: Notification, rows: QuerySet[Notification], changes: dict[str, Any]) -> Notification:
    if not rows.update(**changes):
        logger.warning("notification.lease_lost", notification=str(row.pk), template=row.template)
        row.refresh_from_db()
        return row
    for name, value in changes.items():
        setattr(row, name, value)
    return row
