"""Another window or kind for a reservation that has not begun, reckoned by the tariff and multiplier it was sold at.

What costs more is held and charged, and applied once that is paid; what costs as much or less is applied at once, and
the difference goes back. A car that is inside has its stay extended instead (`stays/extending.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from parking import announcements
from parking.booking import confirming, holds, quoting, reckoning
from parking.booking.models import ParkingReservation, ReservationChange
from parking.booking.refunding import give_back, is_late, worth
from parking.errors import LotNotReady, NoSpace, ReservationNotChangeable
from parking.lots.models import ParkingCapacity
from parking.rates.fee import Fee
from parking.signals import figures_moved
from parking.spaces import counting, taking
from payments import charges
from payments.payable import CannotFulfil
from trufan.lib.errors import Invalid

Status, ChangeStatus = ParkingReservation.Status, ReservationChange.Status
#: How long there is to pay a change.
HELD_FOR = timedelta(minutes=10)
BATCH = 100


@dataclass(frozen=True)
class Wanted:
    """What is to be changed; None: it stays."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Planned:
    """Another window, what it costs in all and how much more or less than the present one; before fees and tax.

    `refund` is what goes back, with tax; `available` how many spaces the reservation could move to.
    """

    reservation: ParkingReservation
    capacity: ParkingCapacity
    starts_at: datetime
    ends_at: datetime
    fee: Fee
    tariff: dict[str, Any]
    multiplier_ppm: int
    now: datetime

    @property
    def difference(self) -> int:
        return self.fee.amount - self.reservation.price

    @property
    def refund(self) -> int:
        return worth(self.reservation, -self.difference, self.now)

    @property
    def available(self) -> int:
        own = [self.reservation.use_id]
        return max(counting.left(self.capacity, self.starts_at, self.ends_at, self.now, own), 0)


def plan(reservation: ParkingReservation, wanted: Wanted, now: datetime) -> Planned:
    """What the change would come to. Holds nothing, and does not ask whether there is room.

    Raises `ReservationNotChangeable`, `LotNotOpen`, `LotNotReady`, `Invalid` by field.
    """
    _refuse(reservation, now)
    starts_at, ends_at = wanted.starts_at or reservation.starts_at, wanted.ends_at or reservation.ends_at
    kind = wanted.kind or reservation.capacity.kind
    if (starts_at, ends_at, kind) == (reservation.starts_at, reservation.ends_at, reservation.capacity.kind):
        raise Invalid.field("ends_at", "This is what is reserved already.", "unchanged")
    quoting.refuse_window(starts_at, ends_at, now)
    if starts_at != reservation.starts_at:
        _refuse_start(reservation, starts_at, now)
    capacity, written, ppm = _price_basis(reservation, kind)
    fee = reckoning.price_of(written, reservation.lot, starts_at, ends_at, multiplier_ppm=ppm, event=reservation.event)
    if reservation.price and not fee.amount:
        raise ReservationNotChangeable(gettext("So short a stay costs nothing. Cancel the reservation instead."))
    return Planned(reservation, capacity, starts_at, ends_at, fee, written, ppm, now)


def change(reservation: ParkingReservation, wanted: Wanted, *, by: Any, now: datetime) -> ReservationChange:
    """Change it, or hold what comes on top and open the charge that pays for it (`change.charges`).

    An unpaid change gives way to the next. Raises what `plan` raises, `NoSpace`, `PaymentInProgress`.
    """
    from parking.stays import charging

    with transaction.atomic():
        # Charge, then order, then reservation, as everybody: what goes back is asked of the order.
        cancel_unpaid(reservation, now)
        locked = _locked(reservation)
        planned = plan(locked, wanted, now)
        lapse_pending(locked, now)
        row = ReservationChange.objects.create(
            reservation=locked,
            capacity=planned.capacity,
            starts_at=planned.starts_at,
            ends_at=planned.ends_at,
            price=planned.fee.amount,
            difference=planned.difference,
            parts=reckoning.parts_of(planned.fee),
            expires_at=now + HELD_FOR,
        )
        said = {"starts_at": row.starts_at, "ends_at": row.ends_at, "kind": planned.capacity.kind}
        record("parking_reservation.change_asked", locked, new={**said, "difference": row.difference}, actor=by)
        if planned.difference > 0:
            capacities = holds.lock([locked], [row])
            holds.hold(row, capacities[row.capacity_id], now)
            charging.open_for_change(row, now)
        else:
            # Money first: its locks come before those of the spaces.
            give_back(locked, -planned.difference, by=by, now=now)
            _apply(row, locked, now)
    return row


