"""The proof of the counters of tickets, for `manage.py check_inventory`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Sum

from events.models import Event
from orders.inventory_check import Difference, total, with_lines
from ticketing.models import HouseHold, Ticket, TicketType, WaitlistEntry
from ticketing.pricing import inventory_check as prices


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
            ("house", row.house, "house holds", row.kept),
            ("waiting", row.waiting, "people on the waiting list", row.wanted),
        ):
            if counted != found:
                yield Difference("ticket type", row.pk, name, counter, counted, of, found)
    for event in _events().iterator():
        yield Difference("event", event.pk, event.name, "allocated", event.allocated, "ticket types", event.quantities)
    yield from prices.differences()


def _ticket_types() -> QuerySet[Any]:
    tickets = Ticket.objects.live().filter(ticket_type=OuterRef("pk")).order_by()
    line = WaitlistEntry.objects.filter(ticket_type=OuterRef("pk"), status=WaitlistEntry.Status.WAITING)
    kept = HouseHold.objects.filter(ticket_type=OuterRef("pk"))
    return (
        with_lines(TicketType)
        .select_related("event")
        .annotate(
            live_tickets=total(tickets, "ticket_type", Count("pk")),
            wanted=total(line, "ticket_type", Sum("quantity")),
            kept=total(kept, "ticket_type", Sum(F("quantity") - F("released") - F("given"))),
        )
    )


def _events() -> QuerySet[Any]:
    types = TicketType.objects.filter(event=OuterRef("pk"))
    return Event.objects.annotate(quantities=total(types, "event", Sum("quantity"))).exclude(allocated=F("quantities"))
