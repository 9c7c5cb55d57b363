"""Named reads of series."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Min, Q

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class EventSeriesQuerySet(BaseQuerySet):
    def with_figures(self) -> EventSeriesQuerySet:
        """With how many events they have (`events_count`, of them `drafts`), and from when until when."""
        return self.select_related("venue").annotate(
            events_count=Count("events"),
            drafts=Count("events", filter=Q(events__status="draft")),
            first_starts_at=Min("events__starts_at"),
            last_starts_at=Max("events__starts_at"),
        )

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> EventSeriesQuerySet:
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))
