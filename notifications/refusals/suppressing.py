"""Stopping an address, asking whether it is stopped, and letting it hear from us again."""

from __future__ import annotations

from notifications import kinds
from notifications.refusals.models import Suppression


def normal(address: str) -> str:
    """An address as it is compared: without spaces around it, lower case."""
    return address.strip().lower()


def suppress(channel: str, address: str, reason: str, *, kind: str = "", detail: str = "") -> bool:
    """Write to this address no more (of this kind, or at all); whether it was not stopped before."""
    row = Suppression(channel=channel, address=normal(address), kind=kind, reason=reason, detail=detail[:500])
    Suppression.objects.bulk_create([row], ignore_conflicts=True)
    return Suppression.objects.filter(pk=row.pk).exists()


def lift(channel: str, address: str, *, kind: str | None = None) -> int:
    """Write to this address again: of this kind, or (None) of every kind. How many refusals were lifted."""
    rows = Suppression.objects.filter(channel=channel, address=normal(address))
    if kind is not None:
        rows = rows.filter(kind=kind)
    return rows.delete()[0]


def refusal(channel: str, address: str, template: str) -> Suppression | None:
    """Why nothing of this template may go to the address, or None. One query.

    A dead or complaining address hears nothing at all. Who only unsubscribed still hears what can't be switched off
    (their money, their account), and the one who answered STOP to a short message no short message whatever.
    """
    message = kinds.of(template)
    rows = Suppression.objects.filter(channel=channel, address=normal(address), kind__in=["", message.kind.name])
    for row in rows:
        if row.reason != Suppression.Reason.UNSUBSCRIBED or channel not in message.kind.always:
            return row
    return None
