"""Who may reach which house hold and which door sale."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from accounts.grants import Permission
from ticketing.boxoffice.models import DoorSale, HouseHold
from trufan.lib.errors import Missing
from venues.permissions import holds, require


def kept_hold(user: Any, hold_id: UUID) -> HouseHold:
    """The hold, for who gives tickets away there.

    Raises `Forbidden` for staff of the venue who do not, `Missing` for everyone else.
    """
    hold: HouseHold | None = HouseHold.objects.with_type().filter(pk=hold_id).first()
    if hold is None or not holds(user, Permission.VIEW_VENUE, hold.ticket_type.event.venue_id):
        raise Missing(gettext("There is no such hold."))
    require(user, Permission.COMP_TICKETS, hold.ticket_type.event.venue_id)
    return hold


def made_sale(user: Any, sale_id: UUID) -> DoorSale:
    """The door sale, for who sells there. Raises `Forbidden` or `Missing` likewise."""
    sale: DoorSale | None = DoorSale.objects.with_order().filter(pk=sale_id).first()
    if sale is None or not holds(user, Permission.VIEW_VENUE, sale.order.venue_id):
        raise Missing(gettext("There is no such sale."))
    require(user, Permission.SELL_AT_DOOR, sale.order.venue_id)
    return sale
