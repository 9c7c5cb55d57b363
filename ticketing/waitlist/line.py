"""The line for tickets that are sold out: coming and going.

The ticket type's row is locked first, as whatever moves its counters does; `waiting` and `set_aside` move with the
entries, in the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from orders.errors import NotForSale
from ticketing.models import TicketType
from ticketing.waitlist.errors import AlreadyWaiting, NotSoldOut, NotWaiting
from ticketing.waitlist.models import WaitlistEntry
from trufan.lib.errors import Invalid

Status = WaitlistEntry.Status


def join(ticket_type: TicketType, user: Any, quantity: int, now: datetime) -> WaitlistEntry:
    """Take the last place in the line.

    Raises `NotForSale` outside of the sale, `NotSoldOut`, `AlreadyWaiting`, and `Invalid` beyond the limits per order.
    """
    if not ticket_type.event.venue.is_active or not ticket_type.is_on_sale(now):
        raise NotForSale(gettext("{ticket_type} is not on sale at this time.").format(ticket_type=ticket_type.name))
    if ticket_type.needs_slot:
        raise NotForSale(
            gettext("{ticket_type} is for an entry time, which nobody chooses for you. Look for another one.").format(
                ticket_type=ticket_type.name
            )
        )
    if not ticket_type.min_per_order <= quantity <= ticket_type.max_per_order:
        limits = f"{ticket_type.min_per_order} to {ticket_type.max_per_order}"
        raise Invalid.field("quantity", f"An order takes {limits} of {ticket_type.name}.", "out_of_range")
    with transaction.atomic():
        row = locked(ticket_type.pk)
        if row.left >= row.min_per_order and not row.waiting:
            raise NotSoldOut
        if WaitlistEntry.objects.waiting().filter(ticket_type=row, user=user).exists():
            raise AlreadyWaiting
        entry = WaitlistEntry.objects.create(ticket_type=row, user=user, quantity=quantity, created_at=now)
        row.waiting += quantity
        # What is left is too little for the public's smallest order, or somebody waits for it already.
        row.set_aside = min(row.waiting, row.set_aside + row.left)
        _count(row)
        record("waitlist.joined", entry, new={"quantity": quantity}, actor=user, venue_id=ticket_type.event.venue_id)
    return entry


def leave(entry: WaitlistEntry, by: Any, now: datetime) -> WaitlistEntry:
    """Give the place up, as the person or as staff of the venue. Raises `NotWaiting`."""
    with transaction.atomic():
        row = locked(entry.ticket_type_id)
        end(entry, row, Status.LEFT, now, by)
    return entry


def end(entry: WaitlistEntry, row: TicketType, to: str, now: datetime, by: Any = None) -> None:
    """A waiting entry ends without an offer; `row` is its ticket type, locked. Raises `NotWaiting`."""
    entry.refresh_from_db(fields=["status"])
    if entry.status != Status.WAITING:
        raise NotWaiting
    entry.move(to, ended_at=now)
    row.waiting -= entry.quantity
    # With fewer people waiting, what was set aside beyond what they want is the public's again.
    row.set_aside = min(row.set_aside, row.waiting)
    _count(row)
    record(f"waitlist.{to}", entry, actor=by, venue_id=entry.ticket_type.event.venue_id)


def locked(type_id: UUID) -> TicketType:
    """The ticket type, with its counters as they are, until the transaction ends."""
    return TicketType.objects.select_for_update(no_key=True).get(pk=type_id)


def _count(row: TicketType) -> None:
    TicketType.objects.filter(pk=row.pk).update(waiting=row.waiting, set_aside=row.set_aside)
