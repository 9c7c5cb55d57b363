"""Named reads of entry slots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q

from accounts.grants import Permission
from events.querysets import PUBLIC
from trufan.lib.querysets import BaseQuerySet


class EntrySlotQuerySet(BaseQuerySet):
    def with_event(self) -> EntrySlotQuerySet:
        return self.select_related("event__venue")

    def open(self, now: datetime) -> EntrySlotQuerySet:
        """Those that one may still come to and that have room."""
        return self.filter(ends_at__gt=now, capacity__gt=F("held") + F("sold"))

    def readable_by(self, user: Any) -> EntrySlotQuerySet:
        """What `user`, who may be nobody, may know of: those of public events, and all where they work."""
        if user.is_authenticated and user.is_superuser:
            return self
        public = Q(event__status__in=PUBLIC, event__venue__is_active=True)
        if not user.is_authenticated:
            return self.filter(public)
        return self.filter(public | Q(event__venue_id__in=user.venues_where(Permission.VIEW_VENUE)))

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> EntrySlotQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))
