"""Trying again what had failed for good, once the cause (a mailbox, the provider's keys) is mended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from notifications.models import Notification


def retry(now: datetime, ids: Iterable[UUID] = (), template: str = "") -> int:
    """Failed rows (those given, or all; of one template, or all) become pending and due; how many.

    Not those whose secrets were erased: the link that the words need is gone, and has to be asked for anew.
    """
    rows = Notification.objects.filter(status=Notification.Status.FAILED)
    rows = rows.exclude(context__has_key=Notification.ERASED)
    if chosen := list(ids):
        rows = rows.filter(pk__in=chosen)
    if template:
        rows = rows.filter(template=template)
    return rows.update(status=Notification.Status.PENDING, attempts=0, next_attempt_at=now)
