"""What we keep of messages to a person: told on request, and taken away. Registered by accounts, which knows when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from notifications.models import Notification
from notifications.preferences import personal as preferences
from notifications.push import devices
from notifications.sms import personal as sms

_UNSAID = [Notification.Status.PENDING, Notification.Status.SENDING]
_GONE = "The recipient's personal data was erased."


def export(user: Any) -> list[dict[str, Any]]:
    """Every message said to the person, oldest first: channel, address, template, status and times (aware UTC).

    After them what the person wrote to us, and what they chose to hear, and their devices.
    """
    fields = ("channel", "recipient", "template", "status", "created_at", "sent_at")
    said = Notification.objects.filter(_of(user)).order_by("created_at", "id").values(*fields)
    return [*said, *sms.export(user), *preferences.export(user), *devices.export(user)]


def erase(user: Any, now: datetime) -> None:
    """Blank address, words and provider's answer of every message to the person; what is still waiting is not sent.
    What they wrote to us is blanked too, and what they chose to hear and their devices are forgotten.

    Call it before the person's own address is blanked, else messages sent to that address without the account
    (a guest's order) are not found. Say goodbye after it, with `send(..., user=None)`.
    """
    sms.erase(user)
    devices.erase(user)
    preferences.erase(user)
    _blank(Notification.objects.filter(_of(user)), now)


def erase_at(venue_id: UUID, email: str, phone: str, now: datetime, *, also_waiting: bool) -> None:
    """The same for messages of one venue to a guest's address and number; those that wait only when asked for."""
    theirs = Notification.objects.filter(_at(email, phone), venue_id=venue_id, user=None)
    _blank(theirs if also_waiting else theirs.exclude(status__in=_UNSAID), now)


def _blank(theirs: QuerySet[Notification], now: datetime) -> None:
    theirs.filter(status__in=_UNSAID).update(status=Notification.Status.FAILED, next_attempt_at=now)
    theirs.update(
        recipient="",
        phone="",
        attachments=[],
        context={Notification.ERASED: ["recipient"]},
        error=_GONE,
        provider_id="",
    )


def _of(user: Any) -> Q:
    """Rows of the account, and rows to its address or number from before it was one."""
    return Q(user_id=user.pk) | _at(user.email, str(user.phone or ""))


def _at(email: str, phone: str) -> Q:
    """By any channel: a message that is still to find its way has both."""
    rows = Q(pk__in=[])
    if email:
        rows |= Q(recipient__iexact=email)
    if phone:
        rows |= Q(recipient=phone) | Q(phone=phone)
    return rows
