"""What venues store about a person, and how it is erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audit.trail import record
from venues.models import VenueStaff
from venues.staffing import lock_staff, refuse_last_manager


def export(user: Any) -> list[dict[str, Any]]:
    """The person's places at venues, past ones included."""
    return [
        {
            "venue": place.venue.name,
            "role": place.role,
            "extra_permissions": place.extra_permissions,
            "is_active": place.is_active,
            "since": place.created_at.isoformat(),
        }
        for place in VenueStaff.objects.filter(user=user).select_related("venue").order_by("created_at")
    ]


def erase(user: Any, now: datetime) -> None:
    """Remove the person from every staff list. Raises `LastManager` where nobody else could run the venue."""
    places = VenueStaff.objects.filter(user=user).select_related("venue").order_by("venue_id")
    for place in places:
        lock_staff(place.venue)
        if place.is_active:
            refuse_last_manager(place)
        record("staff.erased", place, old={"role": place.role}, venue_id=place.venue_id)
    places.delete()
