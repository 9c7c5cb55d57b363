"""The door in numbers as they move: read from where tickets stand now, not from the history of scans."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import TruncMinute

from events.models import Event
from ticketing.models import Scan, Ticket, TicketType

#: How many minutes are counted one by one.
MINUTES = 60
_LIVE = (Ticket.Status.VALID, Ticket.Status.USED)


def count(event: Event, now: datetime) -> dict[str, Any]:
    """All numbers of an event's door, in four queries.

    Tickets are grouped once, by an index that holds all that is asked of them; minutes and conflicts are read from the
    ends of theirs.
    """
    groups = _groups(event.pk)
    types = TicketType.objects.filter(event=event).order_by("position", "name").values_list("pk", "name")
    minutes = _minutes(event.pk, now)
    return {
        "event": event.pk,
        "at": now,
        **_sums(groups),
        "conflicts": conflicts(event.pk),
        "by_ticket_type": [
            {"id": pk, "name": name, **_sums(row for row in groups if row["ticket_type"] == pk)} for pk, name in types
        ],
        "by_gate": _gates(groups),
        "per_minute": minutes,
    }


def in_short(event_id: UUID) -> dict[str, int]:
    """What everybody who watches the door is told; two queries."""
    return {**_sums(_groups(event_id)), "conflicts": conflicts(event_id)}


def conflicts(event_id: UUID) -> int:
    return Scan.objects.conflicts().filter(event=event_id).count()


def _groups(event_id: UUID) -> list[dict[str, Any]]:
    rows = Ticket.objects.filter(event=event_id).order_by()
    grouped: Any = rows.values("ticket_type", "status", "inside", "used_gate").annotate(number=Count("pk"))
    return list(grouped)


def _sums(groups: Any) -> dict[str, int]:
    """`sold`: admits or has admitted; `arrived` of them; `inside` now, a refunded one who is still there too."""
    found: Counter[str] = Counter(sold=0, arrived=0, inside=0)
    for row in groups:
        found["sold"] += row["number"] if row["status"] in _LIVE else 0
        found["arrived"] += row["number"] if row["status"] == Ticket.Status.USED else 0
        found["inside"] += row["number"] if row["inside"] else 0
    return dict(found)


def _gates(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_gate: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in groups:
        if row["status"] == Ticket.Status.USED:
            by_gate[row["used_gate"]].append(row)
    return [{"gate": gate, "arrived": _sums(rows)["arrived"]} for gate, rows in sorted(by_gate.items())]


def _minutes(event_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """The last minutes, oldest first, the one that runs too: how many went in, out, and were refused."""
    this = now.replace(second=0, microsecond=0)
    first = this - timedelta(minutes=MINUTES - 1)
    rows: Any = Scan.objects.filter(event=event_id, scanned_at__gte=first, undoes=None, undone_by=None).order_by()
    grouped: Any = rows.values(minute=TruncMinute("scanned_at")).values("minute", "result", "direction")
    counted = grouped.annotate(number=Count("pk"))
    found = {(row["minute"], row["result"], row["direction"]): row["number"] for row in counted}
    accepted, refused = Scan.Result.ACCEPTED.value, Scan.Result.REFUSED.value

    def of(minute: datetime, result: str, *directions: str) -> int:
        return sum(found.get((minute, result, direction), 0) for direction in directions)

    return [
        {
            "minute": minute,
            "came_in": of(minute, accepted, "in"),
            "went_out": of(minute, accepted, "out"),
            "refused": of(minute, refused, "in", "out"),
        }
        for minute in (first + timedelta(minutes=number) for number in range(MINUTES))
    ]
