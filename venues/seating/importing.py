"""Replacing the seats of a plan by a file: read and checked as a whole, then written as a whole or not at all."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from rest_framework.exceptions import ParseError

from audit.trail import record
from trufan.lib.errors import Invalid, Malformed
from trufan.lib.parsers import StrictJSONParser
from venues.seating import exporting, placing, plans, reading
from venues.seating.errors import SeatingPlanRetired
from venues.seating.layouts import Layout, Place
from venues.seating.models import SeatingPlan


def replace_from_json(plan: SeatingPlan, data: dict[str, Any], by: Any) -> SeatingPlan:
    """Give the plan the sections and seats of a JSON object, as `exporting.as_json` writes it.

    Seats are known by their label: those that stay keep their id. Raises `Invalid` with up to a hundred problems,
    `SeatsInUse` where a seat that is used would go, and `SeatingPlanRetired`.
    """
    return _replace(plan, lambda locked: reading.from_json(data), by)


def replace_from_csv(plan: SeatingPlan, content: bytes, by: Any) -> SeatingPlan:
    """Give the plan the seats of a CSV file in UTF-8, as `exporting.as_csv` writes it. Raises as from JSON."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(gettext("The file is not UTF-8. Save it as “CSV UTF-8”.")) from None
    return _replace(plan, lambda locked: reading.from_csv(text, exporting.areas_of(locked)), by)


def replace_from_rows(
    plan: SeatingPlan, rows: list[tuple[int, dict[str, Any]]], by: Any
) -> tuple[list[Place], list[Place]]:
    """Give the plan the seats of rows that are read already; what its seats were, and are, in the order of rows.

    Raises as from CSV.
    """
    before: list[Place] = []
    after: list[Place] = []

    def read(locked: SeatingPlan) -> Layout:
        layout = reading.from_rows(rows, exporting.areas_of(locked))
        before.extend(exporting.layout_of(locked).places)
        after.extend(layout.places)
        return layout

    _replace(plan, read, by)
    return before, after


def replace_from_file(plan: SeatingPlan, content: bytes, by: Any) -> SeatingPlan:
    """Whichever of the two the file is. Raises as they do, and `Malformed` for what begins as JSON and is none."""
    if not content.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{"):
        return replace_from_csv(plan, content, by)
    try:
        data = StrictJSONParser().parse(io.BytesIO(content.removeprefix(codecs.BOM_UTF8)))
    except ParseError as problem:
        raise Malformed(str(problem.detail)) from problem
    return replace_from_json(plan, data, by)


def _replace(plan: SeatingPlan, read: Callable[[SeatingPlan], Layout], by: Any) -> SeatingPlan:
    with transaction.atomic():
        plan = plans.locked(plan.pk)
        if not plan.is_active:
            raise SeatingPlanRetired
        layout = read(plan)
        done = placing.place(plan, layout)
        plan.version += 1
        if layout.stage is not None:
            plan.stage_x, plan.stage_y = layout.stage
        plan.save()
        record(
            "seating_plan.seats_replaced",
            plan,
            old={"version": plan.version - 1},
            new={"version": plan.version, **done},
            actor=by,
            venue_id=plan.venue_id,
        )
    return plan
