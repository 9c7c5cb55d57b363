"""Who may reach which event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from accounts.grants import Permission
from events.models import Event
from trufan.lib.errors import Forbidden, Missing
from venues.devices import places
from venues.permissions import holds


def listed_event(user: Any, event_id: UUID) -> Event:
    """The event, for whoever may know of it. Raises `Missing`."""
    event = Event.objects.readable_by(user).select_related("venue").filter(pk=event_id).first()
    if event is None:
        raise Missing(gettext("There is no such event."))
    return event


def staff_event(user: Any, event_id: UUID, *permissions: Permission) -> Event:
    """The event, for staff who hold one of the permissions there.

    Raises `Forbidden` for who may know of it and no more, `Missing` for everyone else.
    """
    event = listed_event(user, event_id)
    if not any(holds(user, permission, event.venue_id) for permission in permissions):
        raise Forbidden
    places.require(user, event.pk)
    return event
