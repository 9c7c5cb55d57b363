"""Which channels a message takes to a person, and when: their choices, how they can be reached, their quiet hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from notifications import kinds
from notifications.preferences.models import MessageSettings, Preference
from notifications.push.models import Device

if TYPE_CHECKING:
    from notifications.models import Notification

logger = structlog.get_logger(__name__)
#: A person's newest devices; a message does not go to more.
MOST_DEVICES = 10


@dataclass(frozen=True)
class Person:
    """Whom a message is for. `email` and `phone` as given with what happened, else those of the account."""

    email: str = ""
    phone: str = ""
    devices: tuple[UUID, ...] = ()
    wishes: dict[tuple[str, str], bool] = field(default_factory=dict)
    settings: MessageSettings | None = None

    def wants(self, kind: kinds.Kind, channel: str) -> bool:
        """What they chose, else the kind's default; what can't be switched off they always want."""
        return channel in kind.always or self.wishes.get((kind.name, channel), channel in kind.unasked)

    def refused(self, kind: kinds.Kind, channel: str) -> bool:
        """Whether they said no themselves."""
        return channel not in kind.always and self.wishes.get((kind.name, channel)) is False

    def reached_by(self, channel: str) -> list[str]:
        """The recipients on a channel: addresses, or ids of devices."""
        if channel == kinds.PUSH:
            return [str(device) for device in self.devices]
        address = self.email if channel == kinds.EMAIL else self.phone
        return [address] if address else []


def person(user: Any, email: str = "", phone: str = "") -> Person:
    """The account (or None, for a guest) with its wishes and devices. No query for a guest, three for an account."""
    if user is None:
        return Person(email=email, phone=phone)
    chosen = Preference.objects.filter(user_id=user.pk).values_list("kind", "channel", "wanted")
    devices = Device.objects.filter(user_id=user.pk, retired_at__isnull=True).order_by("-last_seen_at")
    own_number = str(user.phone) if user.phone and user.phone_verified_at else ""
    return Person(
        email=email or user.email,
        phone=phone or own_number,
        devices=tuple(devices.values_list("pk", flat=True)[:MOST_DEVICES]),
        wishes={(kind, channel): wanted for kind, channel, wanted in chosen},
        settings=MessageSettings.objects.filter(user_id=user.pk).first(),
    )


def channels(who: Person, kind: kinds.Kind, worded: set[str]) -> list[tuple[str, str]]:
    """(channel, recipient) of each row to be sent. `worded`: the channels that the message has words for.

    Who can be reached by none of the channels wanted, but by another that they did not refuse, is told by the first of
    those: a guest who left only a number gets a short message.
    """
    usable = [channel for channel in kinds.CHANNELS if channel in worded and who.reached_by(channel)]
    chosen = [channel for channel in usable if who.wants(kind, channel)]
    if not chosen:
        chosen = [channel for channel in usable if not who.refused(kind, channel)][:1]
    return [(channel, recipient) for channel in chosen for recipient in who.reached_by(channel)]


def has_unsubscribed(row: Notification) -> bool:
    """Whether its person ended mails of this kind, by now: also for one that was spread before, or sent past `any`.

    One query for a mail to an account that can be left out, none for others.
    """
    kind = kinds.of(row.template).kind
    if row.channel != kinds.EMAIL or row.user_id is None or kinds.EMAIL in kind.always:
        return False
    said_no = Preference.objects.filter(user_id=row.user_id, kind=kind.name, channel=kinds.EMAIL, wanted=False)
    return said_no.exists()


def language_of(row: Notification) -> str:
    """The row's language, else its person's choice; empty: the default. At most one query."""
    if row.language or row.user_id is None:
        return row.language
    return MessageSettings.objects.filter(user_id=row.user_id).values_list("language", flat=True).first() or ""


def not_before(settings: MessageSettings | None, now: datetime) -> datetime:
    """`now`, or within the person's quiet hours the moment they end, by the clock of their zone.

    Where clocks go back over one of the two times it is the first of both; a time that is skipped in spring comes as
    much after the jump. Equal times are no quiet hours. An unknown zone counts as UTC.
    """
    if settings is None or settings.quiet_from is None or settings.quiet_until is None:
        return now
    zone, start, end = _zone(settings.time_zone), settings.quiet_from, settings.quiet_until
    today = now.astimezone(zone).date()
    # By moments rather than by what the clock shows: in autumn it shows an hour twice.
    for first in (today - timedelta(days=1), today):
        last = first + timedelta(days=1) if start > end else first
        begins, ends = (datetime.combine(day, at, zone).astimezone(UTC) for day, at in ((first, start), (last, end)))
        if begins <= now < ends:
            return ends.astimezone(now.tzinfo)
    return now


def _zone(name: str) -> tzinfo:
    """The zone; UTC for none, and for one that this machine does not know (any more)."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        logger.warning("preferences.unknown_zone", zone=name)
        return UTC
