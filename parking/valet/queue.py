"""Cars that are wanted, in the order in which they are brought, and how long that takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from django.db.models import Count

from parking.lots.models import ParkingLot
from parking.valet.models import ValetTicket
from parking.vehicles import plates

Status = ValetTicket.Status
#: So many of the last are looked at, and so many are needed.
LOOKED_AT, NEEDED = 20, 5
QUEUED = (Status.REQUESTED, Status.RETRIEVING, Status.READY)


@dataclass(frozen=True)
class Wanted:
    """A car in the queue: its place, from 1, and in how many minutes it should be there; both 0 once it is."""

    ticket: ValetTicket
    place: int
    minutes: int


def of(lot: ParkingLot, now: datetime) -> list[Wanted]:
    """Ready ones first, then by the time for which they are wanted. Two queries."""
    rows = ValetTicket.objects.filter(lot=lot, status__in=QUEUED).select_related("session", "lot__venue")
    found = sorted(rows, key=lambda ticket: (ticket.status != Status.READY, _wanted(ticket), ticket.pk))
    each = minutes_each(lot)
    queue, place = [], 0
    for ticket in found:
        if ticket.status == Status.READY:
            queue.append(Wanted(ticket, 0, 0))
            continue
        place += 1
        queue.append(Wanted(ticket, place, _minutes(ticket, place, each, now)))
    return queue


def place_of(ticket: ValetTicket, now: datetime) -> Wanted:
    """The same for one car; one that nobody wants yet has place 0, and the minutes it would take."""
    queue = of(ticket.lot, now)
    found = next((wanted for wanted in queue if wanted.ticket.pk == ticket.pk), None)
    if found is not None:
        return found
    ahead = sum(wanted.place > 0 for wanted in queue)
    return Wanted(ticket, 0, minutes_each(ticket.lot) * (ahead + 1))


def minutes_each(lot: ParkingLot) -> int:
    """What bringing one car took lately: the median of the last ones, from asked for to ready. One query.

    Until enough were brought, what the lot says.
    """
    rows = ValetTicket.objects.filter(lot=lot, requested_at__isnull=False, ready_at__isnull=False, wanted_at=None)
    times = [
        (ready - asked).total_seconds() / 60
        for asked, ready in rows.order_by("-ready_at").values_list("requested_at", "ready_at")[:LOOKED_AT]
        if asked and ready
    ]
    if len(times) < NEEDED:
        return lot.valet_minutes
    return max(1, round(median(times)))


def _wanted(ticket: ValetTicket) -> datetime:
    return ticket.wanted_at or ticket.requested_at or ticket.created_at


def _minutes(ticket: ValetTicket, place: int, each: int, now: datetime) -> int:
    begun = (now - ticket.retrieving_at) if ticket.retrieving_at else timedelta(0)
    due = max(each * place - int(begun.total_seconds() // 60), 1)
    if ticket.wanted_at is not None and ticket.wanted_at > now:
        return max(due, int((ticket.wanted_at - now).total_seconds() // 60))
    return due


def parked(lot: ParkingLot) -> list[ValetTicket]:
    """Cars that nobody wants yet, by number; one query."""
    rows = ValetTicket.objects.filter(lot=lot, status__in=[Status.DROPPED_OFF, Status.PARKED])
    return list(rows.select_related("session", "lot__venue").order_by("number"))


def matches(ticket: ValetTicket, text: str) -> bool:
    """Whether somebody who looks for `text` may mean this car: its number, plate, looks, key or place."""
    text = text.strip().lower()
    if text == str(ticket.number):
        return True
    key = plates.key(text)
    if len(key) > 1 and key in ticket.session.plate_key:
        return True
    said = (ticket.vehicle, ticket.place, ticket.key_tag)
    return len(text) > 1 and any(text in words.lower() for words in said)


def counts(lots: Iterable[ParkingLot]) -> dict[UUID, int]:
    """How many cars are in our hands at each; one query."""
    rows = ValetTicket.objects.here().filter(lot__in=lots).order_by().values("lot").annotate(cars=Count("pk"))
    return {row["lot"]: row["cars"] for row in rows}
