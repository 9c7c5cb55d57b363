"""The plans of a venue: drawn up, renamed, retired. What their seats are stands in `importing.py`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.trail import record
from trufan.lib.errors import Invalid
from trufan.lib.printable import is_printable
from venues.models import Venue
from venues.seating.errors import SeatingPlanNameTaken
from venues.seating.models import SeatingPlan

_AUDITED = ("name", "stage_x", "stage_y", "is_active")


def create(venue: Venue, by: Any, **fields: Any) -> SeatingPlan:
    """A plan without seats yet; `fields` are its name and its stage. Raises `SeatingPlanNameTaken`."""
    with transaction.atomic():
        plan = SeatingPlan(venue=venue, **fields)
        _save(plan)
        record("seating_plan.created", plan, new=_values(plan), actor=by, venue_id=venue.pk)
    return plan


def change(plan: SeatingPlan, by: Any, **fields: Any) -> SeatingPlan:
    """Change a plan's name, its stage, or whether it may be used. Raises `SeatingPlanNameTaken`."""
    with transaction.atomic():
        plan = locked(plan.pk)
        before = _values(plan)
        for name, value in fields.items():
            setattr(plan, name, value)
        if _values(plan) != before:
            _save(plan)
            record("seating_plan.changed", plan, old=before, new=_values(plan), actor=by, venue_id=plan.venue_id)
    return plan


def retire(plan: SeatingPlan, by: Any) -> SeatingPlan:
    """No new event is sold by it. Those that are keep it, and it can be brought back. Safe to repeat."""
    return change(plan, by, is_active=False)


def locked(plan_id: UUID) -> SeatingPlan:
    """The plan, whose seats stay as they are until the transaction ends.

    A whole lock: a row that is about to refer to the plan waits for it, too.
    """
    return SeatingPlan.objects.select_for_update(of=("self",)).select_related("venue").get(pk=plan_id)


def _save(plan: SeatingPlan) -> None:
    if not is_printable(plan.name):
        raise Invalid.field("name", "One line without control characters.")
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError:
        raise SeatingPlanNameTaken from None


def _values(plan: SeatingPlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in _AUDITED}
