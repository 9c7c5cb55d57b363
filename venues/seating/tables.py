"""Seats out of a spreadsheet: a row for each, recognised by its label; the plan's seats become those of the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts.grants import Permission
from trufan.lib import escapes
from trufan.lib.errors import DomainError
from trufan.lib.importing.reports import Deed, Report, change
from trufan.lib.importing.rows import Column, Row
from trufan.lib.importing.running import Importer
from trufan.lib.words import lazy as _
from venues.seating import importing
from venues.seating.layouts import MAX_SEATS, Place
from venues.seating.models import SeatingPlan

#: Where the rules say that something is wrong: `lines[17].x`.
_PATH = re.compile(r"lines\[(?P<row>[0-9]+)\](?:\.(?P<column>\w+))?")
_DECIMAL_COMMA = re.compile(r"(-?[0-9]+),([0-9]+)")
_LENGTHS = ("x", "y")


class SeatImporter(Importer):
    name = "seats"
    title = _("Import seats")
    target_label = _("Seating plan")
    recognised = _(
        "A row for each seat, recognised by its label: section, row and number with dashes between, unless the file "
        "says otherwise. The file is all of the plan: seats that it leaves out are removed, unless they are in use."
    )
    permission = Permission.MANAGE_EVENTS
    max_rows = MAX_SEATS
    columns = (
        Column("section", _("Its name; a new one is added to the plan."), True, "Stalls"),
        Column("row", _("As on the ticket."), True, "A"),
        Column("number", _("As on the ticket."), True, "12"),
        Column("label", _("What tells the seat from all others."), False, "STALLS-A-12"),
        Column("x", _("Metres to the right of the plan's middle."), True, "1.5"),
        Column("y", _("Metres down, away from the stage."), True, "8.25"),
        Column("row_order", _("As which row it counts from the stage; empty: as it comes."), False, "1"),
        Column("seat_order", _("As which seat of its row it counts; empty: as it comes."), False, "12"),
        Column("accessible", _("yes or no: a wheelchair place."), False, "no"),
        Column("companion", _("yes or no: beside one."), False, "no"),
        Column("restricted_view", _("yes or no."), False, "no"),
        Column("companion_of", _("The label of the wheelchair place that it goes with."), False, ""),
    )

    def targets(self, now: datetime) -> QuerySet[SeatingPlan]:
        return SeatingPlan.objects.filter(is_active=True).select_related("venue").order_by("venue__name", "name")

    def put(self, target: SeatingPlan, rows: Sequence[Row], report: Report, *, by: Any, now: datetime) -> None:
        if report.problems:
            return
        read = [(row.number, {name: _value(name, value) for name, value in row.values.items() if name}) for row in rows]
        try:
            before, after = importing.replace_from_rows(target, read, by)
        except DomainError as refusal:
            _refuse(report, refusal)
            return
        was = {place.label: place for place in before}
        for row, place in zip(rows, after, strict=True):
            old = was.pop(place.label, None)
            changes = _changes(old, place) if old else []
            deed = Deed.MADE if old is None else Deed.CHANGED if changes else Deed.SAME
            report.did(row.number, deed, place.label, changes)
        for label in was:
            report.did(None, Deed.REMOVED, label)


def _value(name: str, value: Any) -> Any:
    """As the rules of seats take it: whole numbers without a point, a point in all others."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if name not in _LENGTHS and isinstance(value, float):
        return str(value)
    if not isinstance(value, str):
        return value
    if name in _LENGTHS and (comma := _DECIMAL_COMMA.fullmatch(value.strip())):
        return ".".join(comma.groups())
    return escapes.undone(value)


def _refuse(report: Report, refusal: DomainError) -> None:
    """At its row and column what is wrong there, and the rest of the file as a whole."""
    if not refusal.details or len(refusal.details) > 1:
        report.wrong(None, "", refusal.message)
    for detail in refusal.details:
        place = _PATH.fullmatch(detail.field)
        row = int(place["row"]) if place else None
        report.wrong(row, (place["column"] or "") if place else "", detail.message)


def _changes(old: Place, new: Place) -> list[str]:
    names = [each.name for each in fields(Place)]
    return [
        change(name, _shown(getattr(old, name)), _shown(getattr(new, name)))
        for name in names
        if getattr(old, name) != getattr(new, name)
    ]


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return value


IMPORTER = SeatImporter()
