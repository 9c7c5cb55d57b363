"""What the documented endpoints of venues ask and answer."""

from typing import Any

_ID = "0198c0de-7a11-7000-8000-00000000a001"

VENUE_REQUEST: dict[str, Any] = {
    "name": "Garden Arena",
    "street": "4 Pennsylvania Plaza",
    "city": "New York",
    "region": "NY",
    "postal_code": "10001",
    "country": "US",
    "latitude": 40.7505,
    "longitude": -73.9934,
    "time_zone": "America/New_York",
    "currency": "USD",
    "contact_email": "hello@garden.example",
}
VENUE: dict[str, Any] = {
    "id": _ID,
    **VENUE_REQUEST,
    "slug": "garden-arena",
    "description": "",
    "contact_phone": "",
    "distance_metres": 812,
}
VENUE_DETAIL: dict[str, Any] = {
    **VENUE,
    "distance_metres": None,
    "configuration": {},
    "ticket_fee_fixed": 150,
    "ticket_fee_ppm": 25_000,
    "is_active": True,
}
STAFF: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000a002",
    "user": {
        "id": "0198c0de-7a11-7000-8000-00000000a003",
        "email": "gus@example.com",
        "first_name": "Gus",
        "last_name": "",
    },
    "role": "door",
    "extra_permissions": ["refund_orders"],
    "permissions": ["check_in", "refund_orders", "view_orders", "view_venue"],
    "is_active": True,
    "created_at": "2026-07-01T12:00:00Z",
}
INVITATION: dict[str, Any] = {"email": "gus@example.com", "role": "door", "extra_permissions": ["refund_orders"]}
TAX_REQUEST: dict[str, Any] = {"name": "Sales tax", "category": "ticket", "rate_ppm": 88_750}
TAX_RATE: dict[str, Any] = {
    "id": "0198c0de-7a11-7000-8000-00000000a004",
    **TAX_REQUEST,
    "is_inclusive": False,
    "is_active": True,
}