def apply(row: ReservationChange, now: datetime) -> None:
    """It is paid. Called under the lock of its charge. Raises `CannotFulfil` where it can no longer be done."""
    reservation = ParkingReservation.objects.with_lot().select_for_update(of=("self",), no_key=True)
    locked = reservation.get(pk=row.reservation_id)
    current = ReservationChange.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
    if current.status == ChangeStatus.APPLIED:
        return
    stands = locked.status == Status.CONFIRMED and not (locked.returning_at or locked.frozen_at)
    if not stands or locked.price != current.price - current.difference:
        raise CannotFulfil(gettext("The reservation was used, given back or changed otherwise meanwhile."))
    try:
        _apply(current, locked, now)
    except NoSpace as refusal:
        raise CannotFulfil(gettext("The space that was held was given to others.")) from refusal


def cancel_unpaid(reservation: ParkingReservation, now: datetime) -> None:
    """Nobody pays its change any more: before the order and the reservation are locked. Raises `PaymentInProgress`."""
    from parking.stays import charging

    for unpaid in reservation.changes.filter(status=ChangeStatus.PENDING):
        charging.cancel_open(unpaid, now)


def lapse_pending(reservation: ParkingReservation, now: datetime) -> None:
    """Give up what is not paid yet, under the lock of the reservation."""
    for row in reservation.changes.filter(status=ChangeStatus.PENDING):
        _lapse(row, now)


def lapse_due(now: datetime) -> int:
    """The sweep `parking.changes`: changes whose time to pay is over; how many.

    What could still pay them is ended at the provider. Money that was faster is taken where there is room (`apply`).
    """
    due = ReservationChange.objects.filter(status=ChangeStatus.PENDING, expires_at__lte=now)
    found = list(due.order_by("expires_at").values_list("pk", "reservation_id")[:BATCH])
    return sum(_lapse_due(pk, reservation_id, now) for pk, reservation_id in found)


def set_plate(reservation: ParkingReservation, plate: str, *, by: Any, now: datetime) -> ParkingReservation:
    """Another car comes. Raises `Invalid`, `ReservationNotChangeable` once it was driven in."""
    with transaction.atomic():
        rows = ParkingReservation.objects.with_lot().select_for_update(of=("self",), no_key=True)
        locked = rows.get(pk=reservation.pk)
        if locked.status not in (Status.CONFIRMED, Status.NO_SHOW):
            raise ReservationNotChangeable(
                gettext("This reservation is {status}.").format(status=locked.get_status_display().lower())
            )
        locked.set_plate(plate)
        locked.save(update_fields=["plate", "plate_key", "updated_at"])
        record("parking_reservation.plate_changed", locked, actor=by)
    return locked


def _lapse_due(pk: UUID, reservation_id: UUID, now: datetime) -> bool:
    from parking.stays.models import ParkingCharge

    with transaction.atomic():
        unpaid = ParkingCharge.objects.filter(change=pk, status=ParkingCharge.Status.PENDING)
        # As whoever settles it: the charge, then the reservation.
        charge = unpaid.select_for_update(of=("self",)).first()
        rows = ParkingReservation.objects.select_for_update(of=("self",), no_key=True)
        row = rows.get(pk=reservation_id).changes.filter(pk=pk, status=ChangeStatus.PENDING).first()
        if row is None:
            return False
        _lapse(row, now)
        if charge is not None:
            charges.cancel_open(charge, now)
    return True


