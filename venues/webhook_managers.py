"""Who is told when a venue's webhook fails."""

from __future__ import annotations

from uuid import UUID

from accounts.grants import Permission
from notifications.webhooks.managers import Managers
from venues.models import Venue
from venues.roles import holders_of


def managers_of(venue_id: UUID) -> Managers:
    """Everyone who may change the venue, and its name. Two queries."""
    name = Venue.objects.filter(pk=venue_id).values_list("name", flat=True).first()
    return Managers(name or "", holders_of({Permission.MANAGE_VENUE}, venue_id))
