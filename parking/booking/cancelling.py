"""Giving a reservation up: for nothing until the configured time, else for the lot's fee. And those that never came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from audit.trail import record
from orders import refunding as orders
from orders.errors import NotRefundable
from orders.locking import lock as lock_order
from orders.refund_plan import AskedLine
from parking import announcements
from parking.booking import changing, confirming, refunding
from parking.booking.models import ParkingReservation
from parking.errors import ReservationNotChangeable
from parking.lots.models import ParkingLot
from parking.spaces import taking

Status = ParkingReservation.Status
BATCH = 100


@dataclass(frozen=True)
class Cancelled:
    """What goes back of a reservation, and what the lot keeps; in minor units, tax included."""

    reservation: ParkingReservation
    refunded: int
    kept: int


def cancel(reservation: ParkingReservation, *, by: Any, by_buyer: bool, reason: str, now: datetime) -> Cancelled:
    """Give it up. Its money is asked to go back; its space is free once that is under way.

    `by_buyer`: the lot's terms hold; staff give everything back. Raises `ReservationNotChangeable`, and what
    `orders.refunding.request` raises (`PaymentDisputed`, …), `PaymentInProgress` while a change is being paid.
    """
    with transaction.atomic():
        changing.cancel_unpaid(reservation, now)
        order = lock_order(reservation.order_id)
        rows = ParkingReservation.objects.with_lot().select_for_update(of=("self",), no_key=True)
        locked = rows.get(pk=reservation.pk)
        _refuse(locked, by_buyer, now)
        changing.lapse_pending(locked, now)
        back, kept = 0, 0
        try:
            asked = [AskedLine(locked.order_item_id, 1)]
            refund = orders.request(order, asked=asked, by=by, by_buyer=by_buyer, reason=reason, now=now)
            back, kept = refund.amount, refund.kept
        except NotRefundable:
            # Nothing would go back: all that is left of it is kept. It is given up all the same, and at once.
            kept = refunding.left_of_line(locked)
            _free(locked, now)
        back += refunding.refund_changes([locked.pk], by=by, reason=reason, now=now)
        locked.refresh_from_db()
        record("parking_reservation.given_up", locked, new={"refunded": back, "kept": kept}, actor=by)
        confirming.tell(locked, "parking_cancelled")
    return Cancelled(locked, back, kept)


def give_up_no_shows(now: datetime) -> int:
    """The sweep `parking.no_shows`: who did not come within the lot's time has no space any more; how many.

    Where the lot waits for as long as it takes, that is the end of the window. Nothing goes back by itself. Who comes
    later all the same is let in where there is room.
    """
    confirmed = ParkingReservation.objects.filter(status=Status.CONFIRMED, starts_at__lte=now)
    lots = ParkingLot.objects.filter(no_show_minutes__isnull=False).order_by()
    late = Q(ends_at__lte=now)
    for minutes in lots.values_list("no_show_minutes", flat=True).distinct():
        begun = now - timedelta(minutes=minutes or 0)
        late |= Q(capacity__lot__no_show_minutes=minutes, starts_at__lte=begun)
    ids = list(confirmed.filter(late).order_by("starts_at").values_list("pk", flat=True)[:BATCH])
    return sum(_give_up(pk, now) for pk in ids)


def _give_up(pk: Any, now: datetime) -> bool:
    with transaction.atomic():
        rows = ParkingReservation.objects.with_lot().select_for_update(of=("self",), no_key=True)
        reservation = rows.filter(pk=pk, status=Status.CONFIRMED).first()
        if reservation is None:
            return False
        changing.lapse_pending(reservation, now)
        taking.lock_one(reservation.capacity_id)
        reservation.move(Status.NO_SHOW)
        taking.end(reservation.use, now)
        record("parking_reservation.no_show", reservation, actor=None)
        confirming.tell(reservation, "parking_no_show")
        announcements.reservation(announcements.NO_SHOW, reservation)
    return True


def _free(reservation: ParkingReservation, now: datetime) -> None:
    taking.lock_one(reservation.capacity_id)
    reservation.move(Status.CANCELLED, returning_at=None)
    taking.end(reservation.use, now)
    announcements.reservation(announcements.CANCELLED, reservation)


def _refuse(reservation: ParkingReservation, by_buyer: bool, now: datetime) -> None:
    if not reservation.can_move(Status.CANCELLED):
        raise ReservationNotChangeable(
            gettext("This reservation is {status}.").format(status=reservation.get_status_display().lower())
        )
    if reservation.returning_at is not None:
        raise ReservationNotChangeable(gettext("Its refund is on its way."))
    if by_buyer and (reservation.status == Status.NO_SHOW or now >= reservation.starts_at):
        raise ReservationNotChangeable(gettext("This reservation has begun. Ask the venue."))
