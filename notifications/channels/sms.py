"""Short messages through Twilio; on a laptop without its keys, a line in the log."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.conf import settings
from django.urls import reverse

from notifications.errors import ChannelError
from notifications.models import Notification
from notifications.refusals import suppressing
from notifications.refusals.models import Suppression
from notifications.sms import numbers, text, twilio
from notifications.templating import Words

#: A longer message is a mistake in its template: nobody pays for a novel.
MOST_SEGMENTS = 10
log = structlog.get_logger(__name__)


class Sms:
    def send(self, row: Notification, words: Words) -> str:
        """Twilio's id for the message. Where an earlier try may have reached Twilio, it is asked first."""
        if row.provider_id:
            # Twilio told us of its state before its answer reached us: it has the message.
            return row.provider_id
        number, body = _checked(row, words)
        if not settings.TWILIO_ACCOUNT_SID:
            return _printed(row, number, body)
        letter = _letter(row, number, body)
        if ChannelError.was_unclear(row.error) and (found := twilio.find(letter, row.created_at, _is_known)):
            return found
        try:
            return twilio.send(letter)
        except twilio.StoppedAtTwilio as stop:
            suppressing.suppress("sms", number, Suppression.Reason.STOPPED, detail=str(stop))
            raise


def _checked(row: Notification, words: Words) -> tuple[str, str]:
    """The number in E.164 and what is said, measured. Raises `ChannelError` for what no provider needs to be asked."""
    number = numbers.e164(row.recipient)
    if not number:
        raise ChannelError("this is no phone number with its country code", permanent=True)
    if number != row.recipient and suppressing.refusal("sms", number, row.template):
        # Stopped under the way it is dialled, which is not how it was written down.
        raise ChannelError(f"{number} is stopped", permanent=True)
    body = text.clean(words.text)
    if not body:
        raise ChannelError("there is nothing to be said", permanent=True)
    row.segments = text.measure(body).segments
    if row.segments > MOST_SEGMENTS:
        raise ChannelError(f"too long: {row.segments} segments, and {MOST_SEGMENTS} is the most", permanent=True)
    return number, body


def _printed(row: Notification, number: str, body: str) -> str:
    if settings.IS_LIVE:
        raise ChannelError("no SMS provider is configured: set TWILIO_ACCOUNT_SID", permanent=False)
    log.info("sms.printed", to=number, text=body, segments=row.segments)
    return f"console-{row.pk}"


def _letter(row: Notification, number: str, body: str) -> twilio.Letter:
    """With the sender that the message has: its venue's own number, else the platform's."""
    callback = _status_callback(row.pk)
    if row.venue_id and (own := numbers.of_venue(row.venue_id)):
        return twilio.Letter(number, body, sender=own, status_callback=callback)
    if settings.TWILIO_MESSAGING_SERVICE_SID:
        return twilio.Letter(number, body, service=settings.TWILIO_MESSAGING_SERVICE_SID, status_callback=callback)
    sender = settings.TWILIO_FROM or numbers.of_venue(None)
    if not sender:
        raise ChannelError("no number to send from: set TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID", permanent=False)
    return twilio.Letter(number, body, sender=sender, status_callback=callback)


def _status_callback(pk: UUID) -> str:
    """Where Twilio tells what became of it: by our own id, since it may speak before we have its own."""
    if not settings.PUBLIC_URL.startswith("https://"):
        return ""
    return f"{settings.PUBLIC_URL}{reverse('twilio-status')}?notification={pk}"


def _is_known(sid: str) -> bool:
    return Notification.objects.filter(provider_id=sid).exists()
