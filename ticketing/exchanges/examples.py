"""Example bodies for the API's documentation."""

from typing import Any

_TICKET = "0199f3a2-9d10-7a9b-8c7d-6e5f4a3b2c1d"
EXCHANGE_ASKED: dict[str, Any] = {"tickets": [_TICKET], "ticket_type": "0199f3a2-7c1e-7b52-9d8e-3f1a6b2c4d5e"}
EXCHANGE: dict[str, Any] = {
    "id": "0199f3a2-e001-7b52-9d8e-3f1a6b2c4d5e",
    "status": "open",
    "old_order": "0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1d",
    "new_order": "0199f3a2-8d10-7a9b-8c7d-6e5f4a3b2c1e",
    "access_code": None,
    "tickets": [_TICKET],
    "currency": "USD",
    "to_pay": 8175,
    "goes_back": 4775,
    "kept": 500,
    "difference": 3400,
    "expires_at": "2026-11-20T12:10:00Z",
    "created_at": "2026-11-20T12:00:00Z",
}
