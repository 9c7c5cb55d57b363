"""Named reads of reservations."""

from __future__ import annotations

from typing import Any

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class ReservationQuerySet(BaseQuerySet):
    def with_lot(self) -> ReservationQuerySet:
        """With all that a reservation shows of itself and the gate asks of it."""
        return self.select_related("capacity__lot__venue", "order", "use", "event")

    def live(self) -> ReservationQuerySet:
        """Those whose window is their holder's."""
        return self.filter(status__in=["confirmed", "inside", "outside"])

    def visible_to(self, user: Any, permission: str = Permission.RUN_PARKING) -> ReservationQuerySet:
        return self if user.is_superuser else self.filter(capacity__lot__venue_id__in=user.venues_where(permission))
