"""The order of an exchange stays as it was asked for: it is what the policy let the old tickets go for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext

from orders.cart import PricedCart
from orders.cart_rules import Buyer, Refused
from orders.errors import OrderNotChangeable
from ticketing.exchanges.models import TicketExchange


def refuse_change(cart: PricedCart, buyer: Buyer, now: datetime, placing: bool) -> Iterable[Refused]:
    """A rule of carts: fewer or other tickets would give back the money of the old ones for nothing."""
    if buyer.order is not None and TicketExchange.objects.filter(new_order=buyer.order).exists():
        yield (
            None,
            OrderNotChangeable(gettext("This order is for an exchange. Cancel it, and ask for another exchange.")),
        )
