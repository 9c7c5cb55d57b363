"""Who may reach which event's ticketing, and which ticket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from rest_framework.request import Request

from accounts.grants import Permission
from events.permissions import listed_event as listed_event
from events.permissions import staff_event as staff_event
from orders.models import Order
from orders.permissions import own_order
from ticketing.errors import TicketRefunded
from ticketing.models import Ticket, TicketType
from trufan.lib.errors import Missing
from venues.permissions import require


def listed_ticket_type(user: Any, type_id: UUID) -> TicketType:
    """The ticket type, for whoever may know of it. Raises `Missing`."""
    row = TicketType.objects.readable_by(user).with_fees().filter(pk=type_id).first()
    if row is None:
        raise Missing(gettext("There is no such ticket type."))
    return row


def managed_ticket_type(user: Any, type_id: UUID) -> TicketType:
    """The same, for who manages the venue's events. Raises `Forbidden` or `Missing`."""
    row = listed_ticket_type(user, type_id)
    require(user, Permission.MANAGE_EVENTS, row.event.venue_id)
    return row


def own_ticket(request: Request, ticket_id: UUID) -> Ticket:
    """The ticket, for its holder, its buyer, or a guest with the order's access code. Staff have no use for codes."""
    ticket = Ticket.objects.with_event().filter(pk=ticket_id).first()
    if ticket is None:
        raise Missing(gettext("There is no such ticket."))
    if request.user.is_authenticated and request.user.pk in (ticket.holder_id, ticket.order.user_id):
        return ticket
    own_order(request, ticket.order_id)
    return ticket


def shown_ticket(request: Request, ticket_id: UUID) -> Ticket:
    """The ticket, for who may see its code. Raises `TicketRefunded` or `Missing`."""
    ticket = own_ticket(request, ticket_id)
    if ticket.status == Ticket.Status.REFUNDED:
        raise TicketRefunded
    if not ticket.opens_for(request.user):
        raise Missing(gettext("This ticket's code is its holder's."))
    return ticket


def admissible_order(user: Any, event_id: UUID, number: str) -> Order:
    """The order of that number with tickets for the event, for staff at its door. Raises `Forbidden` or `Missing`."""
    event = staff_event(user, event_id, Permission.CHECK_IN)
    ours = Ticket.objects.filter(event=event, order__number=number).order_by()
    order: Order | None = Order.objects.filter(pk__in=ours.values("order")).first()
    if order is None:
        raise Missing(gettext("There is no order of that number for this event."))
    return order


def admissible_ticket(user: Any, event_id: UUID, number: str) -> Ticket:
    """The ticket of that number for the event, for staff at its door. Raises `Forbidden` or `Missing`."""
    event = staff_event(user, event_id, Permission.CHECK_IN)
    ticket = Ticket.objects.with_event().filter(event=event, number=number).first()
    if ticket is None:
        raise Missing(gettext("There is no such ticket for this event."))
    return ticket
