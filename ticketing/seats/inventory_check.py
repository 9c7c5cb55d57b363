"""The proof of the seats, for `manage.py check_inventory`: the counters of their ticket types say what they say."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q

from orders.inventory_check import Difference
from ticketing.models import EventSeat, TicketType


def differences() -> Iterator[Difference]:
    """Every counter of a ticket type with seats that is wrong, and every sold seat whose ticket is not on it."""
    kept = Q(seats__status__in=["blocked", "house"])
    types = TicketType.objects.filter(Exists(EventSeat.objects.filter(ticket_type=OuterRef("pk"))))
    for row in (
        types.select_related("event")
        .annotate(
            seats_counted=Count("seats", filter=~kept),
            seats_held=Count("seats", filter=Q(seats__status="held")),
            seats_sold=Count("seats", filter=Q(seats__status="sold")),
        )
        .iterator()
    ):
        name = f"{row.name}, {row.event.name}"
        for counter, counted, found in (
            ("quantity", row.quantity, row.seats_counted),
            ("held", row.held, row.seats_held),
            ("sold", row.sold, row.seats_sold),
        ):
            if counted != found:
                yield Difference("ticket type", row.pk, name, counter, counted, "seats", found)
    yield from _wrong_tickets()


def _wrong_tickets() -> Iterator[Difference]:
    """Sold seats whose ticket names another seat, is another type's, or admits nobody any more."""
    right = Q(ticket__seat=F("label"), ticket__ticket_type=F("ticket_type"), ticket__status__in=["valid", "used"])
    sold = EventSeat.objects.filter(status="sold").select_related("event")
    for seat in sold.exclude(right, order_item=F("ticket__order_item")).iterator():
        name = f"{seat.label}, {seat.event.name}"
        yield Difference("seat", seat.pk, name, "tickets", 1, "tickets that are valid on it", 0)
