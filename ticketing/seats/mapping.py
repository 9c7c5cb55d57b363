"""The map of an event's seats as buyers' clients draw it: what stands where, in few bytes. docs/seats.md explains it.

Coordinates are whole centimetres. In a row they are the first, then the steps from one seat to the next; the last
step given goes on. So a straight row of thirty is two numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

from ticketing.models import EventSeat, EventSeating
from venues.models import SeatSection


def drawn(seating: EventSeating) -> dict[str, Any]:
    """The whole map but for who sits where. Two queries."""
    types: dict[UUID, int] = {}
    seats = EventSeat.objects.filter(event=seating.event_id).order_by("position").iterator(chunk_size=5_000)
    sections = {
        name: [_row(list(row), types) for _, row in groupby(section, key=lambda seat: (seat.row_order, seat.row))]
        for name, section in groupby(seats, key=lambda seat: seat.section)
    }
    areas = SeatSection.objects.filter(plan=seating.plan_id).in_order()
    shown = [_section(area, sections.get(area.name, []), _standing(seating, area.name, types)) for area in areas]
    return {
        "event": str(seating.event_id),
        "plan": {"id": str(seating.plan_id), "name": seating.plan.name},
        "stage": [_cm(seating.plan.stage_x), _cm(seating.plan.stage_y)],
        "ticket_types": [str(each) for each in types],
        "count": sum(row["count"] for section in shown for row in section["rows"]),
        "sections": shown,
    }


def steps(values: Sequence[int]) -> list[int]:
    """The first value and the steps to each next one, without those at the end that repeat the one before."""
    found = [values[0], *(after - before for before, after in pairwise(values))]
    while len(found) > 2 and found[-1] == found[-2]:
        found.pop()
    return found


def _section(area: SeatSection, rows: list[dict[str, Any]], standing: int | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": area.name, "kind": area.kind, "rows": rows}
    if area.outline:
        shown["outline"] = [[_cm(x), _cm(y)] for x, y in area.outline]
    if area.kind == SeatSection.Kind.STANDING:
        shown["capacity"], shown["type"] = area.capacity, standing
    return shown


def _standing(seating: EventSeating, section: str, types: dict[UUID, int]) -> int | None:
    """The ticket type of where people stand, by the last rule about it."""
    for rule in reversed(seating.prices):
        if rule.get("section") == section:
            return types.setdefault(UUID(rule["ticket_type"]), len(types))
    return None


def _row(seats: Sequence[EventSeat], types: dict[UUID, int]) -> dict[str, Any]:
    """A row: what is the same for all its seats is said once, and what is usual not at all."""
    row: dict[str, Any] = {"row": seats[0].row, "count": len(seats)}
    row |= _numbers(seats) | _labels(seats)
    row |= {"x": steps([_cm(seat.x) for seat in seats]), "y": steps([_cm(seat.y) for seat in seats])}
    sold_as = [_index(seat.ticket_type_id, types) for seat in seats]
    row |= {"type": sold_as[0]} if len(set(sold_as)) == 1 else {"types": sold_as}
    for name in ("accessible", "companion", "restricted_view"):
        if marked := [at for at, seat in enumerate(seats) if getattr(seat, name)]:
            row[name] = marked
    return row


def _index(type_id: UUID | None, types: dict[UUID, int]) -> int | None:
    return None if type_id is None else types.setdefault(type_id, len(types))


def _numbers(seats: Sequence[EventSeat]) -> dict[str, Any]:
    """`first` where they count on by one, `numbers` else."""
    first = seats[0].number
    if first.isdecimal() and all(seat.number == str(int(first) + at) for at, seat in enumerate(seats)):
        return {"first": int(first)}
    return {"numbers": [seat.number for seat in seats]}


def _labels(seats: Iterable[EventSeat]) -> dict[str, Any]:
    """Only where they are not section, row and number in capitals."""
    given = [seat.label for seat in seats]
    usual = [f"{seat.section}-{seat.row}-{seat.number}".upper() for seat in seats]
    return {} if given == usual else {"labels": given}


def _cm(metres: float) -> int:
    return round(metres * 100)
