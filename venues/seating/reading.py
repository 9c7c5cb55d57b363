"""A layout out of JSON or CSV. Whatever is wrong with it is found in one reading and said at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext

from trufan.lib import escapes
from venues.seating.cells import Cells, length
from venues.seating.checking import SeatCheck
from venues.seating.layouts import COLUMNS, MAX_CORNERS, MAX_SEATS, MAX_SECTIONS, MAX_STANDING, Area, Layout
from venues.seating.models import REACH
from venues.seating.problems import Problems

_NAME = 40
_SECTION = ("name", "kind", "capacity", "outline", "seats")
_NEEDED = ("section", "row", "number", "x", "y")


def from_json(data: dict[str, Any]) -> Layout:
    """The layout that a JSON object describes. Raises `Invalid` with all that is wrong."""
    problems = Problems()
    seats = SeatCheck(problems)
    top = Cells(data, "", problems)
    top.known_alone(("stage", "sections"))
    sections = data.get("sections")
    if not isinstance(sections, list):
        problems.add("sections", gettext("A list of sections."), "required" if sections is None else "invalid")
        sections = []
    if len(sections) > MAX_SECTIONS:
        problems.add(
            "sections",
            gettext("A plan has at most {max_sections} sections.").format(max_sections=MAX_SECTIONS),
            "too_many",
        )
    areas = [_area(section, f"sections[{at}]", problems, seats) for at, section in enumerate(sections[:MAX_SECTIONS])]
    names: set[str] = set()
    for at, area in enumerate(areas):
        if area.name and area.name in names:
            problems.add(
                f"sections[{at}].name", gettext("There are two sections {name}.").format(name=area.name), "not_unique"
            )
        names.add(area.name)
    stage = _stage(data["stage"], problems) if data.get("stage") is not None else None
    seats.finish()
    problems.refuse()
    return Layout(areas, seats.places, stage)


def from_csv(text: str, known: Iterable[Area]) -> Layout:
    """The layout that a CSV file's seats make with the sections that are `known`.

    A file of seats says nothing of outlines and of standing people: sections that it names keep their outline, those
    where people stand stay, seated ones without seats go, new names come last. Raises `Invalid` with all that is wrong.
    """
    problems = Problems()
    return _seated(_lines(text, problems), known, problems)


def from_rows(rows: Iterable[tuple[int, dict[str, Any]]], known: Iterable[Area]) -> Layout:
    """The same of rows that are read already: each with its number in the file, and its values by column."""
    problems = Problems()
    return _seated((Cells(values, f"lines[{number}]", problems) for number, values in rows), known, problems)


def _seated(lines: Iterable[Cells], known: Iterable[Area], problems: Problems) -> Layout:
    seats = SeatCheck(problems)
    areas = {area.name: area for area in known}
    used: set[str] = set()
    for cells in lines:
        name = cells.text("section", _NAME)
        if name and areas.setdefault(name, Area(name)).is_standing:
            cells.wrong("section", gettext("In section {name} people stand.").format(name=name))
        used.add(name)
        seats.take(name, cells)
    seats.finish()
    left = [area for area in areas.values() if area.is_standing or area.name in used]
    if len(left) > MAX_SECTIONS:
        problems.add(
            "section",
            gettext("A plan has at most {max_sections} sections.").format(max_sections=MAX_SECTIONS),
            "too_many",
        )
    problems.refuse()
    return Layout(left, seats.places)


def _lines(text: str, problems: Problems) -> Iterable[Cells]:
    """The lines after the first as values by the names in it."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    columns = ("section", *COLUMNS)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        heading = Cells(dict.fromkeys(filter(None, names)), "lines[1]", problems)
        heading.known_alone(columns)
        for name in _NEEDED:
            if name not in names:
                problems.add(
                    f"lines[1].{name}",
                    gettext("The first line names the columns; {name} is missing.").format(name=name),
                    "required",
                )
        if len(set(names)) < len(names):
            problems.add("lines[1]", gettext("Name each column once, separated by commas."))
        if problems.count:
            return
        for count, values in enumerate(row for row in reader if any(row)):
            path = f"lines[{reader.line_num}]"
            if len(values) > len(names):
                problems.add(
                    path,
                    gettext("This line has {count} values for {count2} columns.").format(
                        count=len(values), count2=len(names)
                    ),
                )
            if count > MAX_SEATS:
                problems.add(
                    path, gettext("A plan has at most {max_seats} seats.").format(max_seats=MAX_SEATS), "too_many"
                )
                return
            yield Cells(dict(zip(names, map(escapes.undone, values), strict=False)), path, problems)
    except csv.Error as mistake:
        problems.add(
            f"lines[{reader.line_num}]", gettext("This is not CSV: {mistake}.").format(mistake=mistake), "malformed"
        )


