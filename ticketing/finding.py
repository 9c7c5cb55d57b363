"""Finding tickets from the console's search box: by number, by what their code says, by their holder."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import chain
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from events.models import Event
from ticketing import codes
from ticketing.models import Ticket
from trufan.lib.console import columns, finding
from trufan.lib.console.finding import MOST, Found
from trufan.lib.numbers import read_out

#: Holders are looked for in so many events, those that ended no longer ago than this first.
NEAR, RECENT = 20, timedelta(days=1)


def find(request: HttpRequest, typed: str) -> Iterable[Found]:
    """A scanned code as a whole, numbers from their beginning, holders of the next events by first or second name."""
    rows = finding.mine(request, Ticket)
    if rows is None:
        return []
    rows = rows.select_related("event__venue", "ticket_type").order_by("-created_at", "-id")
    scanned = _scanned(typed)
    if scanned is not None:
        return [_found(row, exact=True) for row in rows.filter(pk=scanned)]
    unique = {row.pk: row for row in chain.from_iterable(rows.filter(way)[:MOST] for way in ways(request, typed))}
    number = read_out(typed)
    return [_found(row, exact=row.number == number) for row in unique.values()]


def ways(request: HttpRequest, typed: str, *, in_list: bool = False) -> list[Q]:
    """What tickets are looked up by, each by an index: their number, and their holder at events that are near.

    The list of tickets is also asked for their order, which the box finds by itself, and for a seat.
    """
    found: list[Q] = []
    if number := read_out(typed):
        found.append(Q(number__startswith=number))
        found += [Q(order__number__startswith=number)] if in_list else []
    if "@" not in typed and not typed.isdigit():
        near, words = _near_events(request), typed.lower()
        found.append(Q(event_id__in=near, holder_key__startswith=words))
        found.append(Q(event_id__in=near, surname_key__startswith=words))
        if in_list:
            # By the index of those that have a seat: a ticket given back has none any more.
            seated = Q(status__in=["valid", "used"]) & ~Q(seat="")
            found.append(seated & Q(event_id__in=near, seat__in=[typed, typed.upper()]))
    return found


def _scanned(typed: str) -> Any:
    """The ticket that a scanner typed in, whatever its signature is worth: it only opens a page."""
    try:
        return codes.read(typed).ticket_id
    except codes.Unreadable:
        return None


def _near_events(request: HttpRequest) -> list[Any]:
    """The events that are on or come next, which somebody at a door or on the telephone may mean."""
    rows = finding.mine(request, Event)
    if rows is None:
        return []
    coming = rows.filter(ends_at__gt=timezone.now() - RECENT).order_by("starts_at")
    return list(coming.values_list("pk", flat=True)[:NEAR])


def _found(row: Ticket, *, exact: bool) -> Found:
    seat = f", {row.seat}" if row.seat else ""
    about = f"{row.get_status_display()}, {row.ticket_type.name}{seat}, {row.event.name}"
    return Found(f"{row.number}, {row.holder_name or 'no name'}", about, columns.change_url(row), exact)
