"""Named reads of what tickets cost and who may buy them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q

from accounts.grants import Permission
from events.querysets import PUBLIC
from trufan.lib.querysets import BaseQuerySet


class TicketReleaseQuerySet(BaseQuerySet):
    def open(self, now: datetime) -> TicketReleaseQuerySet:
        """Those whose date has not passed and of which some are left."""
        return self.filter(Q(until=None) | Q(until__gt=now), Q(quantity=None) | Q(quantity__gt=F("held") + F("sold")))

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> TicketReleaseQuerySet:
        return (
            self if user.is_superuser else self.filter(ticket_type__event__venue_id__in=user.venues_where(permission))
        )


class UnlockCodeQuerySet(BaseQuerySet):
    def in_time(self, now: datetime) -> UnlockCodeQuerySet:
        """Those that are switched on and in their window."""
        return self.filter(
            Q(starts_at=None) | Q(starts_at__lte=now), Q(ends_at=None) | Q(ends_at__gt=now), is_active=True
        )

    def visible_to(self, user: Any, permission: str = Permission.MANAGE_EVENTS) -> UnlockCodeQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))


class BundleQuerySet(BaseQuerySet):
    def with_lines(self) -> BundleQuerySet:
        """With all that its price and its parts are made of."""
        return self.select_related("event__venue").prefetch_related("lines__ticket_type")

    def readable_by(self, user: Any) -> BundleQuerySet:
        """What `user`, who may be nobody, may know of: those on sale, of open types, at public events; and all where
        they work.
        """
        if user.is_authenticated and user.is_superuser:
            return self
        shown = self.filter(
            is_active=True, lines__isnull=False, event__status__in=PUBLIC, event__venue__is_active=True
        ).exclude(lines__ticket_type__visibility="hidden")
        public = Q(pk__in=shown.order_by().values("pk"))
        if not user.is_authenticated:
            return self.filter(public)
        return self.filter(public | Q(event__venue_id__in=user.venues_where(Permission.VIEW_VENUE)))

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> BundleQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))
