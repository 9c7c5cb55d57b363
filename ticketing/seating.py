"""Giving a ticket its seat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from audit.trail import record
from ticketing.errors import SeatTaken, TicketRefunded
from ticketing.models import Ticket
from ticketing.seats import giving
from trufan.lib.errors import Invalid

MAX_LABEL = 40


def assign(ticket: Ticket, seat: str, by: Any, now: datetime) -> Ticket:
    """Put the ticket on the seat of that label (in capitals, so that a-12 is A-12), or with an empty label on none.

    Where the event has numbered seats, the label is one of its ticket type, and free. Raises `SeatTaken` when another
    live ticket of the event has it, `TicketRefunded`, `Invalid`.
    """
    seat = " ".join(seat.split()).upper()
    if len(seat) > MAX_LABEL:
        raise Invalid.field("seat", f"A seat's label has at most {MAX_LABEL} characters.", "max_length")
    with transaction.atomic():
        ticket = Ticket.objects.with_event().select_for_update(of=("self",)).get(pk=ticket.pk)
        if ticket.status == Ticket.Status.REFUNDED:
            raise TicketRefunded
        before = ticket.seat
        if seat == before:
            return ticket
        giving.move(ticket, seat)
        _sit(ticket, seat)
        record(
            "ticket.seat_assigned",
            ticket,
            old={"seat": before},
            new={"seat": seat, "assigned_at": now},
            actor=by,
            venue_id=ticket.event.venue_id,
        )
    return ticket


def _sit(ticket: Ticket, seat: str) -> None:
    """The unique constraint decides who has the seat."""
    ticket.seat = seat
    try:
        with transaction.atomic():
            ticket.save(update_fields=["seat", "updated_at"])
    except IntegrityError:
        if Ticket.objects.live().filter(event=ticket.event_id, seat=seat).exclude(pk=ticket.pk).exists():
            raise SeatTaken(gettext("Another ticket has seat {seat}.").format(seat=seat)) from None
        raise
