"""The layout of a plan as JSON and as CSV: what `importing.py` makes the same plan of."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce

from trufan.lib import escapes, spreadsheets
from venues.seating.layouts import COLUMNS, Area, Layout, Place
from venues.seating.models import SeatingPlan, SeatSection


def layout_of(plan: SeatingPlan) -> Layout:
    """The plan's sections and seats, in their order. Two queries."""
    rows = plan.seats.in_order().values_list(
        "section__name", *COLUMNS[:-1], Coalesce("companion_of__label", Value(""))
    )  # fmt: skip
    places = [Place(*row) for row in rows.iterator(chunk_size=5_000)]
    return Layout(areas_of(plan), places, (plan.stage_x, plan.stage_y))


def areas_of(plan: SeatingPlan) -> list[Area]:
    """The plan's sections in their order. One query."""
    return [
        Area(section.name, section.kind == SeatSection.Kind.STANDING, section.capacity, section.outline)
        for section in plan.sections.in_order()
    ]


def as_json(plan: SeatingPlan) -> dict[str, Any]:
    """The plan as an object; every seat has all of its values."""
    return json_object(layout_of(plan))


def as_csv(plan: SeatingPlan) -> str:
    """The plan's seats as a file, in which no text is taken for a formula."""
    return csv_text(layout_of(plan))


def json_object(layout: Layout) -> dict[str, Any]:
    """The layout as an object."""
    seats: dict[str, list[dict[str, Any]]] = {}
    for place in layout.places:
        seat = {name: getattr(place, name) for name in COLUMNS}
        seats.setdefault(place.section, []).append({**seat, "companion_of": place.companion_of or None})
    sections = [
        {"name": area.name, "kind": "standing", "capacity": area.capacity, "outline": area.outline}
        if area.is_standing
        else {"name": area.name, "kind": "seated", "outline": area.outline, "seats": seats.get(area.name, [])}
        for area in layout.areas
    ]
    if layout.stage is None:
        return {"sections": sections}
    x, y = layout.stage
    return {"stage": {"x": x, "y": y}, "sections": sections}


def csv_text(layout: Layout) -> str:
    """The layout's seats as lines of CSV, a line of names first."""
    return "".join(spreadsheets.lines(_rows(layout.places)))


def _rows(places: list[Place]) -> Iterator[list[Any]]:
    yield ["section", *COLUMNS]
    for place in places:
        yield [_cell(getattr(place, name)) for name in ("section", *COLUMNS)]


def _cell(value: Any) -> Any:
    """Numbers as numbers, so that no apostrophe comes before a minus."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return Decimal(repr(value))
    # `lines` marks formulas, too: it finds these marked already.
    return escapes.done(value) if isinstance(value, str) else value
