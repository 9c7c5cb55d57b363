"""Giving tickets away: an order of nothing, without a fee, to a named person, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from audit.trail import record
from orders.cart import cart_lines
from orders.cart_rules import Standing
from orders.checkout import Contact, place_order
from orders.models import Order
from ticketing.boxoffice import house
from ticketing.boxoffice.accounts import account_of
from ticketing.boxoffice.models import Comp, HouseHold
from ticketing.models import TicketType
from trufan.lib.errors import Invalid


def give(
    ticket_type: TicketType,
    *,
    quantity: int,
    name: str,
    email: str,
    reason: str,
    language: str = "",
    hold: HouseHold | None = None,
    asks: Mapping[str, Any] = MappingProxyType({}),
    by: Any,
    now: datetime,
) -> Comp:
    """Give so many tickets away, out of `hold` or of what is on sale; they are sent as any others.

    `asks` is what a cart's line says of such tickets: their `slot`, their `seats` or what the best are to be like.
    Raises `CartRefused` where the event sells nothing (any more), `SoldOut`, `HoldTooSmall`, `Invalid` for a hold of
    another ticket type.
    """
    if hold is not None and hold.ticket_type_id != ticket_type.pk:
        raise Invalid.field("house_hold", "This hold keeps tickets of another type.")
    lines = cart_lines([(TicketType.sellable_type, ticket_type.pk, quantity, (), "", asks)])
    with transaction.atomic():
        if hold is not None:
            # The row of the ticket type is ours from here on, so that nobody else takes what this frees.
            house.take_out(hold.pk, quantity, now, given=True, by=by)
        order = place_order(
            [replace(line, by_staff=True, given=True) for line in lines],
            user=account_of(email),
            contact=Contact(email=email, name=name, language=language),
            now=now,
            standing=Standing.STAFF,
            channel=Order.Channel.COMP,
        )
        comp = Comp.objects.create(order=order, house_hold=hold, reason=reason, given_by=by, created_at=now)
        said = {"order": order.pk, "ticket_type": ticket_type.pk, "quantity": quantity, "reason": reason}
        record("comp.given", comp, new=said, actor=by, venue_id=order.venue_id)
    return comp


def give_out_of(hold: HouseHold, *, by: Any, now: datetime, **asked: Any) -> Comp:
    """The same as the hold's own button: see `give`."""
    return give(hold.ticket_type, hold=hold, by=by, now=now, **asked)
