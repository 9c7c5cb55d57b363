"""What staff put right about a stay: begun by mistake, ended by mistake, on another space; and what they note.

Each has a reason that is kept, and stands in the stay's history.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from audit.trail import record
from parking import announcements
from parking.booking.models import ParkingReservation
from parking.errors import AlreadyParked, NoSpace, ReasonNeeded, SessionOver, StayPaidFor
from parking.lots.models import ParkingCapacity, ParkingSpace
from parking.signals import figures_moved
from parking.spaces import taking
from parking.spaces.models import SpaceUse
from parking.stays import charging, covering, entering
from parking.stays.models import ParkingCharge, ParkingSession
from parking.stays.opening import lock_session
from trufan.lib.errors import Invalid, InvalidMove

Status, Booked = ParkingSession.Status, ParkingReservation.Status
LONGEST_REASON = 200


def reopen(session: ParkingSession, *, reason: str, by: Any, now: datetime) -> ParkingSession:
    """A stay that was ended is not over: the car is still there, whether or not there would be room for another.

    Raises `ReasonNeeded`, `InvalidMove`, `AlreadyParked` where a later stay of the car or its reservation goes on.
    """
    reason = said(reason)
    with transaction.atomic():
        stay = lock_session(session.pk)
        if not stay.can_move(Status.ACTIVE):
            raise InvalidMove(stay, Status.ACTIVE)
        was = stay.ended_at
        reservation = entering.lock_reservation(stay.reservation_id) if stay.reservation_id else None
        capacity = taking.lock_one(stay.capacity_id)
        stay.use.refresh_from_db()
        if stay.use.is_inside or entering.find_active(stay.lot, stay.plate_key):
            raise AlreadyParked(gettext("This car came in again since."))
        try:
            with transaction.atomic():
                stay.move(Status.ACTIVE, ended_at=None)
        except IntegrityError as twin:
            raise AlreadyParked(gettext("This car came in again since.")) from twin
        _enter_again(stay, capacity, now)
        if reservation is not None and reservation.status == Booked.OUTSIDE:
            reservation.move(Booked.INSIDE)
        if was is not None:
            figures_moved.send(
                sender=ParkingSession, venue_id=stay.venue_id, moments=announcements.span(stay.started_at, was)
            )
        record("parking_session.reopened", stay, old={"ended_at": was}, new={"reason": reason}, actor=by)
        announcements.session(announcements.REOPENED, stay)
    return stay


def void(session: ParkingSession, *, reason: str, by: Any, now: datetime) -> ParkingSession:
    """It never was: a misread plate, a car that turned round. Its space is free; its reservation may come in (again).

    Raises `ReasonNeeded`, `InvalidMove`, `StayPaidFor`, `PaymentInProgress`.
    """
    reason = said(reason)
    with transaction.atomic():
        charging.cancel_open(session, now)
        stay = lock_session(session.pk)
        if _keeps_money(stay):
            raise StayPaidFor
        reservation = entering.lock_reservation(stay.reservation_id) if stay.reservation_id else None
        taking.lock_one(stay.capacity_id)
        stay.use.refresh_from_db()
        stay.move(Status.VOID, ended_at=max(now, stay.started_at))
        comes_in = reservation is not None and reservation.status == Booked.INSIDE and reservation.ends_at > now
        taking.leave(stay.use, now, comes_back=comes_in)
        if reservation is not None and reservation.status == Booked.INSIDE:
            reservation.move(Booked.OUTSIDE if comes_in else Booked.COMPLETED, entries=max(reservation.entries - 1, 0))
        record("parking_session.voided", stay, new={"reason": reason}, actor=by)
        announcements.session(announcements.VOIDED, stay)
    return stay


def note(session: ParkingSession, words: str, *, by: Any) -> None:
    """Write something down about a stay. Raises `ReasonNeeded` for nothing."""
    record("parking_session.noted", session, new={"note": said(words)}, actor=by)


def move(session: ParkingSession, space_id: UUID | None, *, by: Any, now: datetime) -> ParkingSession:
    """The car stands on another numbered space (None: on none), perhaps of another kind, where one is free.

    Its price stays that of its entry. Raises `SessionOver`, `SpaceTaken`, `NoSpace`, `Invalid` (`space`).
    """
    with transaction.atomic():
        stay = lock_session(session.pk)
        if stay.status != Status.ACTIVE:
            raise SessionOver
        space = space_at(stay.lot_id, space_id)
        if stay.space_id == space_id:
            return stay
        wanted = _capacity_of(stay, space)
        locked = taking.lock({stay.capacity_id, wanted.pk})
        stay.use.refresh_from_db()
        entering.refuse_taken(space)
        if wanted.pk != stay.capacity_id:
            ends_at = max(stay.use.ends_at, now + taking.INSTANT)
            taking.move(stay.use, locked[wanted.pk], stay.use.starts_at, ends_at, now)
        SpaceUse.objects.filter(pk=stay.use_id).update(space=space)
        old = {"space": str(stay.space or ""), "kind": stay.capacity.kind}
        covering.write(stay, space=space, capacity=locked[wanted.pk])
        new = {"space": str(space or ""), "kind": wanted.kind}
        record("parking_session.moved", stay, old=old, new=new, actor=by)
    return stay


def space_at(lot_id: UUID, space_id: UUID | None) -> ParkingSpace | None:
    """The numbered space of that lot. Raises `Invalid` (`space`)."""
    if space_id is None:
        return None
    found = ParkingSpace.objects.filter(pk=space_id, lot=lot_id, is_active=True).first()
    if found is None:
        raise Invalid.field("space", "The lot has no such space.", "not_found")
    return found


def said(reason: str) -> str:
    """The reason on one line. Raises `ReasonNeeded`."""
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if len(reason) < 3:
        refusal = ReasonNeeded()
        refusal.details = [refusal.at("reason")]
        raise refusal
    return reason


def _capacity_of(stay: ParkingSession, space: ParkingSpace | None) -> ParkingCapacity:
    """The kind that the space is of. A reservation keeps its kind."""
    if space is None or space.kind == stay.capacity.kind:
        return stay.capacity
    if stay.reservation_id is not None:
        raise Invalid.field("space", "A reservation stays on spaces of its kind.", "wrong_kind")
    found = ParkingCapacity.objects.filter(lot=stay.lot_id, kind=space.kind).first()
    if found is None:
        raise Invalid.field("space", "The lot has no spaces of this kind to sell.", "wrong_kind")
    return found


def _enter_again(stay: ParkingSession, capacity: ParkingCapacity, now: datetime) -> None:
    """Its space is taken as before, unless others were promised it since; while it is inside it counts anyhow."""
    if stay.space and SpaceUse.objects.filter(space=stay.space, is_inside=True).exists():
        SpaceUse.objects.filter(pk=stay.use_id).update(space=None)
        stay.use.space = None
        covering.write(stay, space=None)
    taking.enter(stay.use, now)
    ends_at = stay.expires_at or stay.started_at + timedelta(minutes=stay.lot.assumed_stay_minutes)
    try:
        taking.stay_on(stay.use, capacity, ends_at, now)
    except NoSpace:
        record("parking_session.beyond_room", stay, new={"until": ends_at}, actor=None)


def _keeps_money(stay: ParkingSession) -> bool:
    rows = stay.charges.filter(status=ParkingCharge.Status.PAID)
    return any(charge.amount_paid > charge.amount_refunded for charge in rows)
