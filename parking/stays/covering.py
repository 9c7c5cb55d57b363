"""What a charge does once it is paid: a stay is covered for longer, or may leave. And the space that waits for it.

Whoever calls holds the charge, then the stay; the kind of space is locked here, last and briefly.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext

from audit.trail import record
from parking import announcements
from parking.booking.models import ParkingReservation
from parking.errors import NoSpace
from parking.spaces import counting, taking
from parking.spaces.models import SpaceUse
from parking.stays.models import ParkingCharge, ParkingSession
from parking.stays.signals import may_leave
from payments.payable import CannotFulfil

#: How long the space is held for an extension that is being paid.
HELD_FOR = timedelta(minutes=15)
Kind = ParkingCharge.Kind


def hold(charge: ParkingCharge, stay: ParkingSession, now: datetime) -> None:
    """Keep the stay's space for the longer time while its extension is paid. Raises `NoSpace`.

    The car itself is counted for a while beyond any moment, so that much is not held once more.
    """
    until = charge.covers_until or now
    taking.lock_one(stay.capacity_id)
    _end_holds(charge, now)
    refuse_full(stay, until, now)
    begins = max(stay.use.ends_at, now + counting.STAYS_ON)
    if begins < until:
        taking.put(stay.capacity, begins, until, taking.Purpose.HOLD, held_until=now + HELD_FOR, item_id=charge.pk)


def refuse_full(stay: ParkingSession, until: datetime, now: datetime) -> None:
    """Raise `NoSpace` unless the stay's space is free until then; the kind stays locked."""
    capacity = taking.lock_one(stay.capacity_id)
    stay.use.refresh_from_db()
    begins = max(stay.use.ends_at, now)
    if until > begins:
        taking.refuse_full(capacity, begins, until, now, without=[stay.use])


def release(charge: ParkingCharge, now: datetime) -> None:
    """Nobody pays this any more: what was held for it is free."""
    held = holds_of(charge)
    if held:
        taking.lock({use.capacity_id for use in held})
        _end_holds(charge, now)


def cover(charge: ParkingCharge, stay: ParkingSession, now: datetime) -> None:
    """The charge is paid. Raises `CannotFulfil` where the stay is void, or over, or the longer time was given away."""
    if stay.status == ParkingSession.Status.VOID:
        raise CannotFulfil(gettext("The stay never was."))
    if charge.kind == Kind.EXTENSION:
        _extend(charge, stay, now)
    elif charge.kind != Kind.TIP and charge.covers_until is not None:
        _let_leave(stay, charge.covers_until)


def let_leave_free(stay: ParkingSession, now: datetime) -> None:
    """Nothing is due: the driver has the grace to leave all the same."""
    _let_leave(stay, now)


def holds_of(charge: ParkingCharge) -> list[SpaceUse]:
    """What keeps space for a charge."""
    return list(SpaceUse.objects.filter(item_id=charge.pk, is_active=True, purpose=SpaceUse.Purpose.HOLD))


def write(stay: ParkingSession, **changes: Any) -> None:
    """Change the stay's row, which the caller holds."""
    ParkingSession.objects.filter(pk=stay.pk).update(**changes)
    for name, value in changes.items():
        setattr(stay, name, value)


def _let_leave(stay: ParkingSession, since: datetime) -> None:
    """From when it is paid up to, not from when the money came: whoever pays late has used the time.

    Paid until its own end, the stay has the lot's grace after that instead.
    """
    if stay.expires_at is not None and since <= stay.expires_at:
        return
    until = since + timedelta(minutes=stay.lot.exit_grace_minutes)
    if stay.leave_by is None or stay.leave_by < until:
        write(stay, leave_by=until)
    may_leave.send(ParkingSession, stay=stay, since=since)


def _extend(charge: ParkingCharge, stay: ParkingSession, now: datetime) -> None:
    until = charge.covers_until
    if stay.status != ParkingSession.Status.ACTIVE or until is None:
        raise CannotFulfil(gettext("The stay is over."))
    booked = _reservation_of(stay)
    capacity = taking.lock_one(stay.capacity_id)
    held = holds_of(charge)
    stay.use.refresh_from_db()
    try:
        taking.stay_on(stay.use, capacity, until, now, held=held)
    except NoSpace as refusal:
        raise CannotFulfil(gettext("The hold ran out and the space is promised to others.")) from refusal
    _end_holds(charge, now)
    old = stay.expires_at
    write(stay, expires_at=until, leave_by=None, warned_at=None, overstay_told_at=None)
    if booked is not None:
        ParkingReservation.objects.filter(pk=booked.pk).update(ends_at=until, price=F("price") + charge.price)
    record("parking_session.extended", stay, old={"expires_at": old}, new={"expires_at": until, "charge": charge.pk})
    announcements.session(announcements.EXTENDED, stay)


def _reservation_of(stay: ParkingSession) -> ParkingReservation | None:
    if stay.reservation_id is None:
        return None
    rows = ParkingReservation.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=stay.reservation_id)


def _end_holds(charge: ParkingCharge, now: datetime) -> None:
    for use in holds_of(charge):
        taking.end(use, now)
