"""The language of an order's papers."""

from __future__ import annotations

from accounts import spoken
from orders.models import Order
from venues.models import Venue
from venues.speaking import language_of


def language_for(venue: Venue, order: Order | None = None) -> str:
    """What the buyer chose, else what they bought in, else what the venue speaks. At most two queries."""
    if order is not None:
        chosen = spoken.of(order.user) if order.user is not None else ""
        if chosen or order.language:
            return chosen or order.language
    return language_of(venue)
