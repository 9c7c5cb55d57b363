"""Named reads of console sessions."""

from __future__ import annotations

from datetime import datetime

from trufan.lib.querysets import BaseQuerySet


class ConsoleSessionQuerySet(BaseQuerySet):
    def live(self, now: datetime) -> ConsoleSessionQuerySet:
        return self.filter(ended_at=None, expires_at__gt=now)
