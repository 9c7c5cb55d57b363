"""Money that goes back for a reservation: of the order that it was bought in, then of what later changes cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from orders import refund_plan
from orders import refunding as orders
from parking.booking.models import ParkingReservation
from parking.booking.quoting import free_until
from trufan.lib.money import share

REASON = "A reservation was changed."


def give_back(reservation: ParkingReservation, less: int, *, by: Any, now: datetime) -> int:
    """Send back what the reservation costs less by, with the tax on it; how much goes. Under the order's lock.

    After the time to cancel for nothing the lot's fee is kept of it. `less` is before fees and tax.
    """
    item = reservation.order_item
    if less <= 0 or not item.unit_price or not item.total:
        return 0
    # Fees are for having booked: they stay. What was discounted goes back as little as it was paid.
    paid = item.total - item.fee
    due = share(paid, min(less * 1_000_000 // item.unit_price, 1_000_000))
    if is_late(reservation, now):
        due = max(due - reservation.lot.cancel_fee, 0)
    of_order = min(due, refund_plan.money_left(reservation.order), paid)
    if of_order:
        orders.request(reservation.order, amount=of_order, by=by, reason=REASON, now=now)
    return of_order


def refund_changes(reservation: ParkingReservation, *, by: Any, reason: str, now: datetime) -> int:
    """Send back what paid changes cost, all of it; how much goes."""
    from parking.stays import charging
    from parking.stays.models import ParkingCharge

    paid = ParkingCharge.objects.filter(change__reservation=reservation, status=ParkingCharge.Status.PAID)
    sent = 0
    for charge in paid.order_by("-created_at"):
        if charge.amount_paid > charge.amount_refunded and not charge.amount_disputed:
            sent += sum(refund.amount for refund in charging.refund(charge, by=by, reason=reason, now=now))
    return sent


def is_late(reservation: ParkingReservation, now: datetime) -> bool:
    """Whether the time to cancel for nothing is over."""
    return now > free_until(reservation)
