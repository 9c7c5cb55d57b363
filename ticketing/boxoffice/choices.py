"""What a counter offers beside counts: free seats to point at, sections for the best ones, and times to come in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils.formats import date_format

from events.models import Event
from ticketing.models import EntrySlot, EventSeat

#: So many free seats are drawn; of larger houses the labels are typed, or the best seats taken.
MOST_DRAWN = 1_500
#: So many times are offered, the next ones first.
MOST_SLOTS = 60


def seats(event: Event) -> dict[UUID, dict[str, Any]]:
    """By ticket type its sections and, where they are few enough to be drawn, its free seats by section and row."""
    free = EventSeat.objects.filter(event=event, status=EventSeat.Status.FREE, ticket_type__isnull=False)
    found: defaultdict[UUID, dict[str, Any]] = defaultdict(lambda: {"sections": [], "rows": []})
    for kind, section in free.order_by("ticket_type", "section").values_list("ticket_type", "section").distinct():
        found[kind]["sections"].append(section)
    if not found:
        return {}
    drawn = list(free.order_by("position").values_list("ticket_type", "section", "row", "number", "label", "accessible")
                 [: MOST_DRAWN + 1])  # fmt: skip
    if len(drawn) <= MOST_DRAWN:
        for (kind, section, row), group in groupby(drawn, key=lambda seat: seat[:3]):
            found[kind]["rows"].append({"section": section, "row": row, "seats": _seats(group)})
    return dict(found)


def _seats(rows: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [{"number": number, "label": label, "accessible": accessible} for *_, number, label, accessible in rows]


def slots(event: Event, now: datetime) -> list[dict[str, Any]]:
    """Those that one may still come to and that have room, by the venue's clock."""
    zone = event.venue.zone
    found = EntrySlot.objects.filter(event=event).open(now).order_by("starts_at")[:MOST_SLOTS]
    return [
        {"id": str(slot.pk), "label": date_format(slot.starts_at.astimezone(zone), "D d M, H:i"), "left": slot.left}
        for slot in found
    ]
