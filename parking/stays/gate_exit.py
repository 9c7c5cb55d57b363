"""Whether the exit opens: once nothing is due, and then the stay is over."""

from __future__ import annotations

from datetime import timedelta

from parking.booking.models import ParkingReservation
from parking.stays import billing, charging, entering, fees, leaving
from parking.stays.gate_entry import Answer, Sight, read_reservation, read_session, show_reservation
from parking.stays.models import GateEvent, ParkingSession
from parking.stays.opening import lock_session

Reason, Status = GateEvent.Reason, ParkingSession.Status
#: A car that has just left may be seen again by the next camera.
JUST_LEFT = timedelta(minutes=10)


def find(sight: Sight) -> Answer:
    """Which stay it is, or why none; of the reservation whose code is shown, if one is. Reads only.

    A plate that is inside says more than a code, which may be anybody's.
    """
    inside = entering.find_active(sight.lot, sight.key)
    if inside is None:
        return _by_code(sight) if sight.code else _left_before(sight)
    shown, version, _ = read_reservation(sight) if sight.code else (None, 0, "")
    is_good = shown is not None and version == shown.code_version
    return Answer(Reason.NONE, inside, shown if is_good else None)


def use_validation(sight: Sight, stay: ParkingSession | None) -> None:
    """Where a validation pays all that is due, let it: a charge of nothing. Outside of any transaction."""
    if stay is None or stay.status != Status.ACTIVE or stay.promo_id is None:
        return
    due = fees.due(stay, sight.at)
    if due.amount and not billing.of(stay, due).total:
        charging.pay(stay, payer=None, payment_method="", now=sight.at)


def decide(sight: Sight, found: Answer) -> Answer:
    """The answer of the exit, and the end of the stay where it opens. In the caller's transaction."""
    if found.session is None or (found.reason and not sight.override):
        return found
    stay = _held(sight, found.session, found.reservation)
    if stay.status != Status.ACTIVE:
        # Another camera was faster.
        return Answer(Reason.NONE if _just_left(stay, sight) else Reason.NOT_INSIDE, stay, stay.reservation)
    owed = leaving.to_pay(stay, sight.at)
    if owed and not sight.override:
        return Answer(Reason.NOT_PAID, stay, stay.reservation, owed)
    leaving.leave(stay, sight.at, by=sight.by, reason=sight.override if owed else "", owed=owed)
    return Answer(Reason.NOT_PAID if owed else found.reason, stay, stay.reservation, owed)


def _held(sight: Sight, stay: ParkingSession, shown: ParkingReservation | None) -> ParkingSession:
    """The stay, held; of the reservation that is shown only now, where the entry did not know of it."""
    if shown is not None and stay.reservation_id is None and stay.status == Status.ACTIVE:
        return show_reservation(sight, stay, shown)
    return lock_session(stay.pk)


def _by_code(sight: Sight) -> Answer:
    ticket, reason = read_session(sight)
    if ticket is not None or reason:
        return Answer(reason, ticket)
    booked, version, reason = read_reservation(sight)
    if booked is None:
        return Answer(reason)
    if booked.capacity.lot_id != sight.lot.pk:
        return Answer(Reason.WRONG_LOT, None, booked)
    stay = ParkingSession.objects.with_lot().filter(reservation=booked).order_by("-started_at", "-pk").first()
    if version != booked.code_version:
        return Answer(Reason.OUTDATED_CODE, stay, booked)
    return Answer(Reason.NONE if stay else Reason.NOT_INSIDE, stay, booked)


def _left_before(sight: Sight) -> Answer:
    """The stay of a car that has just left by another camera; else the plate is unknown."""
    rows = ParkingSession.objects.with_lot().filter(
        lot=sight.lot, plate_key=sight.key, status=Status.ENDED, ended_at__gt=sight.at - JUST_LEFT
    )
    left = rows.exclude(plate="").order_by("-ended_at").first()
    return Answer(Reason.NONE, left) if left is not None else Answer(Reason.UNKNOWN)


def _just_left(stay: ParkingSession, sight: Sight) -> bool:
    return stay.status == Status.ENDED and stay.ended_at is not None and stay.ended_at > sight.at - JUST_LEFT
