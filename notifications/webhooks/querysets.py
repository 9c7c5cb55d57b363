"""Named reads of endpoints and of what is to be told to them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from trufan.lib.querysets import BaseQuerySet


class WebhookEndpointQuerySet(BaseQuerySet):
    def kept(self) -> Self:
        """Those that nobody removed."""
        return self.filter(removed_at=None)

    def listening(self, venue_ids: Collection[UUID]) -> Self:
        """Those of the venues that are switched on."""
        return self.kept().filter(venue_id__in=venue_ids, is_active=True)

    def listening_at(self, venue: Any) -> Self:
        """Those of one venue, which may be an `OuterRef`."""
        return self.kept().filter(venue_id=venue, is_active=True)


class WebhookMessageQuerySet(BaseQuerySet):
    def due(self, now: datetime) -> Self:
        """Waiting with its time come, or being sent by a worker whose lease has lapsed."""
        return self.filter(status__in=["pending", "sending"], next_attempt_at__lte=now)

    def over(self) -> Self:
        """Delivered, or given up."""
        return self.filter(status__in=["delivered", "failed"])
