"""Named reads of venues and their staff."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class VenueQuerySet(BaseQuerySet):
    def active(self) -> VenueQuerySet:
        return self.filter(is_active=True)

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> VenueQuerySet:
        """The venues where `user` holds `permission`."""
        return self if user.is_superuser else self.filter(pk__in=user.venues_where(permission))

    def readable_by(self, user: Any) -> VenueQuerySet:
        """What `user`, who may be nobody, may know of: open venues, and closed ones where they work."""
        if not user.is_authenticated:
            return self.active()
        if user.is_superuser:
            return self
        return self.filter(Q(is_active=True) | Q(pk__in=user.venues_where(Permission.VIEW_VENUE)))


class StaffQuerySet(BaseQuerySet):
    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> StaffQuerySet:
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))

    def managing(self, venue_id: UUID) -> StaffQuerySet:
        """The managers of the venue who can sign in."""
        return self.filter(venue_id=venue_id, role="manager", is_active=True, user__is_active=True)
