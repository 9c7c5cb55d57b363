"""What each role at a venue may do, and the source that tells accounts so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from accounts.grants import Permission, Source
from accounts.models import User
from trufan.lib.aggregates import JSONRows
from trufan.lib.compiled import AllByKeys
from trufan.lib.errors import Invalid
from venues.models import VenueStaff

Role = VenueStaff.Role

#: What a role may do before anything is added for one person.
PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    Role.MANAGER: frozenset(Permission),
    Role.BOX_OFFICE: frozenset(
        {
            Permission.VIEW_VENUE,
            Permission.VIEW_ORDERS,
            Permission.VIEW_PAYMENTS,
            Permission.REFUND_ORDERS,
            Permission.CHECK_IN,
            Permission.SELL_AT_DOOR,
            Permission.COMP_TICKETS,
        }
    ),
    Role.DOOR: frozenset({Permission.VIEW_VENUE, Permission.VIEW_ORDERS, Permission.CHECK_IN}),
    Role.KITCHEN: frozenset({Permission.VIEW_VENUE, Permission.RUN_KITCHEN}),
    Role.PARKING: frozenset({Permission.VIEW_VENUE, Permission.RUN_PARKING}),
    Role.ACCOUNTANT: frozenset(
        {
            Permission.VIEW_VENUE,
            Permission.VIEW_ORDERS,
            Permission.VIEW_PAYMENTS,
            Permission.VIEW_REPORTS,
            Permission.VIEW_AUDIT,
        }
    ),
}


#: Asked by every request of staff.
_PLACES = AllByKeys(
    lambda user: (
        VenueStaff.objects.filter(user_id=user, is_active=True).order_by().only("venue", "role", "extra_permissions")
    ),
    UUID,
)


def held(role: str, extra_permissions: Iterable[str] = ()) -> frozenset[str]:
    """All that a person of `role` with `extra_permissions` may do. Words that name no permission grant nothing."""
    return PERMISSIONS[role] | (frozenset(extra_permissions) & frozenset(Permission))


def checked(extra_permissions: Iterable[str]) -> list[str]:
    """The permissions, each once and in a fixed order; raises `Invalid` on one that does not exist."""
    unknown = sorted(set(extra_permissions) - set(Permission.values))
    if unknown:
        raise Invalid.field("extra_permissions", f"There is no permission {', '.join(unknown)}.", "unknown_permission")
    return sorted(set(extra_permissions))


def granted_to(user: Any) -> dict[UUID, frozenset[str]]:
    """Venue id → permissions, from the user's active places; one query. Closed venues count: staff may reopen them."""
    return {place.venue_id: held(place.role, place.extra_permissions) for place in _PLACES.all(user.pk)}


def _places_beside(key: str) -> Subquery:
    places = VenueStaff.objects.filter(user_id=OuterRef(key), is_active=True).order_by().values("user_id")
    told = JSONRows("venue_id", "role", "extra_permissions")
    return Subquery(places.annotate(told=told).values("told"))


def _granted_by(told: list[tuple[str, str, list[str]]] | None) -> dict[UUID, frozenset[str]]:
    return {UUID(venue_id): held(role, extra) for venue_id, role, extra in told or ()}


#: The staff lists of venues, for accounts.
SOURCE = Source("venues", granted_to, _places_beside, _granted_by)


def holders_of(permissions: Collection[str], venue_id: UUID) -> list[User]:
    """The people on the venue's staff who hold any of the permissions and can sign in, in a fixed order; one query."""
    places = VenueStaff.objects.filter(venue_id=venue_id, is_active=True, user__is_active=True).select_related("user")
    wanted = frozenset(permissions)
    return [place.user for place in places.order_by("pk") if held(place.role, place.extra_permissions) & wanted]
