"""Named reads of waiting rooms and the places in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class WaitingRoomQuerySet(BaseQuerySet):
    def shut(self) -> WaitingRoomQuerySet:
        """Those without whose pass nothing of their event is sold."""
        return self.filter(status__in=["open", "active"])

    def shut_before(self, type_ids: Iterable[UUID]) -> WaitingRoomQuerySet:
        """The same, of the events of these ticket types."""
        return self.shut().filter(event__ticket_types__in=set(type_ids)).distinct()

    def visible_to(self, user: Any, permission: str = Permission.VIEW_VENUE) -> WaitingRoomQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))


class WaitingRoomEntryQuerySet(BaseQuerySet):
    def waiting(self) -> WaitingRoomEntryQuerySet:
        """Those in line, who is next first."""
        return self.filter(status="waiting").order_by("turn", "id")

    def inside(self) -> WaitingRoomEntryQuerySet:
        """Those who were let in and are not through."""
        return self.filter(status="admitted")

    def overdue(self, now: datetime) -> WaitingRoomEntryQuerySet:
        """Those whose pass has run out, and nobody said so yet."""
        return self.inside().filter(pass_expires_at__lte=now)

    def present(self) -> WaitingRoomEntryQuerySet:
        """Those who have a place, in the line or in the shop."""
        return self.filter(status__in=["waiting", "admitted"])

    def through(self) -> WaitingRoomEntryQuerySet:
        """Those who were let in and are out again, the last first."""
        return self.filter(status__in=["done", "left", "expired"], admitted_at__isnull=False).order_by("-ended_at")
