"""Example bodies for the API's documentation."""

from typing import Any

_LOT = "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f01"
_TICKET = "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f20"
DROP_OFF: dict[str, Any] = {
    "lot": _LOT,
    "plate": "ABC 1234",
    "vehicle": "Blue Volvo V60",
    "key_tag": "14",
    "contact": {"phone": "+12125550123"},
}
TICKET: dict[str, Any] = {
    "id": _TICKET,
    "number": 7,
    "lot": "North Lot",
    "session": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f21",
    "status": "requested",
    "vehicle": "Blue Volvo V60",
    "place_in_queue": 2,
    "minutes": 14,
    "created_at": "2026-07-03T21:40:00Z",
    "requested_at": "2026-07-04T02:50:00Z",
    "wanted_at": None,
    "ready_at": None,
    "ended_at": None,
    "amount_due": 2_178,
    "currency": "USD",
}
PAPER_TICKET: dict[str, Any] = {**TICKET, "access_code": "JBSWY3DPEHPK3PXPJBSWY3DPEH"}
LISTED: dict[str, Any] = {
    **{name: TICKET[name] for name in ("id", "number", "status", "vehicle", "created_at", "wanted_at", "ended_at")},
    "plate": "ABC 1234",
    "place": "P2 row C",
    "key_tag": "14",
}
PHOTO: dict[str, Any] = {
    "id": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f22",
    "incident": None,
    "words": "Scratch, rear left door",
    "created_at": "2026-07-03T21:41:00Z",
}
INCIDENT: dict[str, Any] = {
    "id": "0199f3a2-1b00-7c11-8f00-1b2c3d4e5f23",
    "happened_at": "2026-07-03T22:10:00Z",
    "words": "The left mirror touched a pillar.",
    "created_at": "2026-07-03T22:12:00Z",
}
LISTED_INCIDENT: dict[str, Any] = {
    **INCIDENT,
    "reported_by": "Val Attendant",
    "ticket": LISTED,
    "photos": [{**PHOTO, "incident": INCIDENT["id"]}],
}
STAFF_TICKET: dict[str, Any] = {
    **TICKET,
    "plate": "ABC 1234",
    "notes": "",
    "place": "P2 row C",
    "key_tag": "14",
    "requested_by": "app",
    "wrong_pins": 0,
    "photos": [PHOTO],
    "incidents": [],
    "pin": None,
}
NEW_TICKET: dict[str, Any] = {
    **STAFF_TICKET,
    "status": "dropped_off",
    "place_in_queue": 0,
    "place": "",
    "requested_by": "",
    "requested_at": None,
    "photos": [],
    "pin": "04711",
}
BY_NUMBER: dict[str, Any] = {"sign_code": "K7Q2M4", "number": 7, "pin": "04711"}
QUEUE: dict[str, Any] = {
    "lot": _LOT,
    "minutes_each": 7,
    "cars": [
        {
            "place": 1,
            "minutes": 7,
            "id": _TICKET,
            "number": 7,
            "status": "requested",
            "vehicle": "Blue Volvo V60",
            "stands_at": "P2 row C",
            "key_tag": "14",
            "wanted_at": None,
        }
    ],
}
