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
from django.db.models import Case, F, QuerySet, TextField, Value, When

from notifications import spreading
from notifications.broadcasts import steering
from notifications.channels import CHANNELS
from notifications.errors import ChannelError
from notifications.models import Notification
from notifications.preferences import choosing
from notifications.refusals import suppressing
from notifications.templating import render
from trufan.lib import queues
from trufan.lib.queues import Queue

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
#: Of messages to many, how many are sent before somebody looks for urgent ones again.
BULK_BATCH = 10
_ERROR_LENGTH = 500
GIVEN_UP = "given up: every attempt ended without an answer"
_LEASE_LAPSED = str(ChannelError("the worker that sent it is gone", permanent=False, unclear=True))
logger = structlog.get_logger(__name__)


def deliver(notification_id: UUID, now: datetime) -> Notification | None:
    """Send one notification if it is due, and say what became of it; None if it was not due or another has it."""
    row = _claim(notification_id, now)
    if row is None:
        return None
    if row.broadcast_id and steering.is_called_off(row.broadcast_id):
        return _ended(row, Notification.Status.WITHHELD, steering.CALLED_OFF)
    if row.channel == Notification.Channel.ANY:
        return _spread(row, now)
    if stopped := suppressing.refusal(row.channel, row.recipient, row.template):
        return _ended(row, Notification.Status.WITHHELD, f"{row.recipient} is stopped: {stopped.get_reason_display()}")
    if choosing.has_unsubscribed(row):
        return _ended(row, Notification.Status.WITHHELD, "they unsubscribed from mails of this kind")
    row.language = choosing.language_of(row)
    failure: ChannelError
    try:
        if row.attempts > MAX_ATTEMPTS:
            raise ChannelError(GIVEN_UP, permanent=True)
        words = render(row.template, row.channel, row.context, row.language, row.venue_id)
        provider_id = CHANNELS[row.channel].send(row, words)
    except ChannelError as refusal:
        failure = refusal
    except Exception as mistake:
        # A mistake of ours (a template that fails to render) must not keep the rows behind it waiting.
        logger.exception("notification.mistake", notification=str(row.pk), template=row.template)
        failure = _mistake(mistake)
    else:
        return _sent(row, provider_id, now)
    return _failed(row, failure, now)


def sweep_due(now: datetime, budget: float | None = SWEEP_BUDGET_SECONDS) -> int:
    """Deliver what is due for at most `budget` seconds (None: to the end); how many were tried.

    Urgent ones first, then the longest overdue; an urgent one that comes meanwhile waits for a few others at most.

    Any number may run at once: the claim decides who sends.
    """
    tried, started = 0, time.monotonic()
    while due := _next(now):
        for notification_id in due:
            spent = time.monotonic() - started
            if budget is not None and spent > budget:
                return tried
            # A lease counts from when it is taken, not from when the sweep began.
            tried += deliver(notification_id, now + timedelta(seconds=spent)) is not None
    return tried


def waiting(now: datetime) -> Queue:
    """How many messages are due and not sent, and since when the first of them is."""
    due = Notification.objects.due(now).order_by("next_attempt_at")
    kinds = [queues.of_rows(due.filter(priority=each), "next_attempt_at", now) for each in Notification.Priority]
    waits = [kind.oldest_seconds for kind in kinds if kind.oldest_seconds is not None]
    return Queue(sum(kind.depth for kind in kinds), max(waits, default=None))


def _next(now: datetime) -> list[UUID]:
    """What to send next: a batch of urgent ones, else a few of those for many people."""
    rows = list(Notification.objects.due(now).values_list("pk", "priority")[:BATCH])
    urgent = [pk for pk, priority in rows if priority == Notification.Priority.URGENT]
    return urgent or [pk for pk, _ in rows[:BULK_BATCH]]


def _claim(notification_id: UUID, now: datetime) -> Notification | None:
    # Durable: the claim must be seen by others before the message leaves.
    with transaction.atomic(durable=True):
        claimed = (
            Notification.objects.due(now)
            .filter(pk=notification_id)
            .update(
                status=Notification.Status.SENDING,
                attempts=F("attempts") + 1,
                next_attempt_at=now + LEASE,
                # Being sent already: its worker died, before or after the provider took it.
                error=Case(
                    When(status=Notification.Status.SENDING, then=Value(_LEASE_LAPSED, output_field=TextField())),
                    default=F("error"),
                ),
            )
        )
    return Notification.objects.get(pk=notification_id) if claimed else None


def _spread(row: Notification, now: datetime) -> Notification:
    """A row for each channel, and each of them delivered that need not wait.

    A mistake of ours, or a worker that dies of it, ends as any other attempt does: tried again, and at last given up.
    """
    if row.attempts > MAX_ATTEMPTS:
        return _failed(row, ChannelError(GIVEN_UP, permanent=True), now)
    try:
        rows = spreading.spread(row, now)
    except Exception as mistake:
        logger.exception("notification.mistake", notification=str(row.pk), template=row.template)
        return _failed(row, _mistake(mistake), now)
    for notification_id in rows:
        deliver(notification_id, now)
    row.refresh_from_db()
    return row


def _mistake(mistake: Exception) -> ChannelError:
    return ChannelError(f"{type(mistake).__name__}: {mistake}", permanent=False)


def _sent(row: Notification, provider_id: str, now: datetime) -> Notification:
    """It is out, whatever another worker made of the row after our lease lapsed: never say it again."""
    waiting = Notification.objects.filter(
        pk=row.pk, status__in=[Notification.Status.SENDING, Notification.Status.PENDING]
    )
    changes = {
        "status": Notification.Status.SENT,
        "sent_at": now,
        "provider_id": provider_id[:120],
        "segments": row.segments,
        "context": row.context_without_secrets(),
    }
    if row.error and not row.provider_status:
        # Of an earlier attempt. Else what stands there by now is what the provider said meanwhile.
        changes["error"] = ""
    return _record(row, waiting, changes)


def _failed(row: Notification, failure: ChannelError, now: datetime) -> Notification:
    """Wait and try again, or give up. Only the holder of the lease may say so."""
    final = failure.permanent or row.attempts >= MAX_ATTEMPTS
    logger.warning(
        "notification.failed" if final else "notification.delayed",
        notification=str(row.pk),
        template=row.template,
        channel=row.channel,
        attempt=row.attempts,
    )
    if final:
        return _ended(row, Notification.Status.FAILED, str(failure))
    due = now + PAUSES[row.attempts - 1]
    changes = {"status": Notification.Status.PENDING, "next_attempt_at": due, "error": str(failure)[:_ERROR_LENGTH]}
    return _record(row, _ours(row), changes)


def _ended(row: Notification, status: str, why: str) -> Notification:
    """It will not be sent, and what opens doors is erased from it."""
    changes = {"status": status, "error": why[:_ERROR_LENGTH], "context": row.context_without_secrets()}
    return _record(row, _ours(row), changes)


def _ours(row: Notification) -> QuerySet[Notification]:
    """The row while our lease holds."""
    return Notification.objects.filter(pk=row.pk, status=Notification.Status.SENDING, attempts=row.attempts)


def _record(row: Notification, rows: QuerySet[Notification], changes: dict[str, Any]) -> Notification:
    if not rows.update(**changes):
        logger.warning("notification.lease_lost", notification=str(row.pk), template=row.template)
        row.refresh_from_db()
        return row
    for name, value in changes.items():
        setattr(row, name, value)
    return row
