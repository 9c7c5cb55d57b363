"""Asking for a car with what stands on its paper ticket: the lot, the number and the PIN."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from parking.errors import NotValetParked
from parking.lots.models import ParkingLot
from parking.stays import covering
from parking.stays.opening import lock_session
from parking.valet import moves, pins
from parking.valet.models import ValetTicket


def by_number(
    lot: ParkingLot,
    number: int,
    pin: str,
    channel: str,
    now: datetime,
    *,
    by: Any = None,
    wanted_at: datetime | None = None,
) -> ValetTicket:
    """Want that car, now or at a time. Called outside of any transaction, for a wrong PIN is counted in its own.

    Who is signed in (`by`) and has the ticket has the stay in the app from then on, if it is nobody's. Raises
    `NotValetParked`, `WrongPin`, `PinLocked`, `InvalidMove`, `Invalid` (`wanted_at`).
    """
    ticket = opened(lot, number, pin)
    with transaction.atomic():
        row = moves.request(ticket, channel=channel, by=by, now=now, wanted_at=wanted_at)
        if by is not None:
            _adopt(row, by)
    return row


def opened(lot: ParkingLot, number: int, pin: str) -> ValetTicket:
    """The car of that number whose PIN this is. Raises `NotValetParked`, `WrongPin`, `PinLocked`."""
    found = ValetTicket.objects.here().with_stay().filter(lot=lot, number=number).first()
    if found is None:
        raise NotValetParked(gettext("There is no car with this number and PIN."))
    pins.check(found, pin)
    return found


def _adopt(ticket: ValetTicket, user: Any) -> None:
    stay = lock_session(ticket.session_id)
    if stay.user_id is None:
        covering.write(stay, user=user)
        record("parking_session.adopted", stay, actor=user)
    ticket.session = stay
