"""Halls for tests: drawn by hand, or as large as an arena."""

from __future__ import annotations

from math import cos, sin

from ticketing.seats.layout import Layout, Spot

#: What a drawing may hold: a seat, a wheelchair place, a companion's seat (of the place before), a restricted view.
_SEATS = "sawr"


def drawn(*rows: str) -> Layout:
    """A hall of one section: a letter of `sawr` for each seat, a blank for an aisle; the stage is before its middle.

    `s` a seat, `a` a wheelchair place, `w` the seat of who comes with it, `r` a seat that sees badly.
    """
    spots: list[Spot] = []
    for row, seats in enumerate(rows):
        place = None
        for number, kind in enumerate(seats):
            if kind not in _SEATS:
                continue
            if kind == "a":
                place = len(spots)
            spots.append(
                Spot("A", row, number, float(number), float(row), kind == "a", kind == "w", kind == "r",
                     place if kind == "w" else None)
            )  # fmt: skip
    return Layout(spots, ((max(map(len, rows)) - 1) / 2, -5.0))


def free(layout: Layout, *taken: int) -> bytes:
    """All seats but these."""
    return bytes(at not in taken for at in range(len(layout)))


def arena(count: int = 20_000, rows: int = 25) -> Layout:
    """Blocks of so many rows around a stage, each row with an aisle in its middle."""
    blocks, spots, per_row = 40, list[Spot](), count // (40 * rows)
    for block in range(blocks):
        for row in range(rows):
            for number in range(per_row):
                angle = (block + (number + 0.5) / per_row) * 0.15
                away = 15 + row
                # An aisle is a number that nobody sits on.
                order = number + (number >= per_row // 2)
                spots.append(Spot(f"{100 + block}", row, order, away * cos(angle), away * sin(angle)))
    return Layout(spots, (0.0, 0.0))