def _locked(reservation: ParkingReservation) -> ParkingReservation:
    from orders.locking import lock as lock_order

    lock_order(reservation.order_id)
    rows = ParkingReservation.objects.with_lot().select_for_update(of=("self",), no_key=True)
    return rows.get(pk=reservation.pk)


def _refuse(reservation: ParkingReservation, now: datetime) -> None:
    if reservation.status == Status.INSIDE:
        raise ReservationNotChangeable(gettext("The car is inside. Extend its stay instead."))
    if reservation.status != Status.CONFIRMED:
        raise ReservationNotChangeable(
            gettext("This reservation is {status}.").format(status=reservation.get_status_display().lower())
        )
    if reservation.frozen_at or reservation.returning_at:
        raise ReservationNotChangeable(gettext("Its money is disputed, or on its way back."))
    if reservation.starts_at <= now:
        raise ReservationNotChangeable(
            gettext("This reservation has begun. Drive in, and extend the stay if it gets late.")
        )


def _refuse_start(reservation: ParkingReservation, starts_at: datetime, now: datetime) -> None:
    """Cars may come in then; and who is too late to cancel for nothing does not win the time back by moving it."""
    if starts_at > reservation.starts_at and is_late(reservation, now):
        raise ReservationNotChangeable(
            gettext("The time to cancel for nothing is over: it may not begin later any more.")
        )
    quoting.refuse_closed(reservation.lot, max(starts_at, now))


def _price_basis(reservation: ParkingReservation, kind: str) -> tuple[ParkingCapacity, dict[str, Any], int]:
    """Which spaces, and by which tariff and multiplier: those it was sold at; of another kind those of now."""
    if kind == reservation.capacity.kind:
        return reservation.capacity, reservation.tariff, reservation.multiplier_ppm
    capacity = quoting.kind_of(reservation.lot, kind)
    if not capacity.tariff_in_force:
        raise LotNotReady(gettext("{lot} has no prices for it yet.").format(lot=reservation.lot))
    return capacity, capacity.tariff_in_force, capacity.multiplier_ppm


def _apply(row: ReservationChange, reservation: ParkingReservation, now: datetime) -> None:
    """Give the reservation its new window. Raises `NoSpace`."""
    capacities = holds.lock([reservation], [row])
    holds.let_go(row, now)
    capacity = capacities[row.capacity_id]
    taking.move(reservation.use, capacity, row.starts_at, row.ends_at, now)
    old = {"starts_at": reservation.starts_at, "ends_at": reservation.ends_at, "kind": reservation.capacity.kind}
    changes: dict[str, Any] = {
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "price": row.price,
    }
    if reservation.capacity_id != row.capacity_id:
        changes |= {
            "capacity": capacity,
            "tariff": capacity.tariff_in_force,
            "multiplier_ppm": capacity.multiplier_ppm,
        }
    ParkingReservation.objects.filter(pk=reservation.pk).update(**changes)
    for name, value in changes.items():
        setattr(reservation, name, value)
    row.move(ChangeStatus.APPLIED)
    new = {"starts_at": row.starts_at, "ends_at": row.ends_at, "kind": capacity.kind}
    figures_moved.send(sender=ParkingReservation, venue_id=reservation.venue_id, moments=[old["starts_at"]])
    record("parking_reservation.changed", reservation, old=old, new=new)
    confirming.tell(reservation, "parking_changed")
    announcements.reservation(announcements.CHANGED, reservation)


def _lapse(row: ReservationChange, now: datetime) -> None:
    """Its charge is not to be paid any more (`stays.charging.refuse_payment`), and what it holds is free."""
    row.move(ChangeStatus.LAPSED)
    holds.lock([], [row])
    holds.let_go(row, now)
