"""Who may reach which valet ticket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request

from parking.lots.models import ParkingLot
from parking.stays.permissions import is_driver, run_lot, runs
from parking.valet.models import ValetTicket
from trufan.lib.errors import Invalid, Missing

NONE = "There is no such ticket."


def run_ticket(user: Any, pk: UUID) -> ValetTicket:
    """The ticket, for staff who run the lot. Raises `Forbidden` or `Missing`."""
    found = _find(pk)
    if found is None:
        raise Missing(NONE)
    try:
        run_lot(user, found.lot_id)
    except Missing:
        raise Missing(NONE) from None
    return found


def reachable_ticket(request: Request, pk: UUID) -> ValetTicket:
    """The same, and for the person whose car it is: signed in, or with the stay's access code. Raises `Missing`."""
    found = _find(pk)
    if found is None or not (is_driver(request, found.session) or runs(request.user, found.venue_id)):
        raise Missing(NONE)
    return found


def own_ticket(request: Request, pk: UUID) -> ValetTicket:
    """Only for the person whose car it is. Raises `Missing`."""
    found = _find(pk)
    if found is None or not is_driver(request, found.session):
        raise Missing(NONE)
    return found


def is_holder(request: Request, ticket: ValetTicket) -> bool:
    """Whether the caller is shown the ticket as the one whose car it is, and not as staff."""
    return is_driver(request, ticket.session)


def lot_asked(request: Request) -> ParkingLot:
    """The lot of `?lot=`, for staff who run it. Raises `Invalid`, `Forbidden` or `Missing`."""
    try:
        lot_id = UUID(request.query_params.get("lot", ""))
    except ValueError:
        raise Invalid.field("lot", "Give the lot's id.") from None
    return run_lot(request.user, lot_id)


def lot_named(lot_id: UUID | None, sign_code: str) -> ParkingLot:
    """The lot that a ticket names, by its id or by its sign. Raises `Invalid`."""
    rows = ParkingLot.objects.select_related("venue")
    found = rows.filter(pk=lot_id).first() if lot_id else rows.filter(sign_code=sign_code.strip().upper()).first()
    if found is None:
        raise Invalid.field("lot" if lot_id else "sign_code", "There is no such lot.", "not_found")
    return found


def _find(pk: UUID) -> ValetTicket | None:
    return ValetTicket.objects.with_stay().filter(pk=pk).first()
