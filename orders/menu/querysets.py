"""Named reads of outlets and of what they sell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q

from accounts.grants import Permission
from events.models import Event
from trufan.lib.querysets import BaseQuerySet

#: Where `with_hours` leaves the events that run at the moment it was asked about.
EVENTS_NOW = "events_now"


def hours(now: datetime, to_outlet: str = "") -> list[Any]:
    """What to prefetch so that it is known of each outlet, at the path `to_outlet`, whether it is open at `now`."""
    running = Event.objects.filter(status=Event.Status.PUBLISHED, doors_at__lte=now, ends_at__gt=now)
    return [
        f"{to_outlet}opening_hours",
        Prefetch(f"{to_outlet}venue__events", queryset=running, to_attr=EVENTS_NOW),
    ]


def availability(to_product: str = "") -> list[Any]:
    """What to prefetch so that it is known of each product when and with which options it is sold."""
    return [
        f"{to_product}option_groups__options",
        f"{to_product}dayparts",
        Prefetch(f"{to_product}events", queryset=Event.objects.only("pk")),
    ]


class OutletQuerySet(BaseQuerySet):
    def with_hours(self, now: datetime) -> OutletQuerySet:
        """With all that decides whether they are open at `now`."""
        return self.select_related("venue").prefetch_related(*hours(now))

    def readable_by(self, user: Any) -> OutletQuerySet:
        """What `user`, who may be nobody, may know of: those in use at open venues, and all where they work."""
        if user.is_authenticated and user.is_superuser:
            return self
        public = Q(is_active=True, venue__is_active=True)
        if not user.is_authenticated:
            return self.filter(public)
        return self.filter(public | Q(venue_id__in=user.venues_where(Permission.VIEW_VENUE)))


class ProductQuerySet(BaseQuerySet):
    def with_menu(self) -> ProductQuerySet:
        """With their variants, options, and when they are sold."""
        return self.prefetch_related("variants", *availability())


class ProductVariantQuerySet(BaseQuerySet):
    def priced(self, now: datetime) -> ProductVariantQuerySet:
        """With all that an offer reads."""
        return self.select_related("product__outlet__venue").prefetch_related(
            "product__outlet__venue__fee_rules",
            *hours(now, "product__outlet__"),
            *availability("product__"),
        )
