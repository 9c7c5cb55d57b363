"""Who may reach which plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from trufan.lib.errors import Missing
from venues.permissions import require
from venues.seating.models import SeatingPlan
from venues.seating.querysets import SeatingPlanQuerySet


def plan_for(user: Any, plan_id: UUID, permission: str) -> SeatingPlan:
    """The plan, with its counts, for who holds `permission` at its venue.

    Raises `Missing` for who does not work there, `Forbidden` for who does and may not.
    """
    rows: SeatingPlanQuerySet = SeatingPlan.objects.all()
    plan = rows.visible_to(user).with_counts().select_related("venue").filter(pk=plan_id).first()
    if plan is None:
        raise Missing(gettext("There is no such seating plan."))
    require(user, permission, plan.venue)
    return plan
