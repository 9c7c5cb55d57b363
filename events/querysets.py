"""Named reads of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet

#: What anybody may look at who has the address; only published events are listed.
PUBLIC = ("published", "cancelled", "completed")


class EventQuerySet(BaseQuerySet):
    def published(self) -> EventQuerySet:
        return self.filter(status="published", venue__is_active=True)

    def upcoming(self, now: datetime) -> EventQuerySet:
        """Those that are not over at `now`."""
        return self.filter(ends_at__gt=now)

    def past(self, now: datetime) -> EventQuerySet:
        return self.filter(ends_at__lte=now)

    def with_arrivals(self, until: datetime) -> EventQuerySet:
        """Each with `arrived`, its tickets that were used: these alone are counted, out of an index.

        Of events whose doors open by `until`; at the others nobody has arrived, and nothing is looked for.
        """
        tickets: Any = self.model._meta.get_field("tickets").related_model
        own = tickets.objects.filter(event=OuterRef("pk"), status="used").order_by().values("event")
        used = Coalesce(Subquery(own.annotate(n=Count("*")).values("n")), 0)
        return self.annotate(arrived=Case(When(doors_at__lte=until, then=used), default=Value(0)))

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> EventQuerySet:
        """The events, of any status, at venues where `user` holds `permission`."""
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))

    def readable_by(self, user: Any) -> EventQuerySet:
        """What `user`, who may be nobody, may know of: public events, and every event where they work."""
        if user.is_authenticated and user.is_superuser:
            return self
        public = Q(status__in=PUBLIC, venue__is_active=True)
        if not user.is_authenticated:
            return self.filter(public)
        return self.filter(public | Q(venue_id__in=user.venues_where(Permission.VIEW_VENUE)))
