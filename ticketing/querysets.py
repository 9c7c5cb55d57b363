"""Named reads of ticket types, tickets and scans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from accounts.grants import Permission
from events.querysets import PUBLIC
from trufan.lib.querysets import BaseQuerySet


class TicketTypeQuerySet(BaseQuerySet):
    def listed(self) -> TicketTypeQuerySet:
        """What the public is shown."""
        return self.filter(visibility="open")

    def on_sale(self, now: datetime) -> TicketTypeQuerySet:
        """Those whose own sales window is open at `now`; whether the event sells at all is another question."""
        return self.filter(Q(sales_start=None) | Q(sales_start__lte=now), Q(sales_end=None) | Q(sales_end__gt=now))

    def with_stock(self) -> TicketTypeQuerySet:
        """Those of which the smallest order could still be placed."""
        return self.filter(quantity__gte=F("held") + F("sold") + F("house") + F("set_aside") + F("min_per_order"))

    def with_event(self) -> TicketTypeQuerySet:
        """With the event, its venue, and `is_addon`: whether it goes with others."""
        model: Any = self.model
        links = model.addon_of.through._default_manager.filter(from_tickettype=OuterRef("pk"))
        return self.select_related("event__venue").annotate(is_addon=Exists(links))

    def with_fees(self) -> TicketTypeQuerySet:
        """The same with what the platform charges there, and its releases: all that a price is made of."""
        return self.with_event().prefetch_related("event__venue__fee_rules", "releases")

    def readable_by(self, user: Any) -> TicketTypeQuerySet:
        """What `user`, who may be nobody, may know of: open types of public events, and all where they work."""
        if user.is_authenticated and user.is_superuser:
            return self
        public = Q(visibility="open", event__status__in=PUBLIC, event__venue__is_active=True)
        if not user.is_authenticated:
            return self.filter(public)
        return self.filter(public | Q(event__venue_id__in=user.venues_where(Permission.VIEW_VENUE)))

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> TicketTypeQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))


class TicketQuerySet(BaseQuerySet):
    def live(self) -> TicketQuerySet:
        """Tickets that admit, or have admitted, someone."""
        return self.filter(status__in=["valid", "used"])

    def with_event(self) -> TicketQuerySet:
        """With all that a ticket shows of itself."""
        return self.select_related("event__venue", "ticket_type", "order", "slot", "attendee")

    def at_the_door(self) -> TicketQuerySet:
        """With all that says whether it lets in."""
        return self.select_related("event__venue", "ticket_type", "slot")

    def of(self, user: Any) -> TicketQuerySet:
        """The tickets a person holds or bought; two index lookups rather than an OR across tables."""
        own = self.model._default_manager.order_by()
        held, bought = own.filter(holder=user).values("pk"), own.filter(order__user=user).values("pk")
        return self.filter(pk__in=held.union(bought))

    def visible_to(self, user: Any, permission: str = Permission.VIEW_ORDERS) -> TicketQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))
