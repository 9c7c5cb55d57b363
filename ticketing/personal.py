"""What ticketing stores about a person, and how it is erased while the books stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from ticketing.models import Scan, Ticket


def export(user: Any) -> dict[str, Any]:
    """The tickets the person holds or bought, and what the person did at doors as staff.

    No codes: an export is kept where tickets should not be.
    """
    scans = Scan.objects.filter(scanned_by=user).order_by("created_at")
    return {
        "held_or_bought": [_shown(ticket) for ticket in Ticket.objects.of(user).with_event()],
        "scans_made": list(scans.values("scanned_at", "event_id", "gate", "method", "result", "reason")),
    }


def erase(user: Any, now: datetime) -> None:
    """Take the name off the person's tickets; tickets and scans stay, as the books must."""
    theirs = Q(holder=user) | Q(order__user=user, holder=None)
    Ticket.objects.filter(theirs).exclude(holder_name="").update(holder_name="")


def _shown(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "event": ticket.event.name,
        "starts_at": ticket.event.starts_at,
        "ticket_type": ticket.ticket_type.name,
        "seat": ticket.seat,
        "holder_name": ticket.holder_name,
        "status": ticket.status,
        "used_at": ticket.used_at,
        "used_gate": ticket.used_gate,
    }
