"""Whoever has a seat has their food brought to it: what tickets know of a place that an order is to go to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext

from events.models import Event
from orders.kitchen.delivery import Place
from ticketing.models import Ticket

#: How long before the doors open people order to the seat that they will have.
AHEAD = timedelta(hours=24)


def why_not(place: Place, user: Any, now: datetime) -> tuple[str, str] | None:
    """A seat that is none of the buyer's own at an event of the day; nothing to say of who has no numbered seat.

    A ticket's seat is one label, such as `112-A-12` or, where it is clear without a section, `A-12`.
    """
    if user is None:
        return None
    running = Event.objects.published().filter(venue=place.venue, ends_at__gt=now, doors_at__lte=now + AHEAD)
    tickets = Ticket.objects.live().filter(holder=user, event__in=running).exclude(seat="")
    own = {_plain(seat) for seat in tickets.order_by().values_list("seat", flat=True)}
    if not own or own & _labels(place):
        return None
    return "seat", gettext("This is not the seat on your ticket.")


def _labels(place: Place) -> set[str]:
    """What a ticket for this place may have on it."""
    parts = [part for part in (place.section, place.row, place.seat) if part]
    return {_plain("-".join(parts[start:])) for start in range(len(parts))}


def _plain(label: str) -> str:
    """Capitals, and one dash where there are blanks, dashes or slashes."""
    return "-".join(label.upper().replace("/", " ").replace("-", " ").split())
