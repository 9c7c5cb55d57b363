"""Who may reach which stay, and who runs which lot."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.grants import Permission
from parking.lots.models import ParkingLot
from parking.stays import access
from parking.stays.models import ParkingSession
from parking.stays.querysets import SessionQuerySet
from trufan.lib.errors import Forbidden, Invalid, Missing
from venues.devices import places
from venues.permissions import holds, require

ACCESS_HEADER = "X-Parking-Access-Code"
ACCESS_CODE = OpenApiParameter(
    ACCESS_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="A driver's access code, from the answers to `POST /parking/sessions` and `…/sessions/lookup`.",
)
_NO_STAY, _NO_LOT = "There is no such stay.", "There is no such lot."


def reachable_session(request: Request, pk: UUID) -> ParkingSession:
    """The stay, for whose it is, for who holds an access code of it, and for staff who run the lot.

    For anyone else there is no such stay: `Missing`.
    """
    session = _find(pk)
    if session is None or not (_may_pay(request, session) or runs(request.user, session.venue_id)):
        raise Missing(_NO_STAY)
    return session


def own_session(request: Request, pk: UUID) -> ParkingSession:
    """The same, but only for the driver and whoever pays: staff do not pay in a driver's name here."""
    session = _find(pk)
    if session is None or not _may_pay(request, session):
        raise Missing(_NO_STAY)
    return session


def is_driver(request: Request, session: ParkingSession) -> bool:
    """Whether it is the caller's: by account, or by the driver's access code; a payer's is not enough."""
    if request.user.is_authenticated and session.user_id == request.user.pk:
        return True
    return access.is_drivers(session, request.headers.get(ACCESS_HEADER, ""))


def run_session(user: Any, pk: UUID) -> ParkingSession:
    """The stay, for staff who run the lot.

    Raises `Forbidden` for whose it is and for staff of the venue who do not, `Missing` for everyone else.
    """
    session = _find(pk)
    if session is None:
        raise Missing(_NO_STAY)
    if user.is_authenticated and session.user_id == user.pk and not runs(user, session.venue_id):
        raise Forbidden
    _require(user, session.venue_id, _NO_STAY)
    return session


def run_lot(user: Any, lot_id: UUID) -> ParkingLot:
    """The lot, with its venue, for staff who run it.

    Raises `Forbidden` for staff of the venue who do not, `Missing` for everyone else.
    """
    lot = ParkingLot.objects.select_related("venue").filter(pk=lot_id).first()
    if lot is None:
        raise Missing(_NO_LOT)
    _require(user, lot.venue_id, _NO_LOT)
    places.require(user, lot.pk)
    return lot


def lot_of_staff(user: Any, lot_id: UUID | None) -> ParkingLot | None:
    """The lot, where `user` runs it; None for drivers."""
    if lot_id is None or not user.is_authenticated:
        return None
    lot = ParkingLot.objects.select_related("venue").filter(pk=lot_id).first()
    return lot if lot is not None and runs(user, lot.venue_id) else None


def runs(user: Any, venue_id: UUID) -> bool:
    """Whether `user` runs the lots of that venue."""
    return holds(user, Permission.RUN_PARKING, venue_id)


def listed_sessions(request: Request) -> SessionQuerySet:
    """The caller's own stays; with `?venue=` or `?lot=` all of that venue or lot, for who runs its parking.

    Raises `Forbidden` without the right, `Missing` for a lot that one may not know of, `Invalid` for what is no id.
    """
    rows = ParkingSession.objects.with_lot()
    venue, lot = (_id(request, name) for name in ("venue", "lot"))
    if lot is not None:
        return rows.filter(lot=run_lot(request.user, lot))
    if venue is None:
        return rows.filter(user=request.user)
    if not runs(request.user, venue):
        raise Forbidden(gettext("You may not see this of that venue."))
    return rows.filter(lot__venue=venue)


def _id(request: Request, name: str) -> UUID | None:
    given = request.query_params.get(name)
    try:
        return UUID(given) if given else None
    except ValueError:
        raise Invalid.field(name, "This is not an id.") from None


def _find(pk: UUID) -> ParkingSession | None:
    return ParkingSession.objects.with_lot().filter(pk=pk).first()


def _may_pay(request: Request, session: ParkingSession) -> bool:
    return is_driver(request, session) or access.allows(session, request.headers.get(ACCESS_HEADER, ""))


def _require(user: Any, venue_id: UUID, missing: str) -> None:
    if not (runs(user, venue_id) or holds(user, Permission.VIEW_VENUE, venue_id)):
        raise Missing(missing)
    require(user, Permission.RUN_PARKING, venue_id)
