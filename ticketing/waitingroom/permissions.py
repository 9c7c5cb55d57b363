"""Who may reach which waiting room."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from accounts.grants import Permission
from events.models import Event
from ticketing.waitingroom.models import WaitingRoom
from trufan.lib.errors import Missing
from venues.permissions import require


def listed_room(user: Any, event_id: UUID) -> WaitingRoom:
    """The event's room, for whoever may know of the event. Raises `Missing`."""
    events = Event.objects.readable_by(user).filter(pk=event_id)
    room = WaitingRoom.objects.select_related("event__venue").filter(event__in=events).first()
    if room is None:
        raise Missing(gettext("There is no waiting room for such an event."))
    return room


def managed_room(user: Any, event_id: UUID) -> WaitingRoom:
    """The same, for who manages the venue's events. Raises `Forbidden` or `Missing`."""
    room = listed_room(user, event_id)
    require(user, Permission.MANAGE_EVENTS, room.event.venue_id)
    return room
