"""A layout: what a file says of a plan's sections and seats, before and without any row of the database."""

from __future__ import annotations

from dataclasses import dataclass, field

#: The columns of a seat, in the order in which the files have them; a CSV file has the section's name in front.
COLUMNS = (
    "row", "number", "label", "x", "y", "row_order", "seat_order", "accessible", "companion", "restricted_view",
    "companion_of",
)  # fmt: skip
MAX_SEATS = 25_000
MAX_SECTIONS = 500
MAX_CORNERS = 200
MAX_STANDING = 1_000_000


@dataclass(frozen=True)
class Area:
    """A section. `capacity` is 0 where people sit; `outline` its corners as [x, y], in metres."""

    name: str
    is_standing: bool = False
    capacity: int = 0
    outline: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """A seat. `companion_of` is the label of the accessible seat that it goes with, or empty."""

    section: str
    row: str
    number: str
    label: str
    x: float
    y: float
    row_order: int
    seat_order: int
    accessible: bool = False
    companion: bool = False
    restricted_view: bool = False
    companion_of: str = ""


@dataclass(frozen=True)
class Layout:
    """All sections in their order, and all seats. Without a `stage` that stays where it is."""

    areas: list[Area]
    places: list[Place]
    stage: tuple[float, float] | None = None
