"""Example bodies for the API's documentation."""

from typing import Any

from ticketing.examples import TICKET

ENTRY: dict[str, Any] = {
    "id": "0199f3a2-c100-7d3a-a1b2-c3d4e5f60718",
    "event": TICKET["event"],
    "ticket_type": TICKET["ticket_type"],
    "quantity": 2,
    "status": "waiting",
    "position": 7,
    "order": None,
    "offered_at": None,
    "offer_expires_at": None,
    "created_at": "2026-06-20T18:01:30Z",
}
