"""Named reads of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class OrderQuerySet(BaseQuerySet):
    def overdue(self, now: datetime) -> OrderQuerySet:
        """Pending orders whose hold ran out."""
        return self.filter(status="pending", expires_at__lte=now)

    def visible_to(self, user: Any, permission: str = Permission.VIEW_ORDERS) -> OrderQuerySet:
        """The orders at venues where `user` holds `permission`."""
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))

    def bought_by(self, user: Any) -> OrderQuerySet:
        return self.filter(user=user)
