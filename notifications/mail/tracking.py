"""What became of a mail, as its provider reports it: in any order, more than once, and late.

A report moves a row forward only. An address that is dead, or whose owner called a mail of ours spam, is written to no
more. A report about a mail that we do not know (it is another system's, or its row was pruned) changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db import transaction

from notifications import kinds
from notifications.mail.composing import ROW
from notifications.models import Consent, Notification, Suppression
from notifications.refusals import suppressing

SOFT_BOUNCED = "soft_bounced"
#: What is stored, by how far it goes; nothing goes back. A mail may bounce after the other side's server took it.
_RANK = {
    "": 0,
    EventType.QUEUED: 1,
    EventType.SENT: 1,
    EventType.DEFERRED: 2,
    SOFT_BOUNCED: 3,
    EventType.DELIVERED: 4,
    EventType.FAILED: 5,
    EventType.REJECTED: 5,
    EventType.BOUNCED: 6,
    EventType.COMPLAINED: 7,
}
#: Reports which say that the provider has the mail, whatever we knew of it.
_TAKEN = frozenset(_RANK) - {"", EventType.FAILED, EventType.REJECTED}
#: What the address itself is at fault for; the rest (a full mailbox, our reputation, the content) may pass.
_DEAD = frozenset({None, RejectReason.BOUNCED, RejectReason.INVALID})
_SOFT = frozenset({"softbounce", "soft_bounce", "soft_bounced", "soft", "transient", "temporary", "blocked"})
_SOFT_KEYS = frozenset({"event", "type", "bouncetype", "severity", "morph"})
_STATUS_CODE = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b|\b([245])\d\d\b")
_REASONS = {
    EventType.COMPLAINED: Suppression.Reason.COMPLAINED,
    EventType.UNSUBSCRIBED: Suppression.Reason.UNSUBSCRIBED,
    RejectReason.SPAM: Suppression.Reason.COMPLAINED,
    RejectReason.UNSUBSCRIBED: Suppression.Reason.UNSUBSCRIBED,
    RejectReason.BOUNCED: Suppression.Reason.BOUNCED,
    RejectReason.INVALID: Suppression.Reason.BOUNCED,
}
logger = structlog.get_logger(__name__)


def record(event: AnymailTrackingEvent, now: datetime) -> bool:
    """Note one report; whether it is about a mail of ours. Repeating it changes nothing."""
    row = _row_of(event)
    if row is None:
        logger.info("mail.report_of_unknown", kind=event.event_type, message=event.message_id)
        return False
    status = SOFT_BOUNCED if event.event_type == EventType.BOUNCED and _is_soft(event) else event.event_type
    with transaction.atomic():
        if status in _RANK:
            _forward(row, status, event, now)
        if reason := _why_stop(event, status):
            _stop(row, event, reason)
    return True


def _row_of(event: AnymailTrackingEvent) -> Notification | None:
    """By our id, which the provider keeps beside the mail, else by its own."""
    mails = Notification.objects.filter(channel=Notification.Channel.EMAIL)
    try:
        return mails.filter(pk=UUID(str((event.metadata or {})[ROW]))).first()
    except (KeyError, ValueError):
        return mails.filter(provider_id=event.message_id[:120]).first() if event.message_id else None


def _forward(row: Notification, status: str, event: AnymailTrackingEvent, now: datetime) -> None:
    behind = [known for known, rank in _RANK.items() if rank < _RANK[status]]
    rows = Notification.objects.filter(pk=row.pk)
    changes: dict[str, Any] = {"provider_status": status}
    if _RANK[status] > _RANK[EventType.DELIVERED] or status == SOFT_BOUNCED:
        changes["error"] = " ".join(str(event.mta_response or event.description or status).split())[:500]
    moved = rows.filter(provider_status__in=behind).update(**changes)
    if status == EventType.DELIVERED:
        rows.filter(delivered_at=None).exclude(provider_status=EventType.BOUNCED).update(
            delivered_at=event.timestamp or now
        )
    if status in _TAKEN:
        _settle(row, event, now)
    if moved and _RANK[status] > _RANK[EventType.DELIVERED]:
        logger.warning("mail.not_delivered", notification=str(row.pk), template=row.template, status=status)


def _settle(row: Notification, event: AnymailTrackingEvent, now: datetime) -> None:
    """We did not learn that the provider took it (a crash, a dropped answer); now we do, and send it no second time."""
    waiting = [Notification.Status.PENDING, Notification.Status.SENDING]
    Notification.objects.filter(pk=row.pk, status__in=waiting).update(
        status=Notification.Status.SENT,
        sent_at=event.timestamp or now,
        provider_id=(event.message_id or "")[:120],
        context=row.context_without_secrets(),
    )


def _why_stop(event: AnymailTrackingEvent, status: str) -> str | None:
    """Why the address is not to be written to any more, or None."""
    if status == EventType.BOUNCED and event.reject_reason in _DEAD:
        return Suppression.Reason.BOUNCED
    if status == EventType.REJECTED:
        return _REASONS.get(event.reject_reason)
    return _REASONS.get(status)


def _stop(row: Notification, event: AnymailTrackingEvent, reason: str) -> None:
    address = event.recipient or row.recipient
    said = " ".join(str(event.mta_response or event.description or event.event_type).split())
    is_new = suppressing.suppress(kinds.EMAIL, address, reason, detail=said)
    if is_new and reason != Suppression.Reason.BOUNCED:
        Consent.objects.create(
            user_id=row.user_id,
            channel=kinds.EMAIL,
            address=suppressing.normal(address),
            wanted=False,
            source=Consent.Source.COMPLAINT if reason == Suppression.Reason.COMPLAINED else Consent.Source.LINK,
            words=said,
        )


def _is_soft(event: AnymailTrackingEvent) -> bool:
    """A bounce that may pass. Anymail calls both a bounce, so the provider's own words decide, then the status code."""
    if event.reject_reason not in _DEAD or any(word in _SOFT for word in _marks(event.esp_event)):
        return True
    code = _STATUS_CODE.search(event.mta_response or "")
    return code is not None and "4" in code.groups()


def _marks(report: Any) -> Iterator[str]:
    """The provider's own words for what kind of event it is, wherever they stand in its report."""
    if isinstance(report, dict):
        for key, value in report.items():
            if isinstance(value, str) and key.lower() in _SOFT_KEYS:
                yield value.lower().rpartition(".")[2]
            else:
                yield from _marks(value)
    elif isinstance(report, list):
        for part in report:
            yield from _marks(part)
