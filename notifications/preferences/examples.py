"""What the documentation shows."""

from __future__ import annotations

from typing import Any

SETTINGS: dict[str, Any] = {
    "kinds": [
        {
            "kind": "food",
            "label": "Food and merchandise",
            "description": "Your order is accepted, ready, on its way or refused.",
            "channels": [
                {"channel": "email", "wanted": False, "locked": False},
                {"channel": "push", "wanted": True, "locked": False},
                {"channel": "sms", "wanted": True, "locked": False},
            ],
        }
    ],
    "quiet_hours": {"from": "22:00", "until": "08:00"},
    "time_zone": "America/New_York",
    "language": "es",
}
CHANGE: dict[str, Any] = {
    "choices": [
        {"kind": "food", "channel": "email", "wanted": False},
        {"kind": "food", "channel": "sms", "wanted": True},
    ],
    "quiet_hours": {"from": "22:00", "until": "08:00"},
    "time_zone": "America/New_York",
    "language": "es",
}
