"""Whether, and for how much, a ticket type is sold."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from orders.errors import NotForSale
from orders.pricing import unit_fee
from orders.sellable import CartLine, Offer
from ticketing.pricing.choosing import Chosen, choose
from ticketing.pricing.unlocking import opened_by
from ticketing.seats.choosing import kept
from venues.models import TaxRate

if TYPE_CHECKING:
    from ticketing.models import TicketType

#: What a line was asked that its order shows as it is.
SHOWN = ("slot",)


def make_offer(ticket_type: TicketType, line: CartLine, now: datetime) -> Offer:
    """The offer for a line of a cart.

    Raises `NotForSale` outside its sales window or its limits per order, `Invalid` for seats that contradict the line,
    and what `pricing.choosing.choose` raises.
    """
    refusal = _why_not(ticket_type, line, now)
    if refusal:
        raise NotForSale(refusal)
    venue = ticket_type.event.venue
    chosen = Chosen(0) if line.given else choose(ticket_type, line, now)
    name = f"{ticket_type.name} ({chosen.name})" if chosen.name else ticket_type.name
    return Offer(
        description=f"{name}, {ticket_type.event.name}",
        venue=venue,
        unit_price=chosen.unit_price,
        unit_fee=unit_fee(chosen.unit_price, venue.ticket_fee_fixed, venue.ticket_fee_ppm),
        tax_category=TaxRate.Category.TICKET,
        belongs_to=frozenset({ticket_type.pk, ticket_type.event_id}),
        keeps={**_shown(line), **kept(line), **chosen.keeps, **opened_by(ticket_type, line, now)},
    )


def _shown(line: CartLine) -> dict[str, Any]:
    return {name: line.asks[name] for name in SHOWN if line.asks.get(name)}


def _why_not(ticket_type: TicketType, line: CartLine, now: datetime) -> str:
    event = ticket_type.event
    if not event.venue.is_active or not event.is_on_sale(now):
        return gettext("Tickets for {event} are not on sale.").format(event=event.name)
    if not line.by_staff and not ticket_type.is_on_sale(now):
        return gettext("{ticket_type} is not on sale at this time.").format(ticket_type=ticket_type.name)
    if line.given:
        return ""
    if line.in_cart > ticket_type.max_per_order:
        return gettext("At most {max_per_order} of {ticket_type} in one order.").format(
            max_per_order=ticket_type.max_per_order, ticket_type=ticket_type.name
        )
    if line.in_cart < ticket_type.min_per_order:
        return gettext("At least {min_per_order} of {ticket_type} in one order.").format(
            min_per_order=ticket_type.min_per_order, ticket_type=ticket_type.name
        )
    return ""
