"""Named reads of house holds, comps and door sales."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class HouseHoldQuerySet(BaseQuerySet):
    def of_event(self, event_id: UUID) -> HouseHoldQuerySet:
        return self.filter(ticket_type__event_id=event_id)

    def with_type(self) -> HouseHoldQuerySet:
        """With all that a hold shows of what it keeps."""
        return self.select_related("ticket_type__event__venue")

    def visible_to(self, user: Any, permission: str = Permission.COMP_TICKETS) -> HouseHoldQuerySet:
        return (
            self if user.is_superuser else self.filter(ticket_type__event__venue_id__in=user.venues_where(permission))
        )


class CompQuerySet(BaseQuerySet):
    def of_event(self, event_id: UUID) -> CompQuerySet:
        return self.filter(order__event_id=event_id)

    def with_order(self) -> CompQuerySet:
        """With all that a comp shows, in two queries."""
        return self.select_related("order", "house_hold", "given_by").prefetch_related("order__items")


class DoorSaleQuerySet(BaseQuerySet):
    def of_event(self, event_id: UUID) -> DoorSaleQuerySet:
        return self.filter(order__event_id=event_id)

    def between(self, venue_id: UUID, start: datetime, end: datetime) -> DoorSaleQuerySet:
        """Those of a venue from `start` until before `end`."""
        return self.filter(order__venue_id=venue_id, created_at__gte=start, created_at__lt=end)

    def with_order(self) -> DoorSaleQuerySet:
        """With all that a sale shows, in four queries."""
        return self.select_related("order__venue", "sold_by").prefetch_related(
            "order__tickets__ticket_type", "order__tickets__event"
        )
