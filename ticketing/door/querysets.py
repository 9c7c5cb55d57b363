"""Named reads of scans and of check-in lists."""

from __future__ import annotations

from typing import Any

from accounts.grants import Permission
from trufan.lib.querysets import BaseQuerySet


class ScanQuerySet(BaseQuerySet):
    def with_answer(self) -> ScanQuerySet:
        """With all that the scanner is told."""
        return self.select_related("ticket__event__venue", "ticket__ticket_type", "previous")

    def with_row(self) -> ScanQuerySet:
        """With all that a list of scans shows of each."""
        return self.select_related("ticket", "scanned_by", "checkin_list")

    def passages(self) -> ScanQuerySet:
        """Those by which somebody went in or out, and those that took such a one back; oldest first."""
        return self.filter(result="accepted").order_by("scanned_at", "nonce", "scanned_by")

    def standing(self) -> ScanQuerySet:
        """Passages that nobody took back."""
        return self.passages().filter(undoes=None, undone_by=None)

    def conflicts(self) -> ScanQuerySet:
        return self.exclude(conflict="")

    def visible_to(self, user: Any, permission: str = Permission.CHECK_IN) -> ScanQuerySet:
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))


class CheckInListQuerySet(BaseQuerySet):
    def with_types(self) -> CheckInListQuerySet:
        """With the ticket types that stand on each; one query more."""
        return self.select_related("event__venue").prefetch_related("ticket_types")

    def visible_to(self, user: Any, permission: str = Permission.CHECK_IN) -> CheckInListQuerySet:
        return self if user.is_superuser else self.filter(event__venue_id__in=user.venues_where(permission))
