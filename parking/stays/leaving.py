"""Cars leave: through the gate, by their driver's word where there is no barrier, by staff, or unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from audit.trail import record
from parking import announcements
from parking.booking.models import ParkingReservation
from parking.errors import EndsAtTheGate, SessionOver, StayUnpaid
from parking.spaces import taking
from parking.stays import billing, entering, fees
from parking.stays.models import ParkingSession
from parking.stays.opening import lock_session
from trufan.lib.errors import Detail
from trufan.lib.money import show

Status, Booked, Origin = ParkingSession.Status, ParkingReservation.Status, ParkingSession.Origin
#: Where nobody sees cars leave, a stay of which nothing more is heard ends after so long.
UNSEEN = timedelta(days=1)
BATCH = 100


def leave(session: ParkingSession, at: datetime, *, by: Any, reason: str = "", owed: int = 0) -> ParkingSession:
    """The car is gone since `at`; its space is free, unless its reservation may come in again.

    The caller holds the stay. `owed`: what was still to be paid, in minor units, where staff let it go all the same,
    for a `reason`.
    """
    at = max(at, session.started_at)
    reservation = entering.lock_reservation(session.reservation_id) if session.reservation_id else None
    taking.lock_one(session.capacity_id)
    session.use.refresh_from_db()
    comes_back = reservation is not None and may_come_back(reservation, at)
    taking.leave(session.use, at, comes_back=comes_back)
    session.move(Status.ENDED, ended_at=at)
    if reservation is not None and reservation.status == Booked.INSIDE:
        reservation.move(Booked.OUTSIDE if comes_back else Booked.COMPLETED)
    said = {"ended_at": at, "reason": reason, "unpaid": owed, "comes_back": comes_back}
    record("parking_session.ended", session, new={name: value for name, value in said.items() if value}, actor=by)
    announcements.session(announcements.ENDED, session)
    return session


def may_come_back(reservation: ParkingReservation, at: datetime) -> bool:
    """Whether a car that leaves then may drive in again on the same reservation."""
    return (
        reservation.status in (Booked.INSIDE, Booked.OUTSIDE)
        and reservation.lot.allows_reentry
        and reservation.ends_at > at
    )


def end(session: ParkingSession, *, by: Any, by_staff: bool, reason: str, now: datetime) -> ParkingSession:
    """End a stay by hand. A driver does so where there is no barrier and nothing is due; staff whenever they must.

    Said again it changes nothing. Raises `SessionOver`, `EndsAtTheGate`, `StayUnpaid` with the amount.
    """
    with transaction.atomic():
        stay = lock_session(session.pk)
        if stay.status == Status.ENDED:
            return stay
        if stay.status != Status.ACTIVE:
            raise SessionOver
        if not by_staff and (stay.lot.has_barrier or stay.origin == Origin.VALET):
            raise EndsAtTheGate
        owed = to_pay(stay, now)
        if owed and not by_staff:
            raise unpaid(stay, owed)
        return leave(stay, now, by=by, reason=reason, owed=owed)


def to_pay(session: ParkingSession, now: datetime) -> int:
    """What the driver pays before leaving, with fee and tax, in minor units; nothing in the grace after paying."""
    due = fees.due(session, now)
    return billing.of(session, due).total if due.amount else 0


def unpaid(session: ParkingSession, amount: int) -> StayUnpaid:
    """Why the stay does not end yet."""
    message = gettext("{show} is to be paid first.").format(show=show(amount, session.currency))
    return StayUnpaid(message, details=[Detail("amount_due", StayUnpaid.code, str(amount))], amount=amount)


def tidy_up(now: datetime) -> int:
    """The sweep `parking.left_unseen`: stays whose end nobody sees, and reservations that drove out for good; how many.

    On a lot without a barrier a stay ends when what was paid for is over: the lot counts on its space again. What was
    not paid stays due.
    """
    return _each(_unseen(now), _end_unseen, now) + _each(_not_back(now), _complete, now)


def _unseen(now: datetime) -> QuerySet:
    over = Q(leave_by__lte=now) | Q(leave_by=None, expires_at__lte=now)
    forgotten = Q(leave_by=None, expires_at=None, started_at__lte=now - UNSEEN)
    # What a valet keeps is seen: it leaves when it is handed over.
    unseen = ParkingSession.objects.active().exclude(origin=Origin.VALET)
    return unseen.filter(over | forgotten, lot__has_barrier=False)


def _not_back(now: datetime) -> QuerySet:
    return ParkingReservation.objects.filter(status=Booked.OUTSIDE, ends_at__lte=now)


def _each(found: QuerySet, act: Callable[[UUID, datetime], bool], now: datetime) -> int:
    """Each in a transaction of its own; the next sweep takes what a batch leaves."""
    return sum(act(pk, now) for pk in list(found.order_by("pk").values_list("pk", flat=True)[:BATCH]))


def _end_unseen(pk: UUID, now: datetime) -> bool:
    with transaction.atomic():
        stay = lock_session(pk)
        if not _unseen(now).filter(pk=pk).exists():
            return False
        if stay.expires_at is not None and stay.expires_at + _grace(stay) > now:
            return False
        gone = max(filter(None, (stay.leave_by, stay.expires_at)), default=stay.started_at + UNSEEN)
        leave(stay, gone, by=None, reason="Nobody saw it leave")
    return True


def _grace(stay: ParkingSession) -> timedelta:
    return timedelta(minutes=stay.lot.overstay_grace_minutes)


def _complete(pk: UUID, now: datetime) -> bool:
    with transaction.atomic():
        reservation = entering.lock_reservations().filter(pk=pk, status=Booked.OUTSIDE).first()
        if reservation is None or reservation.ends_at > now:
            return False
        taking.lock_one(reservation.capacity_id)
        reservation.move(Booked.COMPLETED)
        taking.end(reservation.use, now)
        record("parking_reservation.completed", reservation, actor=None)
    return True
