"""What becomes of an offer: somebody takes the ticket, does not want it, or lets its time pass."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from audit.trail import record
from ticketing import announcements
from ticketing.attendees import keeping
from ticketing.models import Ticket
from ticketing.transfers import telling
from ticketing.transfers.errors import AlreadyHeld, TransferClosed
from ticketing.transfers.models import TicketTransfer
from ticketing.transfers.offering import locked, refuse_immovable
from trufan.lib.errors import InvalidMove

Status = TicketTransfer.Status
BATCH = 200


def accept(transfer: TicketTransfer, by: Any, now: datetime) -> TicketTransfer:
    """The ticket is `by`'s from now on, under a new code; whoever comes with the old one is refused at the door.

    Raises `TransferClosed`, `AlreadyHeld`, and as `refuse_immovable` where the ticket may no longer change hands.
    """
    with transaction.atomic():
        ticket = locked(transfer.ticket)
        _refuse_closed(transfer, now)
        if ticket.holder_id == by.pk:
            raise AlreadyHeld
        refuse_immovable(ticket, now)
        transfer.move(Status.ACCEPTED, decided_at=now, accepted_by=by)
        was = {"holder": ticket.holder_id, "code_version": ticket.code_version}
        Ticket.objects.filter(pk=ticket.pk).update(
            holder=by, holder_name=str(by), code_version=F("code_version") + 1, updated_at=now
        )
        new = {"transfer": transfer.pk, "holder": by.pk, "code_version": ticket.code_version + 1}
        keeping.clear(ticket, by)
        record("ticket.handed_on", ticket, old=was, new=new, actor=by, venue_id=ticket.event.venue_id)
        transfer.ticket = Ticket.objects.with_event().get(pk=ticket.pk)
        telling.taken(transfer)
        announcements.transferred(transfer)
    return transfer


def decline(transfer: TicketTransfer, by: Any, now: datetime) -> TicketTransfer:
    """The recipient does not want it. `by` may be None: the code in the message is enough. Raises `TransferClosed`."""
    with transaction.atomic():
        ticket = locked(transfer.ticket)
        _refuse_closed(transfer, now)
        transfer.move(Status.DECLINED, decided_at=now)
        record("ticket.offer_declined", ticket, new={"transfer": transfer.pk}, actor=by, venue_id=ticket.event.venue_id)
        telling.came_back(transfer)
    return transfer


def expire_due(now: datetime) -> int:
    """End the offers whose time is over, and tell who made them; how many. Safe to run twice at once."""
    return sum(_expire(transfer, now) for transfer in TicketTransfer.objects.due(now).with_ticket()[:BATCH])


def _expire(transfer: TicketTransfer, now: datetime) -> bool:
    try:
        with transaction.atomic():
            transfer.move(Status.EXPIRED, decided_at=now)
            telling.came_back(transfer)
    except InvalidMove:
        # Another sweep, or the recipient at the last moment, was faster.
        return False
    return True


def _refuse_closed(transfer: TicketTransfer, now: datetime) -> None:
    transfer.refresh_from_db(fields=["status"])
    if not transfer.is_open(now):
        raise TransferClosed
