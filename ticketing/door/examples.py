"""Example bodies of the door for the API's documentation."""

from typing import Any

from ticketing.examples import ACCEPTED, CODE

_TICKET, _TYPE, _EVENT = ACCEPTED["ticket"], ACCEPTED["ticket"]["ticket_type"], ACCEPTED["ticket"]["event"]["id"]
_LIST = "0199f3a2-b100-7d3a-a1b2-c3d4e5f60720"

STANDING: dict[str, Any] = {
    "id": _TICKET["id"],
    "number": _TICKET["number"],
    "status": "used",
    "inside": True,
    "entries": 1,
    "used_at": "2026-07-03T22:41:07Z",
    "used_gate": "North",
}
UNDO_REQUEST: dict[str, Any] = {
    "number": _TICKET["number"],
    "event": _EVENT,
    "reason": "Scanned the neighbour's phone.",
}
ORDER_ADMISSION_REQUEST: dict[str, Any] = {"order": "PX41KM7T2Q", "event": _EVENT, "gate": "North"}
ORDER_ADMISSION: dict[str, Any] = {
    "id": "0199f3a2-b200-7d3a-a1b2-c3d4e5f60721",
    "order": "PX41KM7T2Q",
    "accepted": 1,
    "refused": 0,
    "scans": [
        {**ACCEPTED, "nonce": f"order:0199f3a2-b200-7d3a-a1b2-c3d4e5f60721:{_TICKET['id']}"},
    ],
}
ORDER_UNDO_REQUEST: dict[str, Any] = {"order": "PX41KM7T2Q", "event": _EVENT, "reason": "The group went to the bar."}
ORDER_UNDO: dict[str, Any] = {
    "order": "PX41KM7T2Q",
    "undone": [{**STANDING, "status": "valid", "inside": False, "entries": 0, "used_at": None, "used_gate": ""}],
    "left": [],
}
FOUND: dict[str, Any] = {
    "id": _TICKET["id"],
    "number": _TICKET["number"],
    "ticket_type": _TYPE,
    "seat": "",
    "holder": "Fay Fan",
    "order": "PX41KM7T2Q",
    "status": "valid",
    "inside": False,
    "used_at": None,
    "used_gate": "",
}
COUNTS: dict[str, Any] = {
    "sold": 312,
    "arrived": 120,
    "inside": 117,
    "event": _EVENT,
    "at": "2026-07-03T22:42:10Z",
    "conflicts": 1,
    "by_ticket_type": [{"sold": 312, "arrived": 120, "inside": 117, **_TYPE}],
    "by_gate": [{"gate": "North", "arrived": 80}, {"gate": "South", "arrived": 40}],
    "per_minute": [{"minute": "2026-07-03T22:42:00Z", "came_in": 9, "went_out": 1, "refused": 2}],
}
CHECKIN_LIST_REQUEST: dict[str, Any] = {"name": "Boxes", "gates": ["Box entrance"], "ticket_types": [_TYPE["id"]]}
CHECKIN_LIST: dict[str, Any] = {
    "id": _LIST,
    "event": _EVENT,
    "name": "Boxes",
    "gates": ["Box entrance"],
    "ticket_types": [_TYPE],
    "is_active": True,
    "created_at": "2026-07-01T09:00:00Z",
}
SYNC_REQUEST: dict[str, Any] = {
    "device": "scanner-7",
    "device_clock": "2026-07-03T22:59:02Z",
    "scans": [
        {
            "nonce": "5b0c6a0e-57ff-4a0b-9d0e-0d6a4d1f7a11",
            "code": CODE,
            "gate": "South",
            "list": None,
            "direction": "in",
            "scanned_at": "2026-07-03T22:43:51Z",
            "decided": "accepted",
        }
    ],
}
SYNC_ANSWER: dict[str, Any] = {
    "kept": 1,
    "duplicates": 0,
    "invalid": 0,
    "conflicts": 1,
    "scans": [
        {
            "nonce": "5b0c6a0e-57ff-4a0b-9d0e-0d6a4d1f7a11",
            "outcome": "kept",
            "conflict": "double_entry",
            "ticket": {**STANDING, "entries": 2},
            "problems": [],
        }
    ],
}
