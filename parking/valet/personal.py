"""What the valet stores about a person, and how it is erased while the books stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from parking.valet import evidence
from parking.valet.models import ValetIncident, ValetPhoto, ValetTicket


def export(user: Any) -> dict[str, Any]:
    """The person's cars in our hands with what happened to them, and what the person did as staff."""
    rows = ValetTicket.objects.filter(session__user=user).select_related("lot").prefetch_related("incidents")
    return {
        "cars": [_shown(row) for row in rows.order_by("created_at")],
        "cars_taken": list(ValetTicket.objects.filter(taken_by=user).values("number", "lot_id", "created_at")),
        "incidents_reported": list(ValetIncident.objects.filter(reported_by=user).values("happened_at", "words")),
    }


def erase(user: Any, now: datetime) -> None:
    """What the car looks like goes; of one that is still there, or that something happened to, with the time."""
    theirs = ValetTicket.objects.filter(session__user=user, ended_at__isnull=False)
    theirs.filter(incidents=None).update(vehicle="", notes="")
    evidence.erase(ValetPhoto.objects.filter(ticket__in=theirs, ticket__incidents=None))


def _shown(row: ValetTicket) -> dict[str, Any]:
    return {
        "number": row.number,
        "lot": row.lot.name,
        "vehicle": row.vehicle,
        "notes": row.notes,
        "status": row.status,
        "taken_at": row.created_at,
        "ended_at": row.ended_at,
        "incidents": [{"happened_at": each.happened_at, "words": each.words} for each in row.incidents.all()],
    }
