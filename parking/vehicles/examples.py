"""Example bodies for the API's documentation of saved vehicles."""

from typing import Any

VEHICLE_REQUEST: dict[str, Any] = {"plate": "ABC 1234", "name": "The blue one", "height_cm": 152, "is_electric": True}
VEHICLE: dict[str, Any] = {
    "id": "0199f3a2-7a10-7d22-9a00-1c2d3e4f5071",
    **VEHICLE_REQUEST,
    "is_default": True,
    "created_at": "2026-11-20T18:00:00Z",
}
