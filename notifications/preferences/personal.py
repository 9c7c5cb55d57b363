"""What a person chose to hear: told on request, and taken away."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from notifications import kinds
from notifications.models import Consent, MessageSettings, Preference
from notifications.refusals import suppressing

_SETTINGS = ("language", "time_zone", "quiet_from", "quiet_until")
_CONSENT = ("channel", "address", "kind", "wanted", "source", "ip_address", "words", "created_at")


def export(user: Any) -> list[dict[str, Any]]:
    """Settings, choices and consents, each row with the name of what it is under `about`."""
    told = [{"about": "settings", **row} for row in MessageSettings.objects.filter(user=user).values(*_SETTINGS)]
    choices = Preference.objects.filter(user=user).order_by("kind", "channel").values("kind", "channel", "wanted")
    told += [{"about": "choice", **row} for row in choices]
    consents = Consent.objects.filter(_of(user)).order_by("created_at", "id").values(*_CONSENT)
    return [*told, *({"about": "consent", **row} for row in consents)]


def erase(user: Any) -> None:
    """Forget what they chose. Consents stay as proof of what was said when, without address, words and IP.

    Call it before the person's own address is blanked. Stopped addresses stay stopped: erased is not a yes.
    """
    Preference.objects.filter(user=user).delete()
    MessageSettings.objects.filter(user=user).delete()
    Consent.objects.filter(_of(user)).update(address="", ip_address=None, words="")


def _of(user: Any) -> Q:
    """Consents of the account, and those of its address or number from before it was one."""
    rows = Q(user=user)
    if user.email:
        rows |= Q(channel=kinds.EMAIL, address=suppressing.normal(user.email))
    if user.phone:
        rows |= Q(channel=kinds.SMS, address=str(user.phone))
    return rows
