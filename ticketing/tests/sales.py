"""Tickets as they come about: ordered and paid."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from orders.cart import cart_lines
from orders.checkout import Contact, place_order
from orders.models import Order
from payments import charges
from ticketing.models import Ticket, TicketType

GUEST = Contact(email="gil@example.com", phone="+12125550123", name="Gil Guest")


def order(user: Any, ticket_type: TicketType, quantity: int = 1) -> Order:
    """A pending order of a signed-in buyer, or of a guest."""
    lines = cart_lines([(TicketType.sellable_type, ticket_type.pk, quantity)])
    contact = Contact() if user else GUEST
    return place_order(lines, user=user, contact=contact, now=timezone.now())


def buy(user: Any, ticket_type: TicketType, quantity: int = 1) -> list[Ticket]:
    """The tickets of a paid order, as a fresh reader sees them."""
    placed = order(user, ticket_type, quantity)
    if not placed.is_free:
        charges.start(placed, payer=user, payment_method="pm_card_visa", now=timezone.now())
    return list(Ticket.objects.with_event().filter(order=placed).order_by("ordinal"))
