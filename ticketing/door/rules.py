"""Why a ticket does not open a door, in the order in which the steward is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.door_policy import policy_of
from events.models import Event
from ticketing.door.folding import why_not_in
from ticketing.door.standing import terms_of
from ticketing.models import CheckInList, Scan, Ticket

#: How long after an event's end its tickets still admit.
LATE_ENTRY = timedelta(hours=1)
Reason = Scan.Reason


@dataclass(frozen=True)
class Door:
    """Where and when somebody stands: at which event's door (None: any), at which gate, by which list."""

    at: datetime
    event_id: UUID | None = None
    gate: str = ""
    checkin_list: CheckInList | None = None


def why_not_enter(ticket: Ticket, version: int, door: Door) -> str:
    """Why the ticket, by a code of this version, does not open this door; nothing when it does."""
    if door.event_id not in (None, ticket.event_id):
        return Reason.WRONG_EVENT
    void = why_void(ticket, door.at)
    if version != ticket.code_version and void in (Reason.NONE, Reason.ALREADY_USED, Reason.NO_REENTRY):
        return Reason.OUTDATED_CODE
    return void or _out_of_hours(ticket.event, door.at) or _not_here(ticket, door) or _out_of_slot(ticket, door.at)


def why_not_leave(ticket: Ticket, version: int, door: Door) -> str:
    """Why somebody is not counted out by this ticket. Nobody is kept inside: only what tells nothing is refused."""
    if door.event_id not in (None, ticket.event_id):
        return Reason.WRONG_EVENT
    if version != ticket.code_version:
        return Reason.OUTDATED_CODE
    return Reason.NONE if ticket.inside else Reason.NOT_INSIDE


def why_void(ticket: Ticket, at: datetime) -> str:
    """Why this ticket opens no door at that moment, whatever the door; nothing when it may."""
    if ticket.event.status == Event.Status.CANCELLED:
        return Reason.EVENT_CANCELLED
    if ticket.frozen_at is not None:
        return Reason.DISPUTED
    if ticket.status == Ticket.Status.REFUNDED:
        return Reason.REFUNDED
    if ticket.status == Ticket.Status.USED:
        used = _why_used(ticket, at)
        if used:
            return used
    if ticket.returning_at is not None:
        return Reason.REFUND_PENDING
    return Reason.NONE


def opens(gates: Iterable[Any], gate: str) -> bool:
    """Whether `gate` is among the names, which without any are all gates. Case and white space don't matter."""
    names = {_plain(name) for name in gates}
    return not names or _plain(gate) in names


def _why_used(ticket: Ticket, at: datetime) -> str:
    """A ticket without entries of its own was used before these were kept: it is inside."""
    if not ticket.entries:
        return Reason.ALREADY_USED
    return Reason(why_not_in(ticket.inside, ticket.entries, ticket.last_in_at, at, terms_of(ticket)))


def _out_of_hours(event: Event, at: datetime) -> str:
    if at < event.doors_at:
        return Reason.NOT_YET
    if at > event.ends_at + LATE_ENTRY or event.status == Event.Status.COMPLETED:
        return Reason.TOO_LATE
    return Reason.NONE


def _not_here(ticket: Ticket, door: Door) -> str:
    chosen = door.checkin_list
    if chosen is not None:
        # Prefetched with the list: no query here.
        types = {each.pk for each in chosen.ticket_types.all()}
        if types and ticket.ticket_type_id not in types:
            return Reason.NOT_ON_LIST
        if not opens(chosen.gates, door.gate):
            return Reason.WRONG_GATE
    return Reason.NONE if opens(ticket.ticket_type.gates, door.gate) else Reason.WRONG_GATE


def _out_of_slot(ticket: Ticket, at: datetime) -> str:
    """Of a ticket for a slot, its first entry lies within it; who came in time may come back later."""
    slot = getattr(ticket, "slot", None)
    if slot is None or ticket.entries:
        return Reason.NONE
    grace = policy_of(ticket.event).grace
    return Reason.NONE if slot.starts_at - grace <= at <= slot.ends_at + grace else Reason.WRONG_SLOT


def _plain(name: Any) -> str:
    return str(name).strip().casefold()
