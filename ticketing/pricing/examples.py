"""Example bodies for the API's documentation."""

from typing import Any

_EVENT = "0199f3a2-6b00-7c11-8f00-1b2c3d4e5f61"
_TYPE = "0199f3a2-7c1e-7b52-9d8e-3f1a6b2c4d5e"
_CHILD = "0199f3a2-7c1e-7b52-9d8e-3f1a6b2c4d5f"

RELEASE_REQUEST: dict[str, Any] = {"name": "Early bird", "price": 4000, "until": "2026-05-01T00:00:00", "quantity": 200}
RELEASE: dict[str, Any] = {
    "id": "0199f3a2-7d00-7b52-9d8e-3f1a6b2c4d5e",
    "name": "Early bird",
    "price": 4000,
    "until": "2026-05-01T04:00:00Z",
    "left": 36,
    "is_open": True,
    "position": 0,
}
RELEASE_FOR_STAFF: dict[str, Any] = {**RELEASE, "quantity": 200, "held": 4, "sold": 160}
UNLOCK_TERMS: dict[str, Any] = {"name": "Members", "ticket_types": [_TYPE], "ends_at": "2026-06-01T00:00:00"}
UNLOCK_CODE: dict[str, Any] = {
    "id": "0199f3a2-7e00-7b52-9d8e-3f1a6b2c4d5e",
    "event": _EVENT,
    "code": "MEMBERS26",
    "name": "Members",
    "ticket_types": [_TYPE],
    "max_uses": 100,
    "used": 12,
    "starts_at": None,
    "ends_at": "2026-06-01T04:00:00Z",
    "is_active": True,
    "batch": "",
    "created_at": "2026-04-20T18:00:00Z",
}
BUNDLE_REQUEST: dict[str, Any] = {
    "name": "Family of four",
    "price": 12000,
    "lines": [{"ticket_type": _TYPE, "count": 2}, {"ticket_type": _CHILD, "count": 2}],
}
BUNDLE: dict[str, Any] = {
    "id": "0199f3a2-7f00-7b52-9d8e-3f1a6b2c4d5e",
    "event": _EVENT,
    "name": "Family of four",
    "description": "",
    "price": 12000,
    "percent_off": None,
    "single_price": 15000,
    "currency": "USD",
    "lines": [
        {"ticket_type": _TYPE, "name": "Adult", "count": 2},
        {"ticket_type": _CHILD, "name": "Child", "count": 2},
    ],
    "left": 40,
    "max_per_order": 5,
    "position": 0,
    "is_active": True,
}
