"""Devices as the API's documentation shows them."""

from typing import Any

DEVICE_REQUEST: dict[str, Any] = {"name": "North gate camera", "scopes": ["gate"]}
DEVICE: dict[str, Any] = {
    "id": "019c1f3e-8b10-7f02-8a44-0d1c2b3a4958",
    "name": "North gate camera",
    "scopes": ["gate"],
    "place_id": None,
    "prefix": "tfd_5f0e6c2a1b40",
    "state": "active",
    "account": "019c1f3e-7a52-7c11-9d3b-5f0e6c2a1b40",
    "created_by": "Olga Operator",
    "created_at": "2026-11-20T09:30:00Z",
    "last_used_at": None,
    "expires_at": None,
    "revoked_at": None,
    "former_until": None,
}
DEVICE_WITH_KEY: dict[str, Any] = {**DEVICE, "key": "tfd_5f0e6c2a1b40.<43 characters>"}
