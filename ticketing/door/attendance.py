"""Who has come so far, in numbers."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from events.models import Event
from ticketing.models import Scan, Ticket, TicketType

_LIVE = Q(tickets__status__in=[Ticket.Status.VALID, Ticket.Status.USED])
_USED = Q(tickets__status=Ticket.Status.USED)


def count(event: Event) -> dict[str, Any]:
    """The event's numbers, in three queries: tickets by type, entries by gate, scans that were refused."""
    types = (
        TicketType.objects.filter(event=event)
        .annotate(issued=Count("tickets", filter=_LIVE), checked_in=Count("tickets", filter=_USED))
        .order_by("position", "name")
        .values("id", "name", "issued", "checked_in")
    )
    by_type: list[dict[str, Any]] = [{**row, "remaining": row["issued"] - row["checked_in"]} for row in types]
    issued, checked_in = (sum(row[name] for row in by_type) for name in ("issued", "checked_in"))
    entered = Ticket.objects.filter(event=event, status=Ticket.Status.USED).order_by("used_gate")
    return {
        "event": event.pk,
        "capacity": event.capacity,
        "issued": issued,
        "checked_in": checked_in,
        "remaining": issued - checked_in,
        "refused_scans": Scan.objects.filter(event=event, result=Scan.Result.REFUSED).count(),
        "by_ticket_type": by_type,
        "by_gate": [
            {"gate": gate, "checked_in": number}
            for gate, number in entered.values_list("used_gate").annotate(number=Count("pk"))
        ],
    }
