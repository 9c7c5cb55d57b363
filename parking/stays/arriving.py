"""Which reservation a car comes with, and whether it admits just then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from parking.booking.models import ParkingReservation
from parking.booking.quoting import LONGEST
from parking.lots.models import ParkingLot
from parking.stays.models import GateEvent
from trufan.lib.compiled import AllByKeys

Reason, Status = GateEvent.Reason, ParkingReservation.Status
#: A car that comes so long before its reservation is told when to come back, where the lot takes no others.
TOLD_AHEAD = timedelta(days=1)
#: Nobody has more under way by one plate; of a plate that has, the earliest are looked at.
_MOST = 20
#: Which of several is meant: one whose car drove out, one that is to come, one that was given up.
_ORDER = (Status.OUTSIDE, Status.CONFIRMED, Status.NO_SHOW)


def candidates(lot: ParkingLot, plate_key: str, at: datetime) -> list[ParkingReservation]:
    """The plate's reservations at the lot's venue that are under way or begin soon, the earliest first; one query."""
    return _CANDIDATES.all(plate_key, at - LONGEST, at + TOLD_AHEAD, lot.venue_id) if plate_key else []


#: Asked by every gate of every car.
_CANDIDATES = AllByKeys(
    lambda key, after, before, venue: (
        ParkingReservation.objects.with_lot()
        .filter(
            plate_key=key,
            status__in=[*_ORDER, Status.INSIDE],
            starts_at__gt=after,
            starts_at__lt=before,
            capacity__lot__venue_id=venue,
        )
        .exclude(plate_key="")  # as the index has it
        .order_by("starts_at", "pk")[:_MOST]
    ),
    str,
    datetime,
    datetime,
    UUID,
)


def choose(found: Sequence[ParkingReservation], lot: ParkingLot, at: datetime) -> ParkingReservation | None:
    """The one that the car comes with: of this lot and this moment; one that opens before one that is disputed."""
    under_way = [
        each
        for each in found
        if each.capacity.lot_id == lot.pk and each.status in _ORDER and each.ends_at > at and _lets_in(each, lot) <= at
    ]
    return min(under_way, key=lambda each: (bool(_void(each)), _ORDER.index(Status(each.status))), default=None)


def find(lot: ParkingLot, plate_key: str, at: datetime) -> ParkingReservation | None:
    """The reservation that a car of this plate comes with at `at`; one query."""
    return choose(candidates(lot, plate_key, at), lot, at)


def why_none(
    found: Sequence[ParkingReservation], lot: ParkingLot, at: datetime
) -> tuple[str, ParkingReservation | None]:
    """Why none of the plate's reservations opens this gate now, and which one that is about."""
    here = [each for each in found if each.capacity.lot_id == lot.pk and each.status in _ORDER]
    to_come = next((each for each in here if each.starts_at > at), None)
    if to_come is not None:
        return Reason.TOO_EARLY, to_come
    elsewhere = next((each for each in found if each.capacity.lot_id != lot.pk and each.ends_at > at), None)
    if elsewhere is not None:
        return Reason.WRONG_LOT, elsewhere
    return (Reason.TOO_LATE, here[-1]) if here else (Reason.UNKNOWN, None)


def refusal(booked: ParkingReservation, lot: ParkingLot, at: datetime, version: int | None = None) -> str:
    """Why a reservation does not open the lot's entry at that moment; nothing when it does.

    `version`: of the code that was shown, if one was.
    """
    if booked.capacity.lot_id != lot.pk:
        return Reason.WRONG_LOT
    if void := _void(booked):
        return void
    if version is not None and version != booked.code_version:
        return Reason.OUTDATED_CODE
    if booked.status == Status.INSIDE:
        return Reason.ALREADY_INSIDE
    if booked.ends_at <= at:
        return Reason.TOO_LATE
    if booked.status == Status.COMPLETED:
        return Reason.NO_REENTRY
    return Reason.TOO_EARLY if at < _lets_in(booked, lot) else Reason.NONE


def _void(booked: ParkingReservation) -> str:
    """Why it opens nothing at any time; nothing when it does."""
    if booked.status == Status.CANCELLED:
        return Reason.CANCELLED
    if booked.frozen_at is not None:
        return Reason.DISPUTED
    return Reason.REFUND_PENDING if booked.returning_at is not None else Reason.NONE


def _lets_in(booked: ParkingReservation, lot: ParkingLot) -> datetime:
    return booked.starts_at - timedelta(minutes=lot.early_entry_minutes)
