"""Whether, and for how much, a ticket type is sold."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from orders.errors import NotForSale
from orders.pricing import unit_fee
from orders.sellable import CartLine, Offer
from venues.models import TaxRate

if TYPE_CHECKING:
    from ticketing.models import TicketType


def make_offer(ticket_type: TicketType, line: CartLine, now: datetime) -> Offer:
    """The offer for a line of a cart. Raises `NotForSale` outside its sales window or its limits per order."""
    refusal = _why_not(ticket_type, line, now)
    if refusal:
        raise NotForSale(refusal)
    venue = ticket_type.event.venue
    return Offer(
        description=f"{ticket_type.name}, {ticket_type.event.name}",
        venue=venue,
        unit_price=ticket_type.price,
        unit_fee=unit_fee(ticket_type.price, venue.ticket_fee_fixed, venue.ticket_fee_ppm),
        tax_category=TaxRate.Category.TICKET,
        belongs_to=frozenset({ticket_type.pk, ticket_type.event_id}),
    )


def _why_not(ticket_type: TicketType, line: CartLine, now: datetime) -> str:
    event = ticket_type.event
    if not event.venue.is_active or not event.is_on_sale(now):
        return f"Tickets for {event.name} are not on sale."
    if not ticket_type.is_on_sale(now):
        return f"{ticket_type.name} is not on sale at this time."
    if line.in_cart > ticket_type.max_per_order:
        return f"At most {ticket_type.max_per_order} of {ticket_type.name} in one order."
    if line.in_cart < ticket_type.min_per_order:
        return f"At least {ticket_type.min_per_order} of {ticket_type.name} in one order."
    return ""
