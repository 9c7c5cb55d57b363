"""Waiting for a car is free: who owes nothing and asks for it does not come to owe something by our being slow.

It is done by the stay's own grace to leave (`leave_by`): it lasts until the car should be there, and begins anew when
it is. Who pays and asks for a later time pays until then like everyone else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from parking.stays import covering, leaving
from parking.stays.models import ParkingSession
from parking.stays.opening import lock_session
from parking.valet import queue
from parking.valet.models import ValetTicket

Status = ValetTicket.Status


def asked_for(ticket: ValetTicket, now: datetime) -> None:
    """It is wanted. The caller holds the ticket."""
    stay = lock_session(ticket.session_id)
    if stay.status == ParkingSession.Status.ACTIVE and not leaving.to_pay(stay, now):
        _wait(ticket, stay, now)


def paid(sender: Any, *, stay: ParkingSession, since: datetime, **kwargs: Any) -> None:
    """All is paid while the car is fetched; the sender holds the stay."""
    if stay.origin != ParkingSession.Origin.VALET:
        return
    fetched = [Status.REQUESTED, Status.RETRIEVING]
    ticket = ValetTicket.objects.select_related("lot__venue").filter(session=stay.pk, status__in=fetched).first()
    if ticket is not None:
        _wait(ticket, stay, since)


def brought(ticket: ValetTicket, now: datetime) -> ParkingSession:
    """It is there: who had paid when it was wanted has the lot's grace from now on. The caller holds the ticket."""
    stay = lock_session(ticket.session_id)
    wanted = max(filter(None, (ticket.requested_at, ticket.wanted_at)), default=now)
    if stay.leave_by is not None and wanted <= stay.leave_by:
        _until(stay, now + _grace(stay))
    return stay


def _wait(ticket: ValetTicket, stay: ParkingSession, now: datetime) -> None:
    until = now + timedelta(minutes=queue.place_of(ticket, now).minutes) + _grace(stay)
    if ticket.wanted_at is None or ticket.wanted_at <= now + _grace(stay):
        _until(stay, until)


def _until(stay: ParkingSession, until: datetime) -> None:
    if stay.leave_by is None or stay.leave_by < until:
        covering.write(stay, leave_by=until)


def _grace(stay: ParkingSession) -> timedelta:
    return timedelta(minutes=stay.lot.exit_grace_minutes)
