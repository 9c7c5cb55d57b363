"""The proof of the counters of tickets, for `manage.py check_inventory`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Sum

from events.models import Event
from orders.inventory_check import Difference, total, with_lines
from ticketing.models import Ticket, TicketType


def differences() -> Iterator[Difference]:
    """Every counter that is wrong.

    Beside what the lines say, `sold` is as many live tickets; what an event has allocated is the sum of its ticket
    types.
    """
    for row in _ticket_types().iterator():
        name = f"{row.name}, {row.event.name}"
        for counter, counted, of, found in (
            ("held", row.held, "lines", row.held_lines),
            ("sold", row.sold, "lines", row.fulfilled_lines),
            ("sold", row.sold, "tickets", row.live_tickets),
        ):
            if counted != found:
                yield Difference("ticket type", row.pk, name, counter, counted, of, found)
    for event in _events().iterator():
        yield Difference("event", event.pk, event.name, "allocated", event.allocated, "ticket types", event.quantities)


def _ticket_types() -> QuerySet[Any]:
    tickets = Ticket.objects.live().filter(ticket_type=OuterRef("pk")).order_by()
    return (
        with_lines(TicketType).select_related("event").annotate(live_tickets=total(tickets, "ticket_type", Count("pk")))
    )


def _events() -> QuerySet[Any]:
    types = TicketType.objects.filter(event=OuterRef("pk"))
    return Event.objects.annotate(quantities=total(types, "event", Sum("quantity"))).exclude(allocated=F("quantities"))
