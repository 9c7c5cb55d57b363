"""Quotes and reservations as they come about, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from orders.models import Order
from orders.tests.carts import buy, place
from parking.booking import quoting
from parking.booking.models import ParkingOffer, ParkingReservation
from parking.lots.models import ParkingCapacity
from ticketing.tests.sales import GUEST

QUOTES, RESERVATIONS = "/api/v1/parking/quotes", "/api/v1/parking/reservations"


def tomorrow(hour: int = 18) -> datetime:
    """That hour of tomorrow in UTC."""
    return (timezone.now() + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)


def ask(capacity: ParkingCapacity, starts_at: datetime, hours: float = 4, **more: Any) -> dict[str, Any]:
    """A request for a quote as the API takes it."""
    ends_at = starts_at + timedelta(hours=hours)
    return {"lot": str(capacity.lot_id), "kind": capacity.kind, "starts_at": starts_at, "ends_at": ends_at, **more}


def offered(
    capacity: ParkingCapacity,
    user: Any = None,
    *,
    starts_at: datetime | None = None,
    hours: float = 4,
    now: datetime | None = None,
    plate: str = "",
) -> ParkingOffer:
    """A quote from tomorrow at six."""
    begins = starts_at or tomorrow()
    wanted = quoting.Wanted(capacity.lot_id, capacity.kind, begins, begins + timedelta(hours=hours), plate)
    return quoting.quote(wanted, user=user, now=now or timezone.now())[0]


def held(user: Any, capacity: ParkingCapacity, **more: Any) -> Order:
    """A pending order of one space."""
    return place(user, (offered(capacity, user, **more), 1), contact=None if user else GUEST)


def reserved(user: Any, capacity: ParkingCapacity, **more: Any) -> ParkingReservation:
    """The same, paid."""
    order = buy(user, (offered(capacity, user, **more), 1), contact=None if user else GUEST)
    return ParkingReservation.objects.with_lot().get(order=order)
