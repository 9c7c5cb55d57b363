"""Who may see and set the seats of an event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.grants import Permission
from events.models import Event
from ticketing.permissions import listed_event, staff_event
from venues.models import SeatingPlan
from venues.permissions import holds


def seen_event(user: Any, event_id: UUID) -> tuple[Event, bool]:
    """The event, for whoever may know of it, and whether they are its staff. Raises `Missing`."""
    event = listed_event(user, event_id)
    return event, holds(user, Permission.VIEW_VENUE, event.venue_id)


def managed_event(user: Any, event_id: UUID) -> Event:
    """The event, for who manages the venue's events. Raises `Forbidden` or `Missing`."""
    return staff_event(user, event_id, Permission.MANAGE_EVENTS)


def own_plan(event: Event, plan_id: UUID) -> SeatingPlan | None:
    """A plan of the event's venue."""
    return SeatingPlan.objects.filter(venue=event.venue_id, pk=plan_id).first()
