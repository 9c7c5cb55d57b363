"""Named reads of call-offs and their orders."""

from __future__ import annotations

from typing import Any

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class CallOffQuerySet(BaseQuerySet):
    def visible_to(self, user: Any, permission: str = Permission.VIEW_ORDERS) -> CallOffQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))


class CallOffOrderQuerySet(BaseQuerySet):
    def shown(self) -> CallOffOrderQuerySet:
        """With what a list says of each, in a fixed number of queries."""
        return self.select_related("order").prefetch_related("refund__parts")

    def visible_to(self, user: Any, permission: str = Permission.VIEW_ORDERS) -> CallOffOrderQuerySet:
        return self if user.is_superuser else self.filter(call_off__event__venue_id__in=user.venues_where(permission))
