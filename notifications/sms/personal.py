"""What people wrote to us is theirs: told on request, taken away, and forgotten after a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from notifications.sms.models import InboundMessage
from trufan.lib import retention

#: How long an answer is kept, which may hold a link that opens somebody's stay; the message for `INBOUND_DAYS`.
ANSWERS_KEPT = timedelta(days=1)


def export(user: Any) -> list[dict[str, Any]]:
    """Every message of the person, oldest first, with when it came (aware UTC)."""
    rows = _of(user).order_by("created_at", "pk").values("sender", "recipient", "body", "meaning", "created_at")
    return [{"channel": "sms", "direction": "inbound", **row} for row in rows]


def erase(user: Any) -> None:
    """Blank words and number of every message of the person. That its id was heard stays."""
    _of(user).update(sender="", body="", answer="", user=None)


def forget(now: datetime) -> int:
    """The sweep `notifications.inbound`: answers of yesterday, and all that anybody wrote `INBOUND_DAYS` ago."""
    answers = InboundMessage.objects.filter(created_at__lte=now - ANSWERS_KEPT).exclude(answer="")
    before = retention.before("INBOUND_DAYS", now)
    gone = answers.update(answer="")
    if before:
        old = InboundMessage.objects.filter(created_at__lte=before).exclude(body="", sender="")
        gone += old.update(body="", sender="", user=None)
    return gone


def _of(user: Any) -> QuerySet[InboundMessage]:
    rows = Q(user_id=user.pk)
    if user.phone:
        rows |= Q(sender=str(user.phone))
    return InboundMessage.objects.filter(rows)
