"""Example bodies for the API's documentation."""

from typing import Any

from ticketing.examples import TICKET

OFFER_REQUEST: dict[str, Any] = {"email": "finn@example.com", "message": "See you at the north gate!"}
TRANSFER: dict[str, Any] = {
    "id": "0199f3a2-b100-7d3a-a1b2-c3d4e5f60718",
    "ticket": {name: TICKET[name] for name in ("id", "number", "event", "ticket_type", "seat")},
    "direction": "out",
    "from_name": "Fay Fan",
    "to": "finn@example.com",
    "message": "See you at the north gate!",
    "status": "offered",
    "expires_at": "2026-06-27T18:01:30Z",
    "decided_at": None,
    "created_at": "2026-06-20T18:01:30Z",
}
TAKEN = {**TRANSFER, "direction": "in", "status": "accepted", "decided_at": "2026-06-21T09:12:00Z"}
