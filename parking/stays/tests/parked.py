"""Cars that stand on a lot, for tests of what they owe."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from orders.models import Order, OrderItem
from parking.models import ParkingCapacity, ParkingCharge, ParkingReservation, ParkingSession
from parking.spaces import taking
from payments import refunds, sandbox_payer
from payments.models import Payment, Refund

SESSIONS, CHARGES = "/api/v1/parking/sessions", "/api/v1/parking/charges"


def park(
    capacity: ParkingCapacity,
    *,
    minutes: int = 70,
    until: int | datetime | None = None,
    now: datetime | None = None,
    **facts: Any,
) -> ParkingSession:
    """A car that came so many `minutes` ago, prepaid until so many minutes from now, or without an end."""
    now = now or timezone.now()
    if isinstance(until, int):
        until = now + timedelta(minutes=until)
    started_at = now - timedelta(minutes=minutes)
    ends_at = until or started_at + timedelta(minutes=capacity.lot.assumed_stay_minutes)
    use = taking.put(
        capacity, started_at, max(ends_at, started_at + taking.INSTANT), taking.Purpose.SESSION, is_inside=True
    )
    return ParkingSession.objects.create(
        lot=capacity.lot,
        capacity=capacity,
        use=use,
        origin=ParkingSession.Origin.SIGN,
        started_at=started_at,
        expires_at=until,
        tariff=capacity.tariff_in_force,
        multiplier_ppm=capacity.multiplier_ppm,
        overstay_percent=capacity.lot.overstay_percent or 100,
        **facts,
    )


def reserve(
    capacity: ParkingCapacity, order: Order, starts_at: datetime, ends_at: datetime, price: int
) -> ParkingReservation:
    """A reservation that was paid in a cart."""
    item = OrderItem.objects.create(
        order=order, position=order.items.count(), item_type="parking", item_id=order.pk, description="Parking",
        quantity=1, unit_price=price, net=price, total=price, status="fulfilled",
    )  # fmt: skip
    use = taking.put(capacity, starts_at, ends_at, taking.Purpose.RESERVATION)
    return ParkingReservation.objects.create(
        capacity=capacity,
        order=order,
        order_item=item,
        use=use,
        holder=order.user,
        starts_at=starts_at,
        ends_at=ends_at,
        price=price,
        tariff=capacity.tariff_in_force,
        multiplier_ppm=capacity.multiplier_ppm,
    )


def arrive(booked: ParkingReservation, started_at: datetime, **facts: Any) -> ParkingSession:
    """The reservation's car drives in."""
    booked.move(ParkingReservation.Status.INSIDE)
    return ParkingSession.objects.create(
        lot=booked.lot,
        capacity=booked.capacity,
        use=taking.enter(booked.use, started_at),
        reservation=booked,
        user=booked.holder,
        origin=ParkingSession.Origin.GATE,
        started_at=started_at,
        expires_at=booked.ends_at,
        tariff=booked.tariff,
        multiplier_ppm=booked.multiplier_ppm,
        overstay_percent=booked.lot.overstay_percent or 100,
        **facts,
    )


def fresh(stay: ParkingSession) -> ParkingSession:
    """The stay as it stands now, with all that its price is made of."""
    return ParkingSession.objects.with_lot().get(pk=stay.pk)


def url(stay: ParkingSession, *rest: str) -> str:
    return "/".join([SESSIONS, str(stay.pk), *rest])


def charge_url(charge: ParkingCharge, *rest: str) -> str:
    return "/".join([CHARGES, str(charge.pk), *rest])


def post(api: Any, who: Any, stay: ParkingSession, what: str, **asked: Any) -> Any:
    """`POST …/sessions/{id}/{what}` as somebody."""
    return api.as_(who).post(url(stay, what), asked, format="json")


def confirm(payment: Payment, now: datetime | None = None) -> Payment:
    """The payer confirms in the browser, and the provider takes the money."""
    return sandbox_payer.confirm(payment.pk, payment.client_secret, "succeed", now or timezone.now())


def send_back(charge: ParkingCharge) -> None:
    """Let the provider answer the refunds of a charge, as it does once they are committed."""
    for refund in Refund.objects.filter(payment__in=Payment.objects.of(charge), status="pending"):
        refunds.execute(refund.pk, timezone.now())


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
