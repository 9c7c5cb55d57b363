"""Whether the seats of a file make a plan: each readable, no two the same, every companion with its accessible seat."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from venues.seating.cells import Cells
from venues.seating.layouts import MAX_SEATS, Place
from venues.seating.models import MAX_ORDER
from venues.seating.problems import Problems

_ROW, _LABEL = 12, 40


class SeatCheck:
    """Takes the seats of a file one by one, in their order, and keeps what is right as `places`."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.places: list[Place] = []
        self.count = 0
        #: What is taken already → where.
        self._numbers: dict[tuple[str, str, str], str] = {}
        self._spots: dict[tuple[str, int, int], str] = {}
        self._labels: dict[str, str] = {}
        #: Section and row → how it counts; section and how it counts → the row; section and row → seats so far.
        self._row_orders: dict[tuple[str, str], int] = {}
        self._rows: dict[tuple[str, int], str] = {}
        self._seats: dict[tuple[str, str], int] = {}
        #: Section → the highest that any of its rows counts as.
        self._last_rows: dict[str, int] = {}
        self._paths: list[str] = []

    def take(self, section: str, cells: Cells) -> None:
        """The next seat. A row or a seat that does not say how it counts counts as it comes."""
        self.count += 1
        if self.count > MAX_SEATS:
            return
        row, number = cells.text("row", _ROW), cells.text("number", _ROW)
        if not (section and row and number):
            self._values(cells)
            return
        label = self._label(cells, f"{section}-{row}-{number}")
        values = self._values(cells)
        companion_of = cells.text("companion_of", _LABEL, is_required=False).upper()
        row_order, seat_order = self._orders(section, row, cells)
        place = Place(
            section, row, number, label, **values,
            row_order=row_order, seat_order=seat_order, companion_of=companion_of,
        )  # fmt: skip
        self._once(place, cells)
        self.places.append(place)
        self._paths.append(cells.path)

    def finish(self) -> None:
        """What can be said only once all seats are known."""
        if self.count > MAX_SEATS:
            self.problems.add(
                "seats",
                gettext("A plan has at most {max_seats} seats; these are {count}.").format(
                    max_seats=MAX_SEATS, count=self.count
                ),
                "too_many",
            )
        by_label = {place.label: place for place in self.places}
        for place, path in zip(self.places, self._paths, strict=True):
            if place.companion_of and (wrong := _why_no_companion(place, by_label.get(place.companion_of))):
                self.problems.add(f"{path}.companion_of", wrong)

    def _values(self, cells: Cells) -> dict[str, Any]:
        flags = {name: cells.flag(name) for name in ("accessible", "companion", "restricted_view")}
        return {"x": cells.metres("x"), "y": cells.metres("y"), **flags}

    def _label(self, cells: Cells, usual: str) -> str:
        """The label in capitals; section, row and number where none is given."""
        given = cells.values.get("label") not in (None, "")
        label = (cells.text("label", _LABEL) if given else usual).upper()
        if len(label) > _LABEL:
            cells.wrong(
                "label",
                gettext("“{value}” is too long: give a label of at most {label} characters.").format(
                    value=label[:60], label=_LABEL
                ),
                "too_long",
            )
        return label

    def _orders(self, section: str, row: str, cells: Cells) -> tuple[int, int]:
        """How the row and the seat count: as they say, else as they come."""
        row_order = self._row_order(section, row, cells)
        other = self._rows.setdefault((section, row_order), row)
        if other != row:
            cells.wrong(
                "row_order",
                gettext("Row {other} of section {section} counts as {row_order} already.").format(
                    other=other, section=section, row_order=row_order
                ),
                "not_unique",
            )
        self._seats[section, row] = self._seats.get((section, row), 0) + 1
        seat_order = cells.whole("seat_order")
        if seat_order is None:
            seat_order = self._seats[section, row]
        for name, order in (("row_order", row_order), ("seat_order", seat_order)):
            if order > MAX_ORDER:
                cells.wrong(
                    name,
                    gettext("A section has at most {max_order} rows, and a row as many seats.").format(
                        max_order=MAX_ORDER
                    ),
                    "too_many",
                )
        return row_order, seat_order

    def _row_order(self, section: str, row: str, cells: Cells) -> int:
        known = self._row_orders.get((section, row))
        given = cells.whole("row_order")
        if known is None:
            known = self._last_rows.get(section, 0) + 1 if given is None else given
            self._row_orders[section, row] = known
            self._last_rows[section] = max(known, self._last_rows.get(section, 0))
        elif given is not None and given != known:
            cells.wrong(
                "row_order",
                gettext("Row {row} of section {section} counts as {known} above, here as {given}.").format(
                    row=row, section=section, known=known, given=given
                ),
            )
        return known

    def _once(self, place: Place, cells: Cells) -> None:
        """No seat twice, whatever it is known by; one seat that is there twice is one problem."""
        path = cells.path
        same = self._numbers.setdefault((place.section, place.row, place.number), path)
        spot = self._spots.setdefault((place.section, place.row_order, place.seat_order), path)
        label = self._labels.setdefault(place.label, path) if place.label else path
        if same != path:
            cells.wrong(
                "number",
                gettext("Row {row} has a seat {number} already, at {same}.").format(
                    row=place.row, number=place.number, same=same
                ),
                "not_unique",
            )
        elif label != path:
            cells.wrong(
                "label",
                gettext("The label {label} is taken already, at {label2}.").format(label=place.label, label2=label),
                "not_unique",
            )
        elif spot != path:
            cells.wrong(
                "seat_order",
                gettext("Seat {seat_order} of this row is at {spot} already.").format(
                    seat_order=place.seat_order, spot=spot
                ),
                "not_unique",
            )


def _why_no_companion(place: Place, of: Place | None) -> str:
    """What is wrong with the seat that it says it goes with; empty when nothing is."""
    if of is None:
        return gettext("There is no seat {companion_of}.").format(companion_of=place.companion_of)
    if not place.companion:
        return gettext("A seat that goes with another is a companion seat.")
    if not of.accessible:
        return gettext("Seat {label} is not accessible.").format(label=of.label)
    return gettext("A seat does not go with itself.") if of is place else ""
