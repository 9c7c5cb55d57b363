"""A day of attendance from tickets and scans, by the rules of the door (`ticketing.door.counts`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Min
from django.db.models.functions import ExtractHour

from events.models import Event
from reports.attendance.models import AttendanceDay
from reports.rollups.base import VenueDay
from ticketing.models import Scan, Ticket


class _At(NamedTuple):
    event_id: UUID
    ticket_type_id: UUID | None
    gate: str = ""
    hour: int = -1
    reason: str = ""


def first_at(venue_id: UUID) -> datetime | None:
    return Event.objects.filter(venue_id=venue_id).aggregate(at=Min("starts_at"))["at"]


def last_at(venue_id: UUID) -> datetime | None:
    """An evening counts on the day of its event, also before it has come."""
    return Event.objects.filter(venue_id=venue_id).aggregate(at=Max("starts_at"))["at"]


def compute(day: VenueDay) -> list[AttendanceDay]:
    """The rows of one day; three queries, and two that group."""
    events = list(Event.objects.filter(day.on("starts_at"), venue_id=day.venue_id).values_list("pk", flat=True))
    sums: dict[_At, Counter[str]] = defaultdict(Counter)
    live = Ticket.objects.filter(event__in=events, status__in=[Ticket.Status.VALID, Ticket.Status.USED]).order_by()
    for event, kind, number in live.values_list("event_id", "ticket_type_id").annotate(number=Count("pk")):
        sums[_At(event, kind)]["sold"] += number
    used: Any = live.filter(status=Ticket.Status.USED)
    hour = ExtractHour("used_at", tzinfo=day.zone)
    came = used.values_list("event_id", "ticket_type_id", "used_gate", hour).annotate(number=Count("pk"))
    for event, kind, gate, at, number in came:
        sums[_At(event, kind, gate, at)]["arrived"] += number
    scans: Any = Scan.objects.filter(event__in=events, result=Scan.Result.REFUSED).order_by()
    when = ExtractHour("scanned_at", tzinfo=day.zone)
    turned = scans.values_list("event_id", "ticket__ticket_type_id", "gate", when, "reason")
    for event, kind, gate, at, reason, number in turned.annotate(number=Count("pk")):
        sums[_At(event, kind, gate, at, reason)]["refused"] += number
    return [
        AttendanceDay(venue_id=day.venue_id, day=day.day, currency=day.currency, **at._asdict(), **found)
        for at, found in sums.items()
    ]
