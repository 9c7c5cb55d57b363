"""One venue at a time, for those who work at several: the one chosen narrows every list, screen, choice and figure.

It narrows and never widens. For staff it narrows what they are granted while they are in the console, so that whatever
asks for their rights, asks for those at that venue; super admins, who need no grant, have their lists and the choices
of their screens narrowed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from trufan.lib import paths

KEY = "console_venue"
_ALL = "_granted_everywhere"
_ONLY = "_venue_alone"


def chosen(request: HttpRequest) -> UUID | None:
    """The venue that this session is narrowed to; none any more once it is not the person's."""
    venue_id = _kept(request)
    user: Any = request.user
    if venue_id is None or user.is_superuser or venue_id in granted_everywhere(user):
        return venue_id
    return None


def _kept(request: HttpRequest) -> UUID | None:
    session = getattr(request, "session", None)
    value = session.get(KEY) if session is not None else None
    return UUID(value) if value else None


def choose(request: HttpRequest, venue_id: UUID | None) -> None:
    """Narrow the session to a venue; None: to all of the person's again. The caller knows that it is theirs."""
    if venue_id is None:
        request.session.pop(KEY, None)
    else:
        request.session[KEY] = str(venue_id)


def granted_everywhere(user: Any) -> dict[UUID, frozenset[str]]:
    """What the person is granted at all venues, whichever is chosen."""
    granted: dict[UUID, frozenset[str]] = getattr(user, _ALL, None) or user.granted
    return granted


def only_chosen(user: Any, rows: QuerySet, lookup: str = "venue_id") -> QuerySet:
    """Of rows that a super admin may choose among on a screen, those of the venue that they chose to see alone.

    Staff hold rights nowhere else then, and outside of the console nothing is chosen: their rows stay as they are.
    """
    venue_id = getattr(user, _ONLY, None)
    return rows if venue_id is None else rows.filter(**{lookup: venue_id})


class VenueSwitchMiddleware:
    """Within the console, lets whoever is signed in hold their rights at the chosen venue alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(paths.CONSOLE):
            user = request.user
            request.user = SimpleLazyObject(lambda: _narrowed(user, request))  # type: ignore[assignment]
        return self.get_response(request)


def _narrowed(user: Any, request: HttpRequest) -> Any:
    if not user.is_authenticated:
        return getattr(user, "_wrapped", user)
    venue_id = _kept(request)
    if user.is_superuser:
        setattr(user, _ONLY, venue_id)
    elif venue_id is not None and venue_id in user.granted:
        setattr(user, _ALL, user.granted)
        user.granted = {venue_id: user.granted[venue_id]}
    return getattr(user, "_wrapped", user)