def _area(section: Any, path: str, problems: Problems, seats: SeatCheck) -> Area:
    """A section, whose seats go on to `seats`."""
    if not isinstance(section, dict):
        problems.add(path, gettext("An object that describes a section."))
        return Area("")
    cells = Cells(section, path, problems)
    cells.known_alone(_SECTION)
    name = cells.text("name", _NAME)
    is_standing = section.get("kind", "seated") == "standing"
    if section.get("kind", "seated") not in ("seated", "standing"):
        cells.wrong("kind", gettext("seated or standing."))
    capacity = _capacity(cells, is_standing)
    for at, seat in enumerate(_listed(cells, is_standing)):
        _seat(seat, name, f"{path}.seats[{at}]", problems, seats)
    return Area(name, is_standing, capacity, _outline(cells))


def _listed(cells: Cells, is_standing: bool) -> list[Any]:
    """The section's seats, none of them read yet."""
    seats = cells.values.get("seats", [])
    if not isinstance(seats, list):
        cells.wrong("seats", gettext("A list of seats."))
    elif is_standing and seats:
        cells.wrong("seats", gettext("Where people stand there are no seats."))
    elif not is_standing and not seats:
        cells.wrong("seats", gettext("A section where people sit has seats."), "required")
    else:
        return seats
    return []


def _seat(seat: Any, section: str, path: str, problems: Problems, seats: SeatCheck) -> None:
    if not isinstance(seat, dict):
        problems.add(path, gettext("An object that describes a seat."))
        return
    cells = Cells(seat, path, problems)
    cells.known_alone(COLUMNS)
    seats.take(section, cells)


def _capacity(cells: Cells, is_standing: bool) -> int:
    least, most = (1, MAX_STANDING) if is_standing else (0, 0)
    capacity = cells.whole("capacity", least, most)
    if is_standing and cells.values.get("capacity") in (None, ""):
        cells.wrong("capacity", gettext("How many people may stand there."), "required")
    return capacity or 0


def _outline(cells: Cells) -> list[list[float]]:
    """The corners, each [x, y] in metres; none is no outline."""
    given = cells.values.get("outline", [])
    if not isinstance(given, list) or len(given) > MAX_CORNERS or 0 < len(given) < 3:
        cells.wrong(
            "outline", gettext("A list of 3 to {max_corners} corners, or an empty one.").format(max_corners=MAX_CORNERS)
        )
        return []
    corners = []
    for at, corner in enumerate(given):
        x, y = map(length, corner) if isinstance(corner, list) and len(corner) == 2 else (None, None)
        if x is None or y is None:
            cells.wrong(f"outline[{at}]", gettext("[x, y] in metres, from -{reach} to {reach}.").format(reach=REACH))
        else:
            corners.append([x, y])
    return corners


def _stage(stage: Any, problems: Problems) -> tuple[float, float] | None:
    if not isinstance(stage, dict):
        problems.add("stage", gettext("An object with x and y."))
        return None
    cells = Cells(stage, "stage", problems)
    cells.known_alone(("x", "y"))
    return cells.metres("x"), cells.metres("y")
