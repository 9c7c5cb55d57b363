"""Staff let a stopped address hear from us again, because its owner told them to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.trail import record
from notifications.preferences.models import Consent
from notifications.refusals.models import Suppression
from trufan.lib.errors import Conflict
from trufan.lib.words import lazy as _


class NotStopped(Conflict):
    """Somebody lifted it before, or the owner did."""

    code, message = "not_stopped", _("This address is not stopped any more.")


def lift(row: Suppression, *, by: Any, now: datetime, words: str) -> None:
    """Write to it again, and keep that its owner wished so. `words`: how they said it. Raises `NotStopped`."""
    with transaction.atomic():
        if not Suppression.objects.filter(pk=row.pk).delete()[0]:
            raise NotStopped
        Consent.objects.create(
            channel=row.channel,
            address=row.address,
            kind=row.kind,
            wanted=True,
            source=Consent.Source.STAFF,
            words=words,
            created_at=now,
        )
        # Neither the address nor the words: the trail is never erased.
        record("suppression.lifted", row, old={"channel": row.channel, "reason": row.reason}, actor=by)
