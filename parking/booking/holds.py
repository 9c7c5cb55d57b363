"""The space that a change of a reservation holds while it is paid: what the reservation does not have yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from parking.booking.models import ParkingReservation, ReservationChange
from parking.lots.models import ParkingCapacity
from parking.spaces import taking
from parking.spaces.models import SpaceUse

Purpose = SpaceUse.Purpose


def lock(reservations: Iterable[ParkingReservation], changes: Iterable[ReservationChange]) -> dict:
    """Every kind of space that these stand on, or want to, locked in key order."""
    return taking.lock([*(each.capacity_id for each in reservations), *(each.capacity_id for each in changes)])


def hold(change: ReservationChange, capacity: ParkingCapacity, now: datetime) -> None:
    """Hold what comes on top until the change expires. Raises `NoSpace`, and holds nothing.

    The caller holds the kinds of space of both.
    """
    use = change.reservation.use
    taking.refuse_full(capacity, change.starts_at, change.ends_at, now, without=[use])
    for begins, ends in _beyond(change, use):
        taking.put(capacity, begins, ends, Purpose.HOLD, held_until=change.expires_at, item_id=change.pk)


def let_go(change: ReservationChange, now: datetime) -> None:
    """Whatever it holds is free again."""
    for use in SpaceUse.objects.filter(item_id=change.pk, is_active=True, purpose=Purpose.HOLD):
        taking.end(use, now)


def _beyond(change: ReservationChange, use: SpaceUse) -> list[tuple[datetime, datetime]]:
    """The window without what the reservation's own use has of it already."""
    begins, ends = change.starts_at, change.ends_at
    if change.capacity_id != use.capacity_id or ends <= use.starts_at or begins >= use.ends_at:
        return [(begins, ends)]
    found = [(begins, use.starts_at), (use.ends_at, ends)]
    return [(one, other) for one, other in found if one < other]
