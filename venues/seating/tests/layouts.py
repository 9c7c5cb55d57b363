"""Layouts to test with."""

from __future__ import annotations

from typing import Any


def seat(row: str, number: str, **more: Any) -> dict[str, Any]:
    """A seat as JSON has it, wherever its row and number say."""
    return {"row": row, "number": number, "x": float(number), "y": float(ord(row[0])), **more}


def block(name: str = "112", rows: str = "AB", seats: int = 4, **more: Any) -> dict[str, Any]:
    """A section where people sit."""
    return {"name": name, "seats": [seat(row, str(n)) for row in rows for n in range(1, seats + 1)], **more}


def floor(capacity: int = 800) -> dict[str, Any]:
    """A section where people stand."""
    return {"name": "Floor", "kind": "standing", "capacity": capacity, "outline": [[0, 0], [9, 0], [9, 5], [0, 5]]}


def layout(*sections: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"sections": list(sections), **more}
