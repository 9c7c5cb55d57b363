"""Who may reach which offer of a ticket."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext
from rest_framework.request import Request

from orders import access as orders_access
from orders.permissions import ACCESS_HEADER
from ticketing.models import Ticket
from ticketing.permissions import own_ticket
from ticketing.transfers import access
from ticketing.transfers.models import TicketTransfer
from trufan.lib.errors import Missing


def held_ticket(request: Request, ticket_id: UUID) -> Ticket:
    """The ticket, for who holds it: the account, or a guest by the order's code while it has no other holder.

    A buyer who handed it on sees it and no more: `Missing`, as for everyone else.
    """
    ticket = own_ticket(request, ticket_id)
    if ticket.holder_id != (request.user.pk if request.user.is_authenticated else None):
        raise Missing(gettext("This ticket is its holder's to hand on."))
    return ticket


def reachable_transfer(request: Request, transfer_id: UUID) -> TicketTransfer:
    """The offer, for its sender and for whom it is meant: known by account, or by the code of the message."""
    transfer = _found(transfer_id)
    if not (_is_sender(request, transfer) or _is_recipient(request, transfer)):
        raise Missing(gettext("There is no such offer."))
    return transfer


def sent_transfer(request: Request, transfer_id: UUID) -> TicketTransfer:
    """The offer, for its sender alone."""
    transfer = _found(transfer_id)
    if not _is_sender(request, transfer):
        raise Missing(gettext("There is no such offer."))
    return transfer


def meant_transfer(request: Request, transfer_id: UUID) -> TicketTransfer:
    """The offer, for whom it is meant alone."""
    transfer = _found(transfer_id)
    if not _is_recipient(request, transfer):
        raise Missing(gettext("There is no such offer."))
    return transfer


def _found(transfer_id: UUID) -> TicketTransfer:
    transfer = TicketTransfer.objects.with_ticket().filter(pk=transfer_id).first()
    if transfer is None:
        raise Missing(gettext("There is no such offer."))
    return transfer


def _is_sender(request: Request, transfer: TicketTransfer) -> bool:
    if transfer.offered_by_id is not None:
        return transfer.offered_by_id == request.user.pk
    code = request.headers.get(ACCESS_HEADER, "")
    order = transfer.ticket.order
    # A guest's order that joined an account since is that account's.
    return order.user_id == request.user.pk if order.user_id else bool(code) and orders_access.allows(order, code)


def _is_recipient(request: Request, transfer: TicketTransfer) -> bool:
    code = request.headers.get(access.HEADER, "")
    return transfer.is_for(request.user) or (bool(code) and access.allows(transfer, code))
