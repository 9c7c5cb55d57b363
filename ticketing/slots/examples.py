"""Example bodies for the API's documentation."""

from typing import Any

from ticketing.examples import TICKET

SLOT_REQUEST: dict[str, Any] = {
    "starts_at": "2026-07-03T19:00:00",
    "ends_at": "2026-07-03T19:15:00",
    "capacity": 50,
}
SLOT: dict[str, Any] = {
    "id": "0199f3a2-e100-7d3a-a1b2-c3d4e5f60718",
    "event": TICKET["event"]["id"],
    "starts_at": "2026-07-03T23:00:00Z",
    "starts_at_local": "2026-07-03T19:00:00-04:00",
    "ends_at": "2026-07-03T23:15:00Z",
    "ends_at_local": "2026-07-03T19:15:00-04:00",
    "left": 38,
}
SLOT_FOR_STAFF: dict[str, Any] = {**SLOT, "capacity": 50, "held": 2, "sold": 10}
GENERATE_REQUEST: dict[str, Any] = {"begin": "10:00", "end": "18:00", "every": 15, "capacity": 50}
