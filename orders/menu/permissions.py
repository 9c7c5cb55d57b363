"""Who may know of, and set up, what outlets sell."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from accounts.grants import Permission
from orders.menu.models import Daypart, Option, OptionGroup, Outlet, Product, ProductVariant
from trufan.lib.errors import Forbidden, Missing
from venues.permissions import holds, venue_for

Row = TypeVar("Row", Outlet, Product, ProductVariant, OptionGroup, Option)

#: How each table reaches the outlet it belongs to.
_TO_OUTLET = {
    Outlet: "",
    Product: "outlet",
    ProductVariant: "product__outlet",
    OptionGroup: "product__outlet",
    Option: "group__product__outlet",
}
#: Who sets up the menu, and who runs it on the night.
MANAGE = (Permission.MANAGE_MENU,)
RUN = (Permission.MANAGE_MENU, Permission.RUN_KITCHEN)


def listed_outlet(user: Any, outlet_id: UUID, now: datetime) -> Outlet:
    """The outlet with its hours, for whoever may know of it. Raises `Missing`."""
    outlet = Outlet.objects.readable_by(user).with_hours(now).filter(pk=outlet_id).first()
    if outlet is None:
        raise Missing(gettext("There is no such outlet."))
    return outlet


def staff_row(table: type[Row], user: Any, row_id: UUID, permissions: tuple[Permission, ...] = MANAGE) -> Row:
    """The row, for staff who hold one of the permissions at its venue.

    Raises `Forbidden` where `user` may know of its outlet and no more, `Missing` where they may not even do that.
    """
    path = _TO_OUTLET[table]
    row = table.objects.select_related(f"{path}__venue" if path else "venue").filter(pk=row_id).first()
    if row is None:
        raise Missing
    if any(holds(user, permission, row.venue_id) for permission in permissions):
        return row
    mine = Q(**{f"{path}__in" if path else "pk__in": Outlet.objects.readable_by(user)})
    if table.objects.filter(mine, pk=row_id).exists():
        raise Forbidden
    raise Missing


def managed_daypart(user: Any, daypart_id: UUID) -> Daypart:
    """Raises `Missing` or `Forbidden`."""
    daypart = Daypart.objects.filter(pk=daypart_id).first()
    if daypart is None:
        raise Missing
    venue_for(user, daypart.venue_id, Permission.MANAGE_MENU)
    return daypart
