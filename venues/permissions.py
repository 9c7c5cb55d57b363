"""Who may call what, where a venue is the tenant."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.grants import Permission
from trufan.lib.errors import Forbidden, Missing
from venues.models import Venue


def holds(user: Any, permission: str, venue: Any) -> bool:
    """`user.can(...)`, and no for who is not signed in."""
    return bool(user and user.is_authenticated and user.can(permission, venue))


class HoldsAtVenue(BasePermission):
    """Asks `user.can` what the view's `needs` names for the action; the other actions are anybody's.

    The object is a venue or a row with one. Which rows the caller may know of at all is the query set's business.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        needs: dict[str, Permission | None] = view.needs  # type: ignore[attr-defined]
        signed_in = bool(request.user and request.user.is_authenticated)
        return signed_in or getattr(view, "action", None) not in needs

    def has_object_permission(self, request: Request, view: APIView, row: Any) -> bool:
        needed = view.needs.get(view.action)  # type: ignore[attr-defined]
        return needed is None or holds(request.user, needed, row if isinstance(row, Venue) else row.venue)


def venue_for(user: Any, venue_id: UUID, permission: str) -> Venue:
    """The venue, for who holds `permission` there.

    Raises `Missing` where `user` may not even know of the venue, `Forbidden` where they may, and no more.
    """
    venue = Venue.objects.readable_by(user).filter(pk=venue_id).first()
    if venue is None:
        raise Missing
    require(user, permission, venue)
    return venue


def require(user: Any, permission: str, venue: Any) -> None:
    """Raise `Forbidden` unless `user` holds `permission` at the venue."""
    if not holds(user, permission, venue):
        raise Forbidden
