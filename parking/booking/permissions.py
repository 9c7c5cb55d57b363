"""Who may reach which reservation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from rest_framework.request import Request

from accounts.grants import Permission
from orders.permissions import own_order
from parking.booking.models import ParkingReservation
from parking.booking.querysets import ReservationQuerySet
from trufan.lib.errors import Forbidden, Invalid, Missing
from venues.permissions import holds

NONE = "There is no such reservation."


def own_reservation(request: Request, pk: UUID) -> ParkingReservation:
    """The reservation, for its holder, its buyer, or a guest with the order's access code. Raises `Missing`."""
    found = ParkingReservation.objects.with_lot().filter(pk=pk).first()
    if found is None:
        raise Missing(NONE)
    if request.user.is_authenticated and request.user.pk in (found.holder_id, found.order.user_id):
        return found
    try:
        own_order(request, found.order_id)
    except Missing:
        raise Missing(NONE) from None
    return found


def reachable_reservation(request: Request, pk: UUID) -> ParkingReservation:
    """The same, and for staff who run the venue's parking."""
    try:
        return own_reservation(request, pk)
    except Missing:
        found = ParkingReservation.objects.with_lot().filter(pk=pk).first()
        if found is None or not holds(request.user, Permission.RUN_PARKING, found.venue_id):
            raise
        return found


def listed_reservations(request: Request) -> ReservationQuerySet:
    """The caller's own, or with `?venue=` all of a venue whose parking they run."""
    venue = request.query_params.get("venue")
    rows = ParkingReservation.objects.with_lot()
    if not venue:
        return rows.filter(holder=request.user)
    try:
        venue_id = UUID(venue)
    except ValueError:
        raise Invalid.field("venue", "This is not an id.") from None
    if not holds(request.user, Permission.RUN_PARKING, venue_id):
        raise Forbidden(gettext("You may not see this of that venue."))
    return rows.filter(capacity__lot__venue=venue_id)


def caller(request: Request) -> Any:
    """Who asks; None for a guest."""
    return request.user if request.user.is_authenticated else None
