"""Finding people of a venue's staff from the console's search box."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpRequest

from trufan.lib.console import columns, finding
from trufan.lib.console.finding import MOST, Found
from venues.models import VenueStaff


def find(request: HttpRequest, typed: str) -> Iterable[Found]:
    """By name or address, from the beginning. A venue's staff is short: it is looked through."""
    rows = finding.mine(request, VenueStaff)
    if rows is None:
        return []
    names = Q(user__first_name__istartswith=typed) | Q(user__last_name__istartswith=typed)
    likely = rows.filter(names | Q(user__email__startswith=typed.lower())).select_related("user", "venue")
    return [
        Found(str(row.user), f"{row.get_role_display()}, {row.venue.name}, {row.user.email}", columns.change_url(row))
        for row in likely.order_by("user__last_name", "pk")[:MOST]
    ]
