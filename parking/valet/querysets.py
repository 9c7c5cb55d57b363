"""Reads of valet tickets that have names."""

from __future__ import annotations

from trufan.lib.querysets import BaseQuerySet


class ValetTicketQuerySet(BaseQuerySet):
    def with_stay(self) -> ValetTicketQuerySet:
        """With what a ticket is shown and priced by."""
        return self.select_related(
            "lot__venue", "session__lot__venue", "session__reservation", "session__event", "session__user",
            "session__promo",
        )  # fmt: skip

    def here(self) -> ValetTicketQuerySet:
        """Cars in our hands."""
        return self.exclude(status__in=["handed_over", "cancelled"])
