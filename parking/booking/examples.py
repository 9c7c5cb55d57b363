"""Example bodies for the API's documentation."""

from typing import Any

_LOT = "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f01"
_OFFER = "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f02"
_RESERVATION = "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f03"
_CHANGE = "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f04"

QUOTE_REQUEST: dict[str, Any] = {
    "lot": _LOT,
    "kind": "standard",
    "starts_at": "2026-07-03T17:30:00-04:00",
    "ends_at": "2026-07-03T23:00:00-04:00",
    "plate": "ABC 1234",
}
QUOTE: dict[str, Any] = {
    "id": _OFFER,
    "lot": _LOT,
    "kind": "standard",
    "starts_at": "2026-07-03T21:30:00Z",
    "ends_at": "2026-07-04T03:00:00Z",
    "plate": "ABC 1234",
    "event": None,
    "price": 2760,
    "currency": "USD",
    "parts": [
        {"kind": "base", "words": "By the time parked", "amount": 2300},
        {"kind": "multiplier", "words": "1.2 times, as demand has it", "amount": 460},
    ],
    "explanation": [
        "$5.00 for the first hour, then $2.00 for each 30 minutes begun.",
        "Occupancy is 86 %, at or over 80 %: 10 % up, to 1.2 times the base price.",
    ],
    "multiplier": 1.2,
    "available": 41,
    "expires_at": "2026-07-01T10:10:00Z",
}
RESERVATION: dict[str, Any] = {
    "id": _RESERVATION,
    "number": "P7Q2M4X9PA",
    "status": "confirmed",
    "lot": {
        "id": _LOT,
        "name": "North Lot",
        "street": "4 Pennsylvania Plaza",
        "city": "New York",
        "latitude": 40.751,
        "longitude": -73.994,
    },
    "venue": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f05",
    "kind": "standard",
    "starts_at": "2026-07-03T21:30:00Z",
    "ends_at": "2026-07-04T03:00:00Z",
    "plate": "ABC 1234",
    "event": None,
    "order": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f06",
    "price": 2760,
    "currency": "USD",
    "is_frozen": False,
    "free_until": "2026-07-03T20:30:00Z",
    "code": "PR1.AGM7HIVTAB6BCEPAA4NSYPKOL4MQAAIY6DL2QVBCZZZZ4",
}
CHANGE_REQUEST: dict[str, Any] = {"ends_at": "2026-07-04T00:00:00-04:00"}
PLANNED: dict[str, Any] = {
    "starts_at": "2026-07-03T21:30:00Z",
    "ends_at": "2026-07-04T04:00:00Z",
    "kind": "standard",
    "price": 3240,
    "difference": 480,
    "parts": [{"kind": "base", "words": "6 hours 30 minutes", "amount": 3240}],
    "amount": 523,
    "refund": 0,
    "available": 12,
    "currency": "USD",
}
CHANGE: dict[str, Any] = {
    "id": _CHANGE,
    "reservation": _RESERVATION,
    "status": "pending",
    "starts_at": "2026-07-03T21:30:00Z",
    "ends_at": "2026-07-04T04:00:00Z",
    "kind": "standard",
    "price": 3240,
    "difference": 480,
    "charge": {
        "id": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f07",
        "status": "pending",
        "amount": 523,
        "currency": "USD",
    },
    "expires_at": "2026-07-01T10:10:00Z",
}
CANCELLED: dict[str, Any] = {
    "reservation": {**RESERVATION, "status": "confirmed", "is_frozen": True},
    "refunded": 3005,
    "kept": 0,
}
