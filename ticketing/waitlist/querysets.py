"""Named reads of the waiting list."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class WaitlistEntryQuerySet(BaseQuerySet):
    def waiting(self) -> WaitlistEntryQuerySet:
        """Those in line, first come first."""
        return self.filter(status="waiting").order_by("created_at", "id")

    def of(self, user: Any) -> WaitlistEntryQuerySet:
        return self.filter(user=user)

    def with_type(self) -> WaitlistEntryQuerySet:
        """With all that an entry shows of what is waited for."""
        return self.select_related("ticket_type__event__venue", "order")

    def with_position(self) -> WaitlistEntryQuerySet:
        """With `position`: 1 for who is next; of no meaning once an entry no longer waits."""
        before = Q(created_at__lt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), id__lt=OuterRef("id"))
        everybody: WaitlistEntryQuerySet = WaitlistEntryQuerySet(self.model)
        line = everybody.filter(before, ticket_type=OuterRef("ticket_type"), status="waiting")
        ahead = line.order_by().values("ticket_type").annotate(count=Count("pk")).values("count")
        return self.annotate(position=Coalesce(Subquery(ahead), 0) + 1)

    def by_line(self) -> WaitlistEntryQuerySet:
        return self.order_by("ticket_type", F("created_at"), "id")

    def visible_to(self, user: Any, permission: str = Permission.VIEW_ORDERS) -> WaitlistEntryQuerySet:
        return (
            self if user.is_superuser else self.filter(ticket_type__event__venue_id__in=user.venues_where(permission))
        )
