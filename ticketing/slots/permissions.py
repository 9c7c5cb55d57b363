"""Who may reach which slot."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from accounts.grants import Permission
from ticketing.slots.models import EntrySlot
from trufan.lib.errors import Missing
from venues.permissions import require


def listed_slot(user: Any, slot_id: UUID) -> EntrySlot:
    """The slot, for whoever may know of its event. Raises `Missing`."""
    row = EntrySlot.objects.readable_by(user).with_event().filter(pk=slot_id).first()
    if row is None:
        raise Missing(gettext("There is no such slot."))
    return row


def managed_slot(user: Any, slot_id: UUID) -> EntrySlot:
    """The same, for who manages the venue's events. Raises `Forbidden` or `Missing`."""
    row = listed_slot(user, slot_id)
    require(user, Permission.MANAGE_EVENTS, row.event.venue_id)
    return row
