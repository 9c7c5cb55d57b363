"""Who may reach which outlet's kitchen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from accounts.grants import Permission
from orders.kitchen.models import Fulfilment
from orders.menu.models import Outlet
from trufan.lib.errors import Missing
from venues.devices import places
from venues.models import Venue
from venues.permissions import holds, require


def run_outlet(user: Any, outlet_id: UUID) -> Outlet:
    """The outlet, for who runs the kitchens of its venue.

    Raises `Forbidden` for staff of the venue who do not, `Missing` for everyone else.
    """
    outlet = Outlet.objects.select_related("venue").filter(pk=outlet_id).first()
    if outlet is None:
        raise Missing(gettext("There is no such outlet."))
    _require(user, outlet.venue, gettext("There is no such outlet."))
    places.require(user, outlet.pk)
    return outlet


def run_fulfilment(user: Any, fulfilment_id: UUID) -> Fulfilment:
    """The same for a fulfilment."""
    row = Fulfilment.objects.select_related("outlet__venue").filter(pk=fulfilment_id).first()
    if row is None:
        raise Missing(gettext("There is no such fulfilment."))
    _require(user, row.outlet.venue, gettext("There is no such fulfilment."))
    places.require(user, row.outlet_id)
    return row


def _require(user: Any, venue: Venue, missing: str) -> None:
    if not (holds(user, Permission.RUN_KITCHEN, venue) or holds(user, Permission.VIEW_VENUE, venue)):
        raise Missing(missing)
    require(user, Permission.RUN_KITCHEN, venue)
