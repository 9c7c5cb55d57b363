"""Offering a ticket to somebody, and taking the offer back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from events.models import Event
from events.transfer_policy import policy_of
from ticketing.models import Ticket
from ticketing.transfers import telling
from ticketing.transfers.errors import TicketNotTransferable, TransferClosed, TransferNotOffered, TransferOpen
from ticketing.transfers.models import TicketTransfer
from trufan.lib.errors import Invalid

Status = TicketTransfer.Status


@dataclass(frozen=True)
class Recipient:
    """Whom a ticket is offered to: an e-mail address in lower case, or a number in E.164."""

    email: str = ""
    phone: str = ""


def offer(ticket: Ticket, to: Recipient, *, by: Any, now: datetime, message: str = "") -> TicketTransfer:
    """Offer the ticket; the recipient is told where to take it. `by` is its holder, or None: a guest who bought it.

    Raises `TransferNotOffered` (the event's policy), `TicketNotTransferable` (used, refunded, disputed),
    `TransferOpen`, `Invalid` for an offer to oneself.
    """
    _refuse_oneself(ticket, to, by)
    with transaction.atomic():
        ticket = locked(ticket)
        refuse_immovable(ticket, now)
        if TicketTransfer.objects.filter(ticket=ticket, status=Status.OFFERED, expires_at__gt=now).exists():
            raise TransferOpen
        # What lapsed and was not yet swept away stands in the way of a new one.
        for lapsed in TicketTransfer.objects.due(now).filter(ticket=ticket):
            lapsed.move(Status.EXPIRED, decided_at=now)
        transfer = TicketTransfer.objects.create(
            ticket=ticket,
            offered_by=by,
            from_name=ticket.holder_name,
            to_email=to.email,
            to_phone=to.phone,
            message=message,
            expires_at=_expiry(ticket.event, now),
        )
        said = {"transfer": transfer.pk, "expires_at": transfer.expires_at}
        record("ticket.offered", ticket, new=said, actor=by, venue_id=ticket.event.venue_id)
        telling.offered(transfer)
    return transfer


def withdraw(transfer: TicketTransfer, by: Any, now: datetime) -> TicketTransfer:
    """Take an offer back, as its sender or as staff of the venue. Raises `TransferClosed`."""
    with transaction.atomic():
        locked(transfer.ticket)
        transfer.refresh_from_db(fields=["status"])
        if transfer.status != Status.OFFERED:
            raise TransferClosed
        transfer.move(Status.WITHDRAWN, decided_at=now)
        told = {"transfer": transfer.pk}
        record("ticket.offer_withdrawn", transfer.ticket, new=told, actor=by, venue_id=transfer.ticket.event.venue_id)
        telling.withdrawn(transfer)
    return transfer


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it is now, and nobody else's to change until the transaction ends."""
    return Ticket.objects.with_event().select_for_update(of=("self",)).get(pk=ticket.pk)


def refuse_immovable(ticket: Ticket, now: datetime) -> None:
    """Raise `TransferNotOffered` or `TicketNotTransferable` where this ticket may not change hands at `now`."""
    event, policy = ticket.event, policy_of(ticket.event)
    if event.status != Event.Status.PUBLISHED or not policy.allowed:
        raise TransferNotOffered
    if now >= policy.deadline(event.starts_at):
        raise TransferNotOffered(gettext("It is too late to hand on tickets of this event."))
    if ticket.status != Ticket.Status.VALID:
        raise TicketNotTransferable(
            gettext("This ticket was {status}.").format(status=ticket.get_status_display().lower())
        )
    if ticket.frozen_at is not None or ticket.returning_at is not None:
        raise TicketNotTransferable(gettext("The money for this ticket is disputed, or on its way back."))
    if TicketTransfer.objects.filter(ticket=ticket, status=Status.ACCEPTED).count() >= policy.most_per_ticket:
        raise TransferNotOffered(gettext("This ticket has changed hands as often as the event allows."))


def _refuse_oneself(ticket: Ticket, to: Recipient, by: Any) -> None:
    email, phone = (by.email, by.phone) if by else (ticket.order.contact_email, ticket.order.contact_phone)
    if to.email and to.email == (email or "").lower():
        raise Invalid.field("email", "This is your own address.", "own_address")
    if to.phone and to.phone == str(phone or ""):
        raise Invalid.field("phone", "This is your own number.", "own_address")


def _expiry(event: Event, now: datetime) -> datetime:
    return min(now + timedelta(hours=settings.TRANSFER_HOURS), policy_of(event).deadline(event.starts_at))
