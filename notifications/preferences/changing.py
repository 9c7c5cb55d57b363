"""A person says what they want to hear, how, when and in which language. Every choice that changes is a consent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from audit.trail import record
from notifications import kinds
from notifications.preferences.errors import AlwaysSent, PhoneNotVerified
from notifications.preferences.models import Consent, MessageSettings, Preference
from notifications.refusals import suppressing
from notifications.refusals.models import Suppression
from trufan.lib.errors import Invalid

#: Neither quiet from nor until.
NO_QUIET: tuple[None, None] = (None, None)


class Choice(NamedTuple):
    """Messages of this kind by this channel: yes or no."""

    kind: str
    channel: str
    wanted: bool


def kinds_for(user: Any) -> list[kinds.Kind]:
    """The kinds a person chooses by: those for staff are for staff alone."""
    return [kind for kind in kinds.KINDS.values() if user.is_staff or not kind.for_staff]


def wishes(user: Any) -> dict[tuple[str, str], bool]:
    """(kind, channel) → whether it is wanted, for all there is. Two queries."""
    said = {
        (kind, channel): wanted
        for kind, channel, wanted in Preference.objects.filter(user=user).values_list("kind", "channel", "wanted")
    }
    said |= {(row.kind, row.channel): False for row in _unsubscribed(user) if row.kind}
    return {
        (kind.name, channel): channel in kind.always or said.get((kind.name, channel), channel in kind.unasked)
        for kind in kinds.KINDS.values()
        for channel in kinds.CHANNELS
    }


def settings_of(user: Any) -> MessageSettings:
    """Language, zone and quiet hours; an unsaved row with the defaults for who never said anything. One query."""
    return MessageSettings.objects.filter(user=user).first() or MessageSettings(user=user)


def change(
    user: Any,
    choices: Iterable[Choice] = (),
    *,
    source: str,
    ip: str | None,
    among: Iterable[kinds.Kind] | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    quiet: tuple[time | None, time | None] | None = None,
) -> MessageSettings:
    """Take over what the person chose; None leaves a setting as it is. What is so already changes nothing.

    `language` of `settings.LANGUAGES` and `time_zone` by IANA name, both checked by the caller. `quiet`: local times,
    from and until, or `NO_QUIET`. `source` of `Consent.Source`, `ip` of who says so. `among`: the kinds they may choose
    by, unless it is `kinds_for` them. Raises `AlwaysSent`,
    `PhoneNotVerified`, and `Invalid` on a kind or channel that is not theirs to choose, on quiet hours that last no
    time, and on quiet hours without a zone.
    """
    choices = list(choices)
    _check(user, choices, kinds_for(user) if among is None else among)
    with transaction.atomic():
        MessageSettings.objects.get_or_create(user=user)
        # Whoever changes something of the person's comes one after the other.
        row = MessageSettings.objects.select_for_update().get(user=user)
        changed = _choose(user, choices, source, ip)
        news = _settle(row, language, time_zone, quiet)
        if changed or news:
            told = {"choices": [f"{kind} by {channel}: {wanted}" for kind, channel, wanted in changed], **news}
            record("messages.chosen", row, new=told, actor=user)
    return row


def _check(user: Any, choices: list[Choice], among: Iterable[kinds.Kind]) -> None:
    theirs = {kind.name: kind for kind in among}
    for number, (name, channel, wanted) in enumerate(choices):
        if name not in theirs:
            raise Invalid.field(f"choices[{number}].kind", "There is no such kind of message.", "invalid_choice")
        if channel not in kinds.CHANNELS:
            raise Invalid.field(f"choices[{number}].channel", "There is no such channel.", "invalid_choice")
        if channel in theirs[name].always and not wanted:
            raise AlwaysSent(details=[AlwaysSent().at(f"choices[{number}]")])
        if channel == kinds.SMS and wanted and not (user.phone and user.phone_verified_at):
            raise PhoneNotVerified(details=[PhoneNotVerified().at(f"choices[{number}]")])


def _choose(user: Any, choices: list[Choice], source: str, ip: str | None) -> list[Choice]:
    """Write what differs from what holds, each with its consent; the last of two words on the same thing counts."""
    before = wishes(user)
    wanted = {(choice.kind, choice.channel): choice.wanted for choice in choices}
    changed = [Choice(*which, yes) for which, yes in wanted.items() if before[which] != yes]
    now = timezone.now()
    rows = [Preference(user=user, kind=kind, channel=channel, wanted=yes) for kind, channel, yes in changed]
    Preference.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user", "kind", "channel"],
        update_fields=["wanted", "updated_at"],
    )
    Consent.objects.bulk_create(
        Consent(user=user, kind=kind, channel=channel, wanted=yes, source=source, ip_address=ip, created_at=now)
        for kind, channel, yes in changed
    )
    # They unsubscribed by a link before they had the account, and want it again now.
    again = [choice.kind for choice in changed if choice.wanted and choice.channel == kinds.EMAIL]
    _unsubscribed(user).filter(kind__in=again).delete()
    return changed


def _unsubscribed(user: Any) -> Any:
    """What was unsubscribed from at the person's own, proven address."""
    address = suppressing.normal(user.email) if user.email_verified_at else ""
    return Suppression.objects.filter(
        channel=kinds.EMAIL, address=address, reason=Suppression.Reason.UNSUBSCRIBED
    ).exclude(address="")


def _settle(
    row: MessageSettings,
    language: str | None,
    time_zone: str | None,
    quiet: tuple[time | None, time | None] | None,
) -> dict[str, Any]:
    """Save the settings that differ; those, by name."""
    start, end = (row.quiet_from, row.quiet_until) if quiet is None else quiet
    wanted: dict[str, Any] = {
        "language": row.language if language is None else language,
        "time_zone": row.time_zone if time_zone is None else time_zone,
        "quiet_from": start,
        "quiet_until": end,
    }
    if start is not None and start == end:
        raise Invalid.field("quiet_hours.until", "Quiet hours end at another time than they begin.")
    if start is not None and not wanted["time_zone"]:
        raise Invalid.field("time_zone", "Say in which zone the quiet hours are.", "required")
    news = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in news.items():
        setattr(row, name, value)
    if news:
        row.save(update_fields=[*news, "updated_at"])
    return {name: str(value) if isinstance(value, time) else value for name, value in news.items()}
