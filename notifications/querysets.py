"""Named reads of the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from trufan.lib.querysets import BaseQuerySet


class NotificationQuerySet(BaseQuerySet):
    def due(self, now: datetime) -> Self:
        """Waiting with its time come, or of a worker whose lease has lapsed; urgent ones first, longest overdue."""
        return self.filter(status__in=["pending", "sending"], next_attempt_at__lte=now).order_by(
            "priority", "next_attempt_at"
        )
