"""From the row to the receiver: claim, post, record, each on its own.

The claim is one conditional UPDATE of the message alone, committed before anything is posted. A crash in the middle
lets the lease lapse, and the next sweep posts again under the same id: at least once, never not at all.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.db.models import F

from notifications.webhooks import health, posting, signing
from notifications.webhooks.errors import BadAddress, NoAnswer
from notifications.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from trufan.lib import flags, providers, sealing
from trufan.lib.words import lazy as _

WEBHOOKS = flags.declare(
    flags.Flag("webhooks", _("Venues' own systems are told what happens; off: it waits"), knows=frozenset({"venue"}))
)

#: Much longer than a post may take: a lease that lapses means that the worker is gone.
LEASE = timedelta(seconds=120)
#: How long to wait after the first, second, … failed attempt; the attempt after the last pause is the last.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MAX_ATTEMPTS = len(PAUSES) + 1
#: About how many posts to one endpoint run at a time: one that is slow keeps no more workers than these.
AT_ONCE = 3
#: A worker that got through goes on with what waits for the same endpoint, for so long at most.
DRAIN_SECONDS = 20.0
#: However long a receiver asks to be left alone.
LONGEST_PAUSE = PAUSES[-1]
GONE = 410
USER_AGENT = "TruFan-Webhooks/1"
_ERROR_LENGTH = 500
Status = WebhookMessage.Status
logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Result:
    """How one post went: `error` says why it failed, empty for success."""

    error: str = ""
    status: int | None = None
    answer: str = ""
    retry_after: timedelta | None = None
    duration: timedelta = timedelta()

    @property
    def is_gone(self) -> bool:
        return self.status == GONE


def deliver_and_go_on(message_id: UUID, now: datetime) -> int:
    """Post the message, and as long as that goes well what else is due for its endpoint; how many were delivered.

    With as many posts to the endpoint running as may, nothing is posted: those who post go on with it. Nor is anything
    while webhooks are switched off: the sweep finds what waits.
    """
    if _is_switched_off(message_id):
        return 0
    started, spent, done = time.monotonic(), 0.0, 0
    next_id: UUID | None = message_id
    while next_id is not None and spent < DRAIN_SECONDS:
        at = now + timedelta(seconds=spent)
        if _is_busy(next_id, at):
            break
        row = deliver(next_id, at)
        if row is None or row.status != Status.DELIVERED:
            break
        done += 1
        spent = time.monotonic() - started
        waiting = WebhookMessage.objects.due(now + timedelta(seconds=spent)).filter(endpoint=row.endpoint_id)
        next_id = waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True).first()
    return done


def deliver(message_id: UUID, now: datetime) -> WebhookMessage | None:
    """Post one message if it is due, and say what became of it; None if it was not due or another has it."""
    row = _claim(message_id, now)
    if row is None:
        return None
    refusal = _why_not(row)
    if refusal:
        return _give_up(row, refusal, now)
    return _record(row, _post(row, now), now)


def _is_switched_off(message_id: UUID) -> bool:
    venue_ids = WebhookMessage.objects.filter(pk=message_id).values_list("endpoint__venue_id", flat=True)
    return any(not WEBHOOKS.is_on(venue_id=venue_id) for venue_id in venue_ids)


def _is_busy(message_id: UUID, now: datetime) -> bool:
    """Whether enough workers post to the message's endpoint. Asked without a lock: one more does no harm."""
    endpoint = WebhookMessage.objects.filter(pk=message_id).values("endpoint")
    running = WebhookMessage.objects.filter(endpoint__in=endpoint, status=Status.SENDING, next_attempt_at__gt=now)
    return running.count() >= AT_ONCE


def _claim(message_id: UUID, now: datetime) -> WebhookMessage | None:
    """Take it, unless somebody else has it. The endpoint is read afterwards.

    PostgreSQL asks the conditions of an UPDATE again once it has waited for the row, but not those on rows that it
    joins: with the endpoint among them, two workers would both have it.
    """
    lease = uuid4()
    changes: dict[str, Any] = {"status": Status.SENDING, "attempts": F("attempts") + 1, "lease": lease}
    with transaction.atomic(durable=True):
        claimed = WebhookMessage.objects.due(now).filter(pk=message_id).update(next_attempt_at=now + LEASE, **changes)
    if not claimed:
        return None
    return WebhookMessage.objects.select_related("endpoint").filter(pk=message_id, lease=lease).first()


def _why_not(row: WebhookMessage) -> str:
    if not row.endpoint.is_active:
        return health.why_off(row.endpoint)
    if row.attempts > MAX_ATTEMPTS:
        return "Given up: the last attempts ended without a word, as when a worker dies."
    return ""


