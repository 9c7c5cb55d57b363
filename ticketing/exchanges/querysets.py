"""Named reads of exchanges."""

from __future__ import annotations

from typing import Any

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class TicketExchangeQuerySet(BaseQuerySet):
    def shown(self) -> TicketExchangeQuerySet:
        """With what a list says of each, in a fixed number of queries."""
        return self.select_related("old_order", "new_order").prefetch_related("tickets", "refund__parts")

    def visible_to(self, user: Any, permission: str = Permission.VIEW_ORDERS) -> TicketExchangeQuerySet:
        return self if user.is_superuser else self.filter(old_order__venue_id__in=user.venues_where(permission))
