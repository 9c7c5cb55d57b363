"""Money that goes back for a reservation: of what changes of it cost, the last first, then of its line in the order."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from orders import refund_plan
from orders import refunding as orders
from parking.booking.models import ParkingReservation
from parking.booking.quoting import free_until
from payments import refunds
from payments.models import Payment
from trufan.lib.money import allot

REASON = "A reservation was changed."
GIVEN_BACK = "Its reservation was given back."


def give_back(reservation: ParkingReservation, less: int, *, by: Any, now: datetime) -> None:
    """Send back what the reservation costs less by, with the tax on it. Under the order's lock.

    `reservation` still has its present price; `less` is before fees and tax. It goes to whom it came from: first to
    those who paid for changes. Raises `PaymentDisputed`.
    """
    from parking.stays import charging

    due, sent = worth(reservation, less, now), 0
    for charge in paid_changes([reservation.pk]):
        if part := min(due - sent, _goods_of_charge(charge)):
            charging.refund(charge, amount=part, by=by, reason=REASON, now=now)
            sent += part
    if due > sent:
        orders.give_back(reservation.order, reservation.order_item_id, due - sent, by=by, reason=REASON, now=now)


def worth(reservation: ParkingReservation, less: int, now: datetime) -> int:
    """What goes back where it costs `less` minor units less, before fees and tax, than its present price.

    In proportion to what is left of all that was paid for it: so discounts are not paid out, and tax goes with its
    price. Fees are for having booked, and stay. After the time to cancel for nothing the lot's fee is kept.
    """
    if less <= 0 or not reservation.price:
        return 0
    paid = sum(_goods_of_charge(charge) for charge in paid_changes([reservation.pk])) + _goods_of_line(reservation)
    due = paid * less // reservation.price
    return max(due - reservation.lot.cancel_fee, 0) if is_late(reservation, now) else due


def refund_changes(reservation_ids: Collection[UUID], *, by: Any, reason: str, now: datetime) -> int:
    """Send back all that is left of what paid changes cost; how much goes. What is disputed stays where it is.

    Called under the locks of the reservations, so that no other change is paid meanwhile: a charge that is being paid
    is locked before its reservation, but it is not one of these before that is done.
    """
    from parking.stays import charging

    sent = 0
    for charge in paid_changes(reservation_ids):
        if _left_of(charge):
            sent += sum(each.amount for each in charging.refund(charge, by=by, reason=reason, now=now))
    return sent


def paid_changes(reservation_ids: Collection[UUID]) -> QuerySet:
    """The charges of these reservations' changes that were paid, the last first."""
    from parking.stays.models import ParkingCharge

    paid = ParkingCharge.objects.filter(change__reservation__in=reservation_ids, status=ParkingCharge.Status.PAID)
    return paid.order_by("-paid_at", "-pk")


def is_late(reservation: ParkingReservation, now: datetime) -> bool:
    """Whether the time to cancel for nothing is over."""
    return now > free_until(reservation)


def _goods_of_charge(charge: Any) -> int:
    """What is left of a charge for the space itself: without its fee."""
    return max(_left_of(charge) - _fee_of(charge.amount_total, charge.price - charge.discount, charge.fee), 0)


def _left_of(charge: Any) -> int:
    """What of a charge did not go back, and is not on its way; nothing of one that is disputed."""
    if charge.amount_disputed:
        return 0
    paid = Payment.objects.of(charge).filter(status=Payment.Status.SUCCEEDED)
    return sum(max(refunds.remainder(payment), 0) for payment in paid)


def left_of_line(reservation: ParkingReservation) -> int:
    """What of its line in the order did not go back, and is not on its way."""
    rest = _rest(reservation)
    return min(rest.value, refund_plan.money_left(reservation.order)) if rest.quantity else 0


def _goods_of_line(reservation: ParkingReservation) -> int:
    """The same, for the space itself."""
    item = _rest(reservation).item
    return max(left_of_line(reservation) - _fee_of(item.total, item.unit_price - item.discount, item.fee), 0)


def _rest(reservation: ParkingReservation) -> refund_plan.Rest:
    rests = refund_plan.rests(reservation.order)
    return next(rest for rest in rests if rest.item.pk == reservation.order_item_id)


def _fee_of(total: int, goods: int, fee: int) -> int:
    """What of a total was for the fee, with the tax on it."""
    return allot(total, [goods, fee])[1] if fee else 0