def _post(row: WebhookMessage, now: datetime) -> Result:
    """Never raises: whatever goes wrong is why this attempt failed."""
    started = time.monotonic()
    try:
        headers = _headers(row, now)
        with providers.calling("webhooks", "post", refusal=_is_bad_address) as call:
            answer = posting.post(row.endpoint.url, row.body.encode(), headers)
            call.answered(answer.status)
    except (BadAddress, NoAnswer) as failure:
        result = Result(str(failure)[:_ERROR_LENGTH])
    except sealing.Unreadable:
        result = Result("Its secret can't be read any more. Rotate it.")
    except Exception as mistake:
        # A mistake of ours must not keep the message in the hands of a worker that is gone.
        logger.exception("webhook.mistake", webhook_message=str(row.pk))
        result = Result(f"{type(mistake).__name__} on our side.")
    else:
        error = "" if answer.is_success else _words(answer.status)
        result = Result(error, answer.status, answer.start, answer.retry_after)
    return Result(
        result.error, result.status, result.answer, result.retry_after, timedelta(seconds=time.monotonic() - started)
    )


def _is_bad_address(problem: Exception) -> bool:
    return isinstance(problem, BadAddress)


def _headers(row: WebhookMessage, now: datetime) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        **signing.headers(row.endpoint, row.message_id, row.body, now),
    }


def _words(status: int) -> str:
    if 300 <= status < 400:
        return f"Answered {status}: redirects are not followed."
    return f"Answered {status}."


def _record(row: WebhookMessage, result: Result, now: datetime) -> WebhookMessage:
    """Write down what came of it. The endpoint is held first, as everywhere: its state follows from the attempt."""
    at = now + result.duration
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(pk=row.endpoint_id).first()
        if endpoint is None:
            return row
        changes = _success(at) if not result.error else _failure(row, endpoint, result, at)
        if not _write(row, changes):
            return row
        _note_attempt(row, result, now)
        signing.reseal(endpoint)
        # The answer of an address that was changed meanwhile says nothing about the new one.
        if endpoint.url == row.endpoint.url:
            health.note(endpoint, at, error=result.error, is_gone=result.is_gone)
    return row


def _success(at: datetime) -> dict[str, Any]:
    return {"status": Status.DELIVERED, "delivered_at": at, "error": "", "lease": None}


def _failure(row: WebhookMessage, endpoint: WebhookEndpoint, result: Result, at: datetime) -> dict[str, Any]:
    """Wait and try again, or give up."""
    if not endpoint.is_active:
        return _final(f"{result.error} {health.why_off(endpoint)}")
    if result.is_gone:
        return _final(f"{result.error} The receiver says that it is gone for good.")
    if row.attempts >= MAX_ATTEMPTS:
        return _final(f"{result.error} Given up after {row.attempts} attempts.")
    pause = min(max(PAUSES[row.attempts - 1], result.retry_after or timedelta()), LONGEST_PAUSE)
    return {"status": Status.PENDING, "next_attempt_at": at + pause, "error": result.error, "lease": None}


def _final(error: str) -> dict[str, Any]:
    return {"status": Status.FAILED, "error": error[:_ERROR_LENGTH], "lease": None}


def _give_up(row: WebhookMessage, error: str, now: datetime) -> WebhookMessage:
    _write(row, _final(error))
    return row


def _write(row: WebhookMessage, changes: dict[str, Any]) -> bool:
    """What was delivered is delivered, whatever another worker makes of it since our lease lapsed.

    A failure counts only while the lease is ours. False where the row is no longer ours, or no longer there.
    """
    rows = WebhookMessage.objects.filter(pk=row.pk)
    if changes["status"] == Status.DELIVERED:
        rows = rows.filter(status__in=[Status.PENDING, Status.SENDING])
    else:
        rows = rows.filter(status=Status.SENDING, lease=row.lease)
    if not rows.update(handed_at=None, **changes):
        logger.warning("webhook.lease_lost", webhook_message=str(row.pk), type=row.type)
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    return True


def _note_attempt(row: WebhookMessage, result: Result, now: datetime) -> None:
    WebhookAttempt.objects.create(
        message_id=row.pk,
        number=row.attempts,
        duration_ms=int(result.duration.total_seconds() * 1000),
        status_code=result.status,
        answer=result.answer,
        error=result.error,
        created_at=now,
    )
    if result.error:
        logger.warning(
            "webhook.failed", webhook_message=str(row.pk), type=row.type, attempt=row.attempts, status=result.status
        )
