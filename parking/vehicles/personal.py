"""What vehicles say about a person, and how it is erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from parking.vehicles.models import Vehicle


def export(user: Any) -> list[dict[str, Any]]:
    """The vehicles that the person keeps."""
    return [
        {
            "plate": row.plate,
            "name": row.name,
            "height_cm": row.height_cm,
            "is_electric": row.is_electric,
            "is_default": row.is_default,
            "since": row.created_at.isoformat(),
        }
        for row in Vehicle.objects.filter(user=user).order_by("created_at", "pk")
    ]


def erase(user: Any, now: datetime) -> None:
    """They go: stays and reservations keep what they need of a car themselves, for as long as they may."""
    Vehicle.objects.filter(user=user).delete()
