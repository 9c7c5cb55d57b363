"""The operator's own news to everybody who holds tickets of an event."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from audit.trail import record
from events.errors import NoMessagesNow, TooManyMessages
from events.lifecycle import locked
from events.models import Event
from notifications import templating
from notifications.broadcasts import audiences, starting
from notifications.broadcasts.models import Broadcast
from trufan.lib.errors import Missing

TEMPLATE = "event_news"
#: Registered by whoever sells admission to events.
HOLDERS = "event_holders"
MAX_SUBJECT, MAX_TEXT = 120, 2000
_DAY = timedelta(days=1)


def announce(
    event: Event, by: Any, now: datetime, *, subject: str, text: str, subject_es: str = "", text_es: str = ""
) -> Broadcast:
    """Tell all holders; the words go to each in their language. Raises `NoMessagesNow`, `TooManyMessages`."""
    context = _context(event, subject=subject, text=text, subject_es=subject_es, text_es=text_es)
    with transaction.atomic():
        event = locked(event)
        _refuse(event, now)
        sent = starting.start(
            TEMPLATE,
            audience=HOLDERS,
            audience_id=event.pk,
            venue_id=event.venue_id,
            context=context,
            started_by=by,
        )
        if sent is None:  # Only with a key of what is announced, and this has none.
            raise TooManyMessages
        record("event.message_sent", event, new={"broadcast": str(sent.pk), "subject": subject}, actor=by)
    return sent


def preview(event: Event, language: str = "", **words: str) -> dict[str, Any]:
    """How many people it would reach, and how it reads: `people`, `mail`, `sms`, `push`. Sends nothing."""
    context = _context(event, **words)
    said = {channel: templating.render(TEMPLATE, channel, context, language) for channel in templating.FILES}
    mail, push = said["email"], said["push"]
    return {
        "people": audiences.named(HOLDERS).count(event.pk, {}),
        "mail": {"subject": mail.subject, "text": mail.text, "html": mail.html},
        "sms": said["sms"].text,
        "push": {"title": push.subject, "text": push.text},
    }


def in_words(event: Event, now: datetime, **words: str) -> str:
    """What the console's confirmation says: the count, and the message as it reads."""
    _refuse(event, now)
    seen = preview(event, **words)
    spanish = f"\n\nIn Spanish\n{preview(event, 'es', **words)['mail']['text']}" if words.get("text_es") else ""
    return (
        f"{seen['people']} people are told.\n\n{seen['mail']['subject']}\n\n{seen['mail']['text']}\n"
        f"By SMS, to those who asked for it ({len(seen['sms'])} characters)\n{seen['sms']}{spanish}"
    )


def may_be_announced(event: Event) -> bool:
    """A draft has no holders, and what is completed has no news."""
    return event.status in (Event.Status.PUBLISHED, Event.Status.CANCELLED)


def of(event: Event) -> QuerySet[Broadcast]:
    """What all its holders were told, newest first."""
    return Broadcast.objects.filter(audience=HOLDERS, audience_id=event.pk)[:20]


def one_of(event: Event, message_id: UUID) -> Broadcast:
    """One of its messages; raises `Missing` for another event's."""
    try:
        return Broadcast.objects.get(audience=HOLDERS, audience_id=event.pk, pk=message_id)
    except Broadcast.DoesNotExist as absent:
        raise Missing from absent


def _refuse(event: Event, now: datetime) -> None:
    if not may_be_announced(event):
        raise NoMessagesNow
    today = Broadcast.objects.filter(
        audience=HOLDERS, audience_id=event.pk, template=TEMPLATE, created_at__gt=now - _DAY
    )
    if today.count() >= settings.EVENT_MESSAGES_PER_DAY:
        raise TooManyMessages


def _context(event: Event, **words: str) -> dict[str, Any]:
    return {"event": event.name, **{name: text.replace("\r\n", "\n").strip() for name, text in words.items()}}
