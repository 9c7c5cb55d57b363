"""Which seats a venue has, as far as its configuration says: `{"sections": [{"name", "rows": [{"name", "seats"}]}]}`.

`seats` is how many seats a row has, numbered from 1, or the list of their names. A section may leave its `rows` out and
a row its `seats`: then nobody knows them, and every name is taken. Names are compared in capitals.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from venues.models import Venue


def why_not(venue: Venue, section: str, row: str, seat: str) -> tuple[str, str] | None:
    """What is wrong with this place, as `(section | row | seat, words)`; None where nothing is known against it."""
    sections = _named(venue.configuration.get("sections"))
    if not sections:
        return None
    if section.upper() not in sections:
        return "section", gettext("There is no section {section} here.").format(
            section=section
        ) if section else gettext("Say in which section.")
    rows = _named(sections[section.upper()].get("rows"))
    if not rows:
        return None
    if row.upper() not in rows:
        return "row", gettext("Section {section} has no row {row}.").format(
            section=section, row=row
        ) if row else gettext("Say in which row.")
    seats = _seats(rows[row.upper()].get("seats"))
    if seats is not None and seat.upper() not in seats:
        return "seat", gettext("Row {row} of section {section} has no seat {seat}.").format(
            row=row, section=section, seat=seat
        ) if seat else gettext("Say which seat.")
    return None


def _named(parts: Any) -> dict[str, dict[str, Any]]:
    """Name → part. What is not as described above tells nothing: the configuration is the venue's own JSON."""
    if not isinstance(parts, list):
        return {}
    return {str(part["name"]).upper(): part for part in parts if isinstance(part, dict) and "name" in part}


def _seats(seats: Any) -> set[str] | None:
    if isinstance(seats, bool):
        return None
    if isinstance(seats, int):
        return {str(number) for number in range(1, seats + 1)}
    return {str(name).upper() for name in seats} if isinstance(seats, list) else None
