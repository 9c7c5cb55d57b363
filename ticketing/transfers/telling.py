"""What both sides of a transfer are told."""

from __future__ import annotations

from typing import Any

from notifications.models import Notification
from notifications.outbox import notify, send
from notifications.values import moment
from ticketing.transfers import access
from ticketing.transfers.models import TicketTransfer


def offered(transfer: TicketTransfer) -> None:
    """The recipient, with the link that opens the offer: a secret, erased once it is sent."""
    said = _said(transfer) | {"message": transfer.message, "link": access.link(transfer)}
    _to_recipient(transfer, "transfer_offered", said)


def withdrawn(transfer: TicketTransfer) -> None:
    """The recipient: the link they have leads nowhere now."""
    _to_recipient(transfer, "transfer_withdrawn", _said(transfer))


def taken(transfer: TicketTransfer) -> None:
    """The sender: the ticket is gone, and its code with it."""
    _to_sender(transfer, "transfer_taken", taker=str(transfer.accepted_by))


def came_back(transfer: TicketTransfer) -> None:
    """The sender: nobody took it, and it is still theirs."""
    _to_sender(transfer, "transfer_not_taken", declined=transfer.status == TicketTransfer.Status.DECLINED)


def _to_recipient(transfer: TicketTransfer, template: str, said: dict[str, Any]) -> None:
    channel = Notification.Channel.EMAIL if transfer.to_email else Notification.Channel.SMS
    send(template, transfer.to, channel=channel, context=said, venue_id=transfer.ticket.event.venue_id)


def _to_sender(transfer: TicketTransfer, template: str, **more: Any) -> None:
    order, user = transfer.ticket.order, transfer.offered_by_id
    notify(
        template,
        user=user,
        email="" if user else order.contact_email,
        phone="" if user else order.contact_phone,
        language=order.language,
        context=_said(transfer) | {"to": transfer.to, **more},
        venue_id=transfer.ticket.event.venue_id,
    )


def _said(transfer: TicketTransfer) -> dict[str, Any]:
    event = transfer.ticket.event
    return {
        "event": event.name,
        "venue": event.venue.name,
        "starts_at": moment(event.starts_at, event.venue.zone),
        "expires_at": moment(transfer.expires_at, event.venue.zone),
        "ticket": transfer.ticket.ticket_type.name,
        "number": transfer.ticket.number,
        "seat": transfer.ticket.seat,
        "from_name": transfer.from_name,
    }
