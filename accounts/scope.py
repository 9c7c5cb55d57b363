"""Whose rows a list shows: the caller's own, or all of one venue."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from trufan.lib.errors import Forbidden, Invalid

Rows = TypeVar("Rows", bound=QuerySet[Any])


def own_or_venues(rows: Rows, user: Any, venue: str | None, *, owner: str, permission: str) -> Rows:
    """The rows whose `owner` is `user`; given the id of a venue, all of its rows, for who holds `permission` there.

    Raises `Forbidden` without the permission, `Invalid` for what is no id.
    """
    if not venue:
        return rows.filter(**{owner: user})
    try:
        venue_id = UUID(venue)
    except ValueError:
        raise Invalid.field("venue", "This is not an id.") from None
    if not user.can(permission, venue_id):
        raise Forbidden(gettext("You may not see this of that venue."))
    return rows.filter(venue_id=venue_id)
