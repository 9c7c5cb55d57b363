"""Example bodies for the API's documentation of lots."""

from typing import Any

_VENUE = "0199f3a2-6a00-7c11-8f00-1b2c3d4e5f60"
_ID = "0199f3a2-7b10-7d22-9a00-1c2d3e4f5081"
TARIFF: dict[str, Any] = {
    "version": 1,
    "base": {
        "type": "interval",
        "first": {"minutes": 60, "price": 500},
        "every": {"minutes": 30, "price": 200},
    },
    "daily_maximum": 4000,
    "day": "rolling",
}
PRICING: dict[str, Any] = {
    "version": 1,
    "floor_percent": 70,
    "cap_percent": 200,
    "step_percent": 10,
    "max_change_per_hour_percent": 30,
    "review_minutes": 15,
    "occupancy": [
        {"from_percent": 80, "move": "up"},
        {"from_percent": 60, "move": "hold"},
        {"from_percent": 0, "move": "down"},
    ],
}
SENTENCES = [
    "$5.00 for the first hour, then $2.00 for each 30 minutes begun.",
    "At most $40.00 for each 24 hours.",
]
_HOURS = [{"weekday": 4, "opens_at": "16:00", "closes_at": "02:00"}]
PHOTO: dict[str, Any] = {
    "id": "0199f3a2-7b20-7d33-9b00-2d3e4f506182",
    "picture": "http://localhost:8000/media/parking/lots/0199f3a2-7b20-7d33-9b00-2d3e4f506183.jpg",
    "caption": "The way in, from Pine Street",
    "position": 0,
}
LOT_REQUEST: dict[str, Any] = {
    "venue": _VENUE,
    "name": "North Lot",
    "street": "12 Pine Street",
    "city": "New York",
    "country": "US",
    "latitude": 40.751,
    "longitude": -73.994,
    "hours": "clock",
    "opening_hours": _HOURS,
    "height_limit_cm": 210,
    "amenities": ["covered", "lit"],
    "tariff": TARIFF,
    "overstay_percent": 150,
}
LOT_PUBLIC: dict[str, Any] = {
    "id": _ID,
    "venue": _VENUE,
    "name": "North Lot",
    "slug": "north-lot",
    "description": "",
    "operator": "Garden Arena",
    "operator_name": "",
    "is_independent": False,
    "street": "12 Pine Street",
    "city": "New York",
    "region": "",
    "postal_code": "",
    "country": "US",
    "latitude": 40.751,
    "longitude": -73.994,
    "distance_metres": 240,
    "time_zone": "America/New_York",
    "currency": "USD",
    "hours": "clock",
    "opening_hours": _HOURS,
    "is_open": True,
    "height_limit_cm": 210,
    "amenities": ["covered", "lit"],
    "spaces": [
        {
            "kind": "standard",
            "name": "Standard",
            "total": 120,
            "available": 37,
            "price": SENTENCES,
            "price_from": 600,
            "multiplier": 1.2,
            "has_own_tariff": False,
        }
    ],
    "total_spaces": 120,
    "available_spaces": 37,
    "price": SENTENCES,
    "price_from": 600,
    "photos": [PHOTO],
    "takes_reservations": True,
    "takes_drive_ups": True,
    "has_barrier": True,
    "allows_reentry": False,
    "quote_minutes": 10,
    "early_entry_minutes": 30,
    "no_show_minutes": 120,
    "cancel_free_minutes": 60,
    "cancel_fee": 500,
    "exit_grace_minutes": 15,
    "overstay_percent": 150,
    "overstay_grace_minutes": 10,
    "lost_ticket_price": 4000,
}
LOT: dict[str, Any] = {
    **LOT_PUBLIC,
    "distance_metres": None,
    "status": "open",
    "sign_code": "K7TQ2M",
    "tariff": TARIFF,
    "pricing": PRICING,
    "connected_account": None,
    "assumed_stay_minutes": 240,
    "valet_minutes": 10,
    "plate_days": 30,
}
CAPACITY_REQUEST: dict[str, Any] = {"spaces": 120}
CAPACITY: dict[str, Any] = {
    "id": "0199f3a2-7b30-7d44-9c00-3e4f50617283",
    "kind": "standard",
    "spaces": 120,
    "tariff": {},
    "multiplier_ppm": 1_200_000,
    "reviewed_at": "2026-11-20T18:00:00Z",
}
SPACE_REQUEST: dict[str, Any] = {"number": "A-001", "level": "P1", "kind": "standard"}
SPACE: dict[str, Any] = {
    "id": "0199f3a2-7b40-7d55-9d00-4f5061728394",
    **SPACE_REQUEST,
    "is_active": True,
    "is_taken": False,
}
SERIES_REQUEST: dict[str, Any] = {"prefix": "A-", "first": 1, "last": 120, "width": 3, "level": "P1"}
SERIES: dict[str, Any] = {"count": 120, "first": "A-001", "last": "A-120"}
BLOCK_REQUEST: dict[str, Any] = {"kind": "standard", "quantity": 6, "ends_at": "2026-11-21T06:00:00Z",
                                 "reason": "Coaches of the band"}  # fmt: skip
BLOCK: dict[str, Any] = {
    "id": "0199f3a2-7b50-7d66-9e00-5061728394a5",
    **BLOCK_REQUEST,
    "starts_at": "2026-11-20T18:00:00Z",
    "created_at": "2026-11-20T18:00:00Z",
}
PRICE_CHANGE: dict[str, Any] = {
    "id": "0199f3a2-7b60-7d77-9f00-61728394a5b6",
    "kind": "standard",
    "at": "2026-11-20T18:00:00Z",
    "old_ppm": 1_100_000,
    "new_ppm": 1_200_000,
    "causes": ["occupancy_high"],
    "facts": {"occupied": 103, "spaces": 120, "hours_to_doors": None, "arrivals": 0, "changed_last_hour_ppm": 100_000},
    "words": "Occupancy is 86 %, at or over 80 %: 10 % up, to 1.2 times the base price.",
}
PREVIEW_REQUEST: dict[str, Any] = {"tariff": TARIFF}
PREVIEW: dict[str, Any] = {
    "currency": "USD",
    "sentences": SENTENCES,
    "rows": [{"minutes": 60, "label": "an hour", "amount": 500, "shown": "$5.00"}],
}
