"""Seats that staff keep from sale: blocked because nobody should sit there, or the house's own for its guests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from events.models import Event
from ticketing import ticket_types
from ticketing.errors import ReasonNeeded, SeatTaken
from ticketing.models import EventSeat
from ticketing.seats import changes, quantities
from ticketing.seats.errors import NoSeating
from ticketing.seats.locking import lock_types
from ticketing.seats.querysets import EventSeatQuerySet
from trufan.lib.errors import Detail, Invalid

Status = EventSeat.Status
KEPT: frozenset[str] = frozenset({Status.BLOCKED, Status.HOUSE})
#: What staff may set, and what it may be set on.
SETTABLE: frozenset[str] = KEPT | {Status.FREE}


def keep(event: Event, labels: Sequence[str], status: str, by: Any, now: datetime, reason: str = "") -> int:
    """Make these seats `blocked`, `house` or `free`; how many changed. All of them or none.

    A label that ends with `*` stands for all that begin so. Raises `SeatTaken` where somebody holds or bought one,
    `Invalid` for a label there is not, `ReasonNeeded`, `EventClosed`, `NoSeating`, and `CapacityExceeded` where the
    event has no room for what comes back.
    """
    reason = reason.strip() if status in KEPT else ""
    if status in KEPT and not reason:
        raise ReasonNeeded.field("reason", ReasonNeeded.message, ReasonNeeded.code)
    with transaction.atomic():
        event = ticket_types.opened(event)
        labels = _in_full(event, labels)
        seats: EventSeatQuerySet = EventSeat.objects.labelled(event.pk, labels)
        types = set(seats.order_by().exclude(ticket_type=None).values_list("ticket_type", flat=True).distinct())
        lock_types(types)
        old = _old(event, seats, labels)
        moved = seats.filter(status__in=SETTABLE).exclude(status=status, reason=reason)
        count = moved.update(status=status, reason=reason)
        if count:
            quantities.recount(event, types, by)
            record(
                "event.seats_kept",
                event,
                old={"statuses": old},
                new={"seats": labels, "status": status, "reason": reason, "at": now},
                actor=by,
                venue_id=event.venue_id,
            )
            changes.announce({event.pk})
    return count


def _in_full(event: Event, labels: Sequence[str]) -> list[str]:
    """The labels, with those that end with `*` written out; one that stands for nothing stays, and will be missed."""
    full = set(labels)
    for short in sorted(label for label in full if label.endswith("*")):
        begins = EventSeat.objects.filter(event=event, label__startswith=short.removesuffix("*"))
        if found := set(begins.values_list("label", flat=True)):
            full = (full - {short}) | found
    return sorted(full)


def _old(event: Event, seats: EventSeatQuerySet, labels: Sequence[str]) -> dict[str, int]:
    """How many seats had which status, if all of them are there and nobody's."""
    found = dict(seats.values_list("label", "status"))
    if not found and not EventSeat.objects.filter(event=event).exists():
        raise NoSeating
    if missing := [label for label in labels if label not in found]:
        details = [
            Detail("seats", "not_found", gettext("There is no seat {label}.").format(label=label))
            for label in missing[:20]
        ]
        raise Invalid(gettext("Some of these seats are not on the event's plan."), details=details)
    if taken := [label for label, status in found.items() if status not in SETTABLE]:
        details = [
            Detail("seats", SeatTaken.code, gettext("Seat {label} is {found}.").format(label=label, found=found[label]))
            for label in taken[:20]
        ]
        raise SeatTaken(gettext("Some of these seats are held or sold."), details=details)
    statuses = list(found.values())
    return {status: statuses.count(status) for status in sorted(set(statuses))}
