"""How the demo's arena is seated: a stand of 150 left and right of an aisle, people standing before the stage."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from venues.models import Venue
from venues.seating import importing, plans
from venues.seating.models import SeatingPlan

NAME = "End stage"
_ROWS = "ABCDEF"
#: Metres from seat to seat, from row to row, from the aisle's middle to the first seat, and from the stage to row A.
_SEAT, _ROW, _AISLE, _FRONT = 0.55, 0.9, 1.2, 12.0
_SEATS = 25
#: The two seats at the aisle in the first row: one for a wheelchair, one for who comes along.
_WHEELCHAIR, _COMPANION = 1, 2


def draw_plan(venue: Venue, manager: User, made: list[str]) -> None:
    """Give the venue its plan, once."""
    if SeatingPlan.objects.filter(venue=venue, name=NAME).exists():
        return
    plan = plans.create(venue, manager, name=NAME)
    importing.replace_from_json(plan, {"sections": [_floor(), _stand("111", -1), _stand("112", 1)]}, manager)
    made.append(f"seating plan {NAME} at {venue.name}: {2 * len(_ROWS) * _SEATS} seats")


def _floor() -> dict[str, Any]:
    return {"name": "Floor", "kind": "standing", "capacity": 1_200, "outline": _box(-9.0, 2.0, 9.0, 10.0)}


def _stand(name: str, side: int) -> dict[str, Any]:
    """One of the two, on the left (-1) or the right (1) of who looks from the stage; seats count from the aisle."""
    near, far = _AISLE - 0.5, _AISLE + _SEATS * _SEAT
    top, bottom = _FRONT - 0.7, _FRONT + len(_ROWS) * _ROW
    seats = [
        _seat(name, row, number, round(side * (_AISLE + (number - 1) * _SEAT), 2), round(_FRONT + deep * _ROW, 2))
        for deep, row in enumerate(_ROWS)
        for number in range(1, _SEATS + 1)
    ]
    return {"name": name, "kind": "seated", "outline": _box(side * near, top, side * far, bottom), "seats": seats}


def _seat(section: str, row: str, number: int, x: float, y: float) -> dict[str, Any]:
    """Rows count from the stage as they come, seats from the aisle; the outermost of the first rows see little."""
    seat: dict[str, Any] = {"row": row, "number": str(number), "x": x, "y": y}
    if row == "A" and number == _WHEELCHAIR:
        seat["accessible"] = True
    if row == "A" and number == _COMPANION:
        seat |= {"companion": True, "companion_of": f"{section}-A-{_WHEELCHAIR}"}
    if row in "AB" and number > _SEATS - 2:
        seat["restricted_view"] = True
    return seat


def _box(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
    return [[round(x, 2), round(y, 2)] for x, y in corners]
