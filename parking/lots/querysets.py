"""Named reads of lots."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class LotQuerySet(BaseQuerySet):
    def open(self) -> LotQuerySet:
        """What the public is shown."""
        return self.filter(status="open", venue__is_active=True)

    def with_all(self) -> LotQuerySet:
        """With all that a lot shows of itself, but for what is free."""
        return self.select_related("venue").prefetch_related("capacities", "opening_hours", "photos")

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> LotQuerySet:
        """The lots of venues where `user` holds `permission`."""
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))

    def readable_by(self, user: Any) -> LotQuerySet:
        """What `user`, who may be nobody, may know of: open lots, and all where they work."""
        public = Q(status="open", venue__is_active=True)
        if not user.is_authenticated:
            return self.filter(public)
        if user.is_superuser:
            return self
        return self.filter(public | Q(venue_id__in=user.venues_where(Permission.VIEW_VENUE)))
