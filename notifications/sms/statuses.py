"""What Twilio tells of a message later: on its way, arrived, not delivered. In any order, and more than once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Q, QuerySet

from notifications.models import Notification
from notifications.refusals import suppressing
from notifications.refusals.models import Suppression
from notifications.sms import numbers

#: How far a message has come. What is lower than what we know is late news; so is another end than the first.
RANKS = {
    "accepted": 1,
    "scheduled": 1,
    "queued": 2,
    "sending": 3,
    "sent": 4,
    "delivered": 5,
    "undelivered": 5,
    "failed": 5,
    "canceled": 5,
    "read": 6,
}
_ARRIVED, _LOST = ("delivered", "read"), ("undelivered", "failed")
#: Twilio's errors after which a number is not written to again: unknown or out of service, a landline, said STOP.
_DEAD = {
    "30005": Suppression.Reason.BOUNCED,
    "30006": Suppression.Reason.BOUNCED,
    "21610": Suppression.Reason.STOPPED,
}
log = structlog.get_logger(__name__)


def hear(form: Mapping[str, str], notification_id: str, now: datetime) -> bool:
    """Keep what the callback says, if it is news; whether it is about a message of ours.

    `notification_id`: our own, from the callback's address. A message whose sending ended without an answer gets
    Twilio's id by it, and is not sent again.
    """
    sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
    row = _row(sid, notification_id)
    if row is None or status not in RANKS:
        log.info("sms.status_ignored", status=status[:20], known=row is not None)
        return False
    news: dict[str, Any] = {"provider_id": sid, "provider_status": status}
    if status in _ARRIVED:
        news["delivered_at"] = row.delivered_at or now
    code = form.get("ErrorCode", "")[:10]
    if status in _LOST:
        news["error"] = f"twilio {status}: {code or 'without a reason'}"
    if not _behind(row, sid, status).update(**news):
        return True
    if status in _LOST and code in _DEAD and (number := numbers.e164(row.recipient)):
        suppressing.suppress("sms", number, _DEAD[code], detail=f"twilio {status}: {code}")
    return True


def _row(sid: str, notification_id: str) -> Notification | None:
    if not sid:
        return None
    by_id = Q(pk=_uuid(notification_id), provider_id="") if _uuid(notification_id) else Q()
    rows = Notification.objects.filter(Q(provider_id=sid) | by_id, channel=Notification.Channel.SMS)
    return rows.first()


def _behind(row: Notification, sid: str, status: str) -> QuerySet[Notification]:
    """The row, while it has not come as far; the answer that brings the id may be recorded at this moment."""
    earlier = [one for one, rank in RANKS.items() if rank < RANKS[status]]
    return Notification.objects.filter(pk=row.pk, provider_id__in=["", sid], provider_status__in=["", *earlier])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
