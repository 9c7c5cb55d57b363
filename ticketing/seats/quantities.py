"""The quantity of a ticket type with seats is the number of its seats that are not kept from sale."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Count

from events.models import Event
from ticketing import ticket_types
from ticketing.models import EventSeat, TicketType


def recount(event: Event, types: Collection[UUID], by: Any) -> None:
    """Set the quantities of these types, whose rows and whose event are locked.

    Those that shrink go first, so that the event has room for those that grow. Raises `CapacityExceeded`,
    `QuantityTooSmall`.
    """
    seats = EventSeat.objects.counted().filter(ticket_type__in=types).order_by()
    counts = dict(seats.values_list("ticket_type").annotate(count=Count("pk")))
    rows = TicketType.objects.select_related("event").filter(pk__in=types)
    more = {row: counts.get(row.pk, 0) - row.quantity for row in rows}
    for row in sorted(more, key=lambda row: (more[row] > 0, row.pk)):
        if more[row]:
            ticket_types.change(row, by, by_seats=True, quantity=row.quantity + more[row])
