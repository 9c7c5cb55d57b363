"""The configuration that the tests start from, with whatever they change in it."""

from __future__ import annotations

from typing import Any

from parking.pricing.configuration import Configuration, parse

GIVEN: dict[str, Any] = {
    "version": 1,
    "floor_percent": 70,
    "cap_percent": 200,
    "step_percent": 10,
    "max_change_per_hour_percent": 30,
    "review_minutes": 15,
    "occupancy": [
        {"from_percent": 80, "move": "up"},
        {"from_percent": 60, "move": "hold"},
        {"from_percent": 0, "move": "down"},
    ],
}
EVENT = [{"within_hours": 3, "at_least_percent": 120}, {"within_hours": 24, "at_least_percent": 110}]
DEMAND = {"window_minutes": 60, "up_from_percent": 10}


def configured(**changes: Any) -> Configuration:
    found = parse(GIVEN | changes)
    assert found is not None
    return found
