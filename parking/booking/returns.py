"""Reservations on their way back: on what terms, of no use meanwhile, and their space free once the money went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from audit.trail import record
from orders.errors import AlreadyRefunded, RefundTooLate
from orders.models import OrderItem
from orders.pricing import Terms
from orders.sellable import Pieces
from parking import announcements
from parking.booking import holds, refunding
from parking.booking.models import ParkingReservation, ReservationChange
from parking.booking.querysets import ReservationQuerySet
from parking.booking.quoting import free_until
from parking.errors import ParkingUsed
from parking.spaces import taking
from trufan.lib.errors import DomainError, Invalid

Status = ParkingReservation.Status


def choose(asked: Sequence[Pieces], *, by_buyer: bool) -> list[Pieces | DomainError]:
    """A line is one reservation; a buyer gives back what was not driven in. One query."""
    found = _by_line(each.item for each in asked)
    return [_choose(each, found.get(each.item.pk), by_buyer) for each in asked]


def terms(items: Sequence[OrderItem], now: datetime) -> list[Terms | DomainError]:
    """Free until `cancel_free_minutes` before the start; then the lot's fee is kept; nothing once the start is over.

    One query.
    """
    found = _by_line(items)
    return [_terms(found.get(item.pk), now) for item in items]


def freeze(items: Sequence[OrderItem], now: datetime) -> None:
    """They open nothing while their money is disputed."""
    _of(items).filter(frozen_at=None).update(frozen_at=now)


def thaw(items: Sequence[OrderItem]) -> None:
    _of(items).update(frozen_at=None)


def suspend(pieces: Sequence[Pieces], now: datetime) -> None:
    """They are on their way back, and open nothing."""
    _of(each.item for each in pieces).filter(returning_at=None).update(returning_at=now)


def resume(pieces: Sequence[Pieces]) -> None:
    """Their refund failed: they open again."""
    _of(each.item for each in pieces).update(returning_at=None)


def revoke(pieces: Sequence[Pieces], now: datetime) -> None:
    """The money went: they are cancelled and their spaces free. A car that is there stays until it leaves.

    What changes of them cost on top goes back as well. Under the lock of the reservation no change is paid meanwhile.
    """
    rows = _of(each.item for each in pieces).select_related("use", "capacity__lot").order_by("pk")
    reservations = list(rows.select_for_update(of=("self",), no_key=True))
    ids = [reservation.pk for reservation in reservations]
    refunding.refund_changes(ids, by=None, reason=refunding.GIVEN_BACK, now=now)
    pending = ReservationChange.objects.filter(reservation__in=ids, status=ReservationChange.Status.PENDING)
    changes = list(pending.select_for_update(of=("self",), no_key=True).order_by("pk"))
    holds.lock(reservations, changes)
    for change in changes:
        change.move(ReservationChange.Status.LAPSED)
        holds.let_go(change, now)
    for reservation in reservations:
        if reservation.can_move(Status.CANCELLED):
            reservation.move(Status.CANCELLED)
            taking.end(reservation.use, now)
            record("parking_reservation.cancelled", reservation, new={"lot": reservation.capacity.lot_id})
            announcements.reservation(announcements.CANCELLED, reservation)
        else:
            announcements.refigured(reservation)


def _choose(asked: Pieces, reservation: ParkingReservation | None, by_buyer: bool) -> Pieces | DomainError:
    if reservation is None:
        return asked if not asked.things else Invalid(gettext("There is no such reservation on this line."))
    if set(asked.things) - {reservation.pk}:
        return Invalid(gettext("There is no such reservation on this line."))
    if reservation.status == Status.CANCELLED or reservation.pk in asked.claimed:
        return AlreadyRefunded(gettext("This reservation was refunded, or its refund is on its way."))
    if by_buyer and reservation.status != Status.CONFIRMED:
        return (
            ParkingUsed() if reservation.entries else RefundTooLate(gettext("This reservation is over. Ask the venue."))
        )
    return Pieces(asked.item, asked.quantity, (reservation.pk,))


def _terms(reservation: ParkingReservation | None, now: datetime) -> Terms | DomainError:
    if reservation is None:
        return RefundTooLate(gettext("There is no such reservation."))
    lot = reservation.capacity.lot
    if now >= reservation.starts_at:
        return RefundTooLate(gettext("This reservation has begun. Ask the venue."))
    if now <= free_until(reservation):
        return Terms()
    return Terms(keep_amount=lot.cancel_fee)


def _by_line(items: Iterable[OrderItem]) -> dict[UUID, ParkingReservation]:
    rows = ParkingReservation.objects.select_related("capacity__lot__venue")
    return {each.order_item_id: each for each in rows.filter(order_item__in=[item.pk for item in items])}


def _of(items: Iterable[OrderItem]) -> ReservationQuerySet:
    return ParkingReservation.objects.filter(order_item__in=[item.pk for item in items])
