"""Who may reach which release, code and bundle."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from accounts.grants import Permission
from ticketing.permissions import listed_ticket_type
from ticketing.pricing.models import Bundle, TicketRelease, UnlockCode
from trufan.lib.errors import Forbidden, Missing
from venues.permissions import holds, require


def managed_release(user: Any, release_id: UUID) -> TicketRelease:
    """The release, for who manages the venue's events. Raises `Missing`, or `Forbidden` for who may see it."""
    row = TicketRelease.objects.select_related("ticket_type__event__venue").filter(pk=release_id).first()
    if row is None:
        raise Missing(gettext("There is no such price."))
    listed_ticket_type(user, row.ticket_type_id)
    require(user, Permission.MANAGE_EVENTS, row.ticket_type.event.venue_id)
    return row


def managed_code(user: Any, code_id: UUID) -> UnlockCode:
    """The code, for who manages the venue's events; nobody else knows of it. Raises `Missing`, `Forbidden`."""
    row = UnlockCode.objects.select_related("event__venue").filter(pk=code_id).first()
    if row is None or not holds(user, Permission.VIEW_VENUE, row.event.venue_id):
        raise Missing(gettext("There is no such code."))
    require(user, Permission.MANAGE_EVENTS, row.event.venue_id)
    return row


def listed_bundle(user: Any, bundle_id: UUID) -> Bundle:
    """The bundle, for whoever may know of it. Raises `Missing`."""
    row = readable_bundles(user).filter(pk=bundle_id).first()
    if row is None:
        raise Missing(gettext("There is no such bundle."))
    return row


def managed_bundle(user: Any, bundle_id: UUID) -> Bundle:
    """The same, for who manages the venue's events. Raises `Forbidden` or `Missing`."""
    row = listed_bundle(user, bundle_id)
    if not holds(user, Permission.MANAGE_EVENTS, row.event.venue_id):
        raise Forbidden
    return row


def readable_bundles(user: Any) -> Any:
    """What `user`, who may be nobody, may know of: those on sale at public events, and all where they work."""
    return Bundle.objects.readable_by(user).with_lines()
