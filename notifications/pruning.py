"""Forgetting what was said long ago: rows of messages that are done, a batch at a time."""

from __future__ import annotations

import time
from datetime import datetime

from notifications.models import Notification
from trufan.lib import retention

BATCH = 1000
#: A sweep shares its schedule with others.
BUDGET_SECONDS = 5.0
_DONE = [Notification.Status.SENT, Notification.Status.FAILED, Notification.Status.WITHHELD]


def sweep_old(now: datetime) -> int:
    """Delete what is done and older than `settings.NOTIFICATION_DAYS` (0: keep all), oldest first; how many rows.

    A fact whose row is gone could be said again by its `dedupe_key`; nothing that old happens twice.
    """
    before = retention.before("NOTIFICATION_DAYS", now)
    if before is None:
        return 0
    old = Notification.objects.filter(created_at__lt=before, status__in=_DONE).order_by("created_at")
    deleted, started = 0, time.monotonic()
    while time.monotonic() - started < BUDGET_SECONDS:
        batch = list(old.values_list("pk", flat=True)[:BATCH])
        if not batch:
            break
        # Said again, for a row that was made pending in between.
        deleted += Notification.objects.filter(pk__in=batch, status__in=_DONE).delete()[0]
    return deleted
