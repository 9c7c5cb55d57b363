"""What ticketing stores about a person, and how it is erased while the books stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from orders.models import Order
from ticketing import forgetting
from ticketing.attendees import keeping
from ticketing.boxoffice.models import Comp, DoorSale
from ticketing.models import Scan, Ticket
from ticketing.transfers.models import TicketTransfer
from ticketing.waitingroom.models import WaitingRoomEntry
from ticketing.waitlist import line
from ticketing.waitlist.models import WaitlistEntry


def export(user: Any) -> dict[str, Any]:
    """The tickets the person holds or bought, and what the person did at doors and counters as staff.

    No codes: an export is kept where tickets should not be.
    """
    lines = WaitlistEntry.objects.filter(user=user).order_by("created_at")
    places = WaitingRoomEntry.objects.filter(user=user).order_by("created_at")
    scans = Scan.objects.filter(scanned_by=user).order_by("created_at")
    sales = DoorSale.objects.filter(sold_by=user).order_by("created_at")
    comps = Comp.objects.filter(given_by=user).order_by("created_at")
    return {
        "held_or_bought": [_shown(ticket, user) for ticket in _tickets(user)],
        "offered": [_offer(transfer) for transfer in TicketTransfer.objects.of(user).with_ticket()],
        "waited_for": list(lines.values("ticket_type__event__name", "quantity", "status", "created_at")),
        "door_sales_made": list(sales.values("created_at", "order__number", "method", "terminal_reference")),
        "comps_given": list(comps.values("created_at", "order__number", "reason")),
        "waiting_rooms": list(places.values("room__event__name", "status", "created_at", "admitted_at", "ended_at")),
        "scans_made": list(scans.values("scanned_at", "event_id", "gate", "method", "result", "reason")),
    }


def erase(user: Any, now: datetime) -> None:
    """Take the names off the person's tickets, and what they answered; tickets and scans stay, as the books must."""
    theirs = Q(holder=user) | Q(order__user=user, holder=None)
    keeping.forget(Ticket.objects.filter(theirs).values("pk"))
    keeping.forget_in_lines(Order.objects.filter(user=user).values("pk"))
    Ticket.objects.filter(theirs).exclude(holder_name="").update(holder_name="")
    for entry in WaitlistEntry.objects.with_type().waiting().filter(user=user):
        line.leave(entry, None, now)
    rooms = WaitingRoomEntry.objects.filter(user=user)
    rooms.present().update(status=WaitingRoomEntry.Status.LEFT, ended_at=now)
    rooms.exclude(buyer_key="").update(buyer_key="")
    forgetting.forget_offers(TicketTransfer.objects.filter(offered_by=user), now)
    TicketTransfer.objects.meant_for(user).update(to_email="", to_phone="", message="")


def _offer(transfer: TicketTransfer) -> dict[str, Any]:
    return {
        "ticket": transfer.ticket.number,
        "to": transfer.to,
        "status": transfer.status,
        "created_at": transfer.created_at,
        "decided_at": transfer.decided_at,
    }


def _tickets(user: Any) -> Any:
    return Ticket.objects.of(user).with_event().prefetch_related("answers__question")


def _shown(ticket: Ticket, user: Any) -> dict[str, Any]:
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
        "entry_slot": ticket.slot.starts_at if ticket.slot else None,
        # Who comes with a ticket that was handed on is its holder's to know.
        "attendee": keeping.export(ticket) if ticket.is_of(user) else None,
    }
