"""Example bodies for the API's documentation."""

from __future__ import annotations

from typing import Any

from ticketing.examples import TICKET

_EVENT, _TYPE = TICKET["event"]["id"], TICKET["ticket_type"]["id"]
_PLAN = "0199f3a2-d200-7c11-8d2e-9a4b5c6d7e8f"
PRICES: list[dict[str, Any]] = [
    {"section": "112", "ticket_type": _TYPE},
    {"section": "112", "rows": ["A", "B"], "ticket_type": "0199f3a2-b110-7c64-9f5e-0d1c2b3a4958"},
]
SEATING_REQUEST: dict[str, Any] = {"plan": _PLAN, "prices": PRICES}
SEATING: dict[str, Any] = {
    "event": _EVENT,
    **SEATING_REQUEST,
    "map_version": "6d7e8f90-3",
    "is_outdated": False,
    "counts": [{"ticket_type": _TYPE, "free": 410, "held": 12, "sold": 58, "blocked": 4, "house": 16}],
    "updated_at": "2026-06-01T09:00:00Z",
}
SEAT: dict[str, Any] = {
    "id": "0199f3a2-d300-7a54-b1c2-d3e4f5061728",
    "label": "112-A-12",
    "section": "112",
    "row": "A",
    "number": "12",
    "accessible": False,
    "companion": False,
    "restricted_view": False,
    "ticket_type": _TYPE,
    "status": "blocked",
    "reason": "A camera stands there.",
    "order": None,
    "ticket": None,
}
KEEP_REQUEST: dict[str, Any] = {
    "seats": ["112-A-12", "112-B-*"],
    "status": "blocked",
    "reason": "A camera stands there.",
}
MAP: dict[str, Any] = {
    "version": "6d7e8f90-3",
    "event": _EVENT,
    "plan": {"id": _PLAN, "name": "Concert"},
    "stage": [0, -500],
    "ticket_types": [_TYPE],
    "count": 24,
    "sections": [
        {
            "name": "112",
            "kind": "seated",
            "outline": [[-60, -60], [1330, -60], [1330, 60], [-60, 60]],
            "rows": [{"row": "A", "count": 24, "first": 1, "x": [0, 55], "y": [0, 0], "type": 0, "accessible": [0]}],
        }
    ],
}
STATUSES: dict[str, Any] = {"version": "6d7e8f90-3", "count": 24, "free": 21, "seats": "ffffffffftttffffffffffff"}
