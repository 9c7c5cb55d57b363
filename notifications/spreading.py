"""From one row for a person to one row for each channel that reaches them, when a worker first takes it up.

Not where it happened: a sale shall not wait for anybody's preferences to be read, and what holds is what the person
wants when the message leaves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from notifications import kinds, templating
from notifications.models import Notification
from notifications.preferences import choosing

NOBODY = "there is no channel by which they can be told and did not refuse to be"


def spread(row: Notification, now: datetime) -> list[UUID]:
    """Turn the claimed row into one for the first channel, and add one for each further; those that are due now.

    All of it in one transaction, and only by who holds the lease: a crash leaves the one row or all of them. With no
    channel the row is withheld.
    """
    message = kinds.of(row.template)
    who = choosing.person(row.user, row.recipient, row.phone)
    worded = {channel for channel in kinds.CHANNELS if templating.has_words(row.template, channel)}
    ways = choosing.channels(who, message.kind, worded)
    due = choosing.not_before(who.settings, now) if message.waits else now
    # What they chose, then what they were seen to read.
    language = (who.settings.language if who.settings else "") or row.language or settings.LANGUAGE_CODE
    with transaction.atomic():
        ours = Notification.objects.filter(
            pk=row.pk, status=Notification.Status.SENDING, attempts=row.attempts, channel=Notification.Channel.ANY
        )
        if not ways:
            context = row.context_without_secrets()
            ours.update(status=Notification.Status.WITHHELD, error=NOBODY, context=context)
            return []
        (channel, recipient), *further = ways
        pending: dict[str, Any] = {
            "status": Notification.Status.PENDING,
            "attempts": 0,
            "next_attempt_at": due,
            "language": language,
        }
        if not ours.update(channel=channel, recipient=recipient, **pending):
            return []
        rows = [_another(row, *way, **pending) for way in further]
        Notification.objects.bulk_create(rows)
    return [row.pk, *(one.pk for one in rows)] if due <= now else []


def _another(row: Notification, channel: str, recipient: str, **rest: Any) -> Notification:
    return Notification(
        channel=channel,
        recipient=recipient,
        user_id=row.user_id,
        venue_id=row.venue_id,
        priority=row.priority,
        broadcast_id=row.broadcast_id,
        template=row.template,
        context=row.context,
        attachments=row.attachments if channel == kinds.EMAIL else [],
        **rest,
    )
