"""Named reads of schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class ReportScheduleQuerySet(BaseQuerySet):
    """Schedules of reports."""

    def visible_to(self, user: Any) -> Self:
        """Those of venues whose reports the person may read."""
        if user.is_superuser:
            return self.all()
        return self.filter(venue_id__in=user.venues_where(Permission.VIEW_REPORTS))

    def due(self, now: datetime) -> Self:
        return self.filter(is_active=True, next_run_at__lte=now)
