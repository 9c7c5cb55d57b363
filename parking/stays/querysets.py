"""Named reads of stays, charges and what the gate saw."""

from __future__ import annotations

from typing import Any

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class SessionQuerySet(BaseQuerySet):
    def active(self) -> SessionQuerySet:
        """Cars that are there."""
        return self.filter(status="active")

    def with_lot(self) -> SessionQuerySet:
        """With all that a stay shows of itself and its price is made of."""
        return self.select_related("lot__venue", "capacity", "reservation", "use", "space", "event", "promo")

    def visible_to(self, user: Any, permission: str = Permission.RUN_PARKING) -> SessionQuerySet:
        return self if user.is_superuser else self.filter(lot__venue_id__in=user.venues_where(permission))


class ChargeQuerySet(BaseQuerySet):
    def visible_to(self, user: Any, permission: str = Permission.VIEW_PAYMENTS) -> ChargeQuerySet:
        return self if user.is_superuser else self.filter(lot__venue_id__in=user.venues_where(permission))


class GateEventQuerySet(BaseQuerySet):
    def visible_to(self, user: Any, permission: str = Permission.RUN_PARKING) -> GateEventQuerySet:
        return self if user.is_superuser else self.filter(lot__venue_id__in=user.venues_where(permission))
