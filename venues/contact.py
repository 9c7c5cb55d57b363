"""Whom an answer to a venue's mail reaches."""

from __future__ import annotations

from uuid import UUID

from venues.models import Venue


def reply_to(venue_id: UUID) -> tuple[str, str]:
    """The venue's name and its contact address; the address is empty where it has none, or the venue is gone."""
    found = Venue.objects.filter(pk=venue_id).values_list("name", "contact_email").first()
    return found or ("", "")
