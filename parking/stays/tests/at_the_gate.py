"""Cars at the gate, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from parking.lots.models import ParkingCapacity, ParkingLot
from parking.models import ParkingReservation, ParkingSession
from parking.stays.tests.parked import park, reserve
from parking.vehicles import plates
from payments.tests.factories import OrderFactory

GATE = "/api/v1/parking/gate"
_nonces = count(1)


def at_gate(api: Any, who: Any, lot: ParkingLot, way: str, /, **seen: Any) -> Any:
    """`POST /parking/gate/{way}` as a camera or a steward, with a nonce of its own."""
    asked = {"lot": str(lot.pk), "nonce": f"n-{next(_nonces)}", **seen}
    return api.as_(who).post(f"{GATE}/{way}", asked)


def entry(api: Any, who: Any, lot: ParkingLot, /, **seen: Any) -> dict[str, Any]:
    answer = at_gate(api, who, lot, "entries", **seen)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def leaving(api: Any, who: Any, lot: ParkingLot, /, **seen: Any) -> dict[str, Any]:
    answer = at_gate(api, who, lot, "exits", **seen)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def said(answer: dict[str, Any]) -> tuple[bool, str]:
    return answer["open"], answer["reason"]


def booked(
    capacity: ParkingCapacity,
    user: Any = None,
    *,
    plate: str = "",
    begins: int = -10,
    hours: float = 2,
    price: int = 900,
    now: datetime | None = None,
) -> ParkingReservation:
    """A paid reservation that begins so many minutes from now."""
    starts_at = (now or timezone.now()) + timedelta(minutes=begins)
    order = OrderFactory(venue=capacity.lot.venue, user=user)
    row = reserve(capacity, order, starts_at, starts_at + timedelta(hours=hours), price)
    row.set_plate(plate)
    row.save()
    return row


def there(capacity: ParkingCapacity, plate: str, **facts: Any) -> ParkingSession:
    """A car of that plate that drove up; `facts` as `park` has them."""
    return park(capacity, plate=plate, plate_key=plates.key(plate), **facts)


def ago(minutes: int) -> str:
    return (timezone.now() - timedelta(minutes=minutes)).isoformat()
