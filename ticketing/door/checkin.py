"""The door: who is let in, who went out, and what is remembered of everyone who came.

A ticket lets through by one conditional UPDATE, so of two scanners at the same moment one lets the person in. Each
scan is one row, written in the same statement or transaction; its nonce, chosen by the scanner, makes it safe to send
again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts.grants import Permission
from ticketing import announcements, codes
from ticketing.door import measured, passing, rules
from ticketing.door.by_hand import admit as admit
from ticketing.door.by_hand import let_out as let_out
from ticketing.door.by_hand import undo as undo
from ticketing.door.lists import open_list
from ticketing.door.reading import Seen, look
from ticketing.door.rules import LATE_ENTRY as LATE_ENTRY
from ticketing.door.rules import Door
from ticketing.errors import NonceReused
from ticketing.models import CheckInList, Scan, Ticket
from ticketing.permissions import staff_event
from trufan.lib import live
from trufan.lib.appending import append, gathered
from trufan.lib.errors import Forbidden, Invalid

#: How far a scanner's clock may run ahead of ours.
CLOCK_AHEAD = timedelta(minutes=5)
#: How long a scanner may keep a scan before it sends it.
OLDEST = timedelta(days=7)

Reason, Direction = Scan.Reason, Scan.Direction
#: The event and the venue in whose books a scan stands.
_Books = tuple[UUID | None, UUID | None]


def scan(
    code: str,
    *,
    by: Any,
    nonce: str,
    now: datetime,
    gate: str = "",
    event_id: UUID | None = None,
    scanned_at: datetime | None = None,
    direction: str = Direction.IN,
    list_id: UUID | None = None,
) -> Scan:
    """Let the bearer of a code through, or say why not: the `Scan` row, accepted or refused.

    `event_id` is the event whose door this is, `list_id` a check-in list of it; `scanned_at`, by the scanner's clock,
    decides whether the doors are open. The same `nonce` by the same person gets the same row again. Raises `Forbidden`
    without `check_in` anywhere or at that event, `Missing` for an event or list one may not know of, `ListClosed`,
    `NonceReused`, `Invalid` for an impossible time.
    """
    if not (by.is_superuser or by.venues_where(Permission.CHECK_IN)):
        raise Forbidden(gettext("You may not check tickets."))
    # What is scanned and sent at once is hardly ever sent again, and then refused by the nonce. What was kept, or is
    # judged by a list that may have closed since, is asked for first: its answer must not depend on when it comes.
    told = _told_before(by, nonce, code) if scanned_at or list_id else None
    if told is not None:
        return told
    at = moment(scanned_at, now)
    chosen = open_list(by, list_id, event_id) if list_id else None
    door = Door(at, chosen.event_id if chosen else event_id, gate, chosen)
    try:
        return _answer(code, by, nonce, door, direction)
    except IntegrityError:
        # A twin with the same nonce was faster. Ours is undone, and theirs is the answer.
        told = _told_before(by, nonce, code)
        if told is None:
            raise
        return told


def moment(scanned_at: datetime | None, now: datetime) -> datetime:
    """When it was scanned; a clock that runs a little ahead is set back to ours. Raises `Invalid`."""
    if scanned_at is None:
        return now
    if scanned_at > now + CLOCK_AHEAD:
        raise Invalid.field("scanned_at", "This is in the future.", "in_the_future")
    if scanned_at < now - OLDEST:
        raise Invalid.field("scanned_at", f"Scans are accepted for {OLDEST.days} days.", "too_old")
    return min(scanned_at, now)


def _told_before(by: Any, nonce: str, code: str) -> Scan | None:
    told = Scan.objects.with_answer().filter(scanned_by=by, nonce=nonce).first()
    if told is not None and told.code_hash != codes.fingerprint(code):
        raise NonceReused
    return told


def _answer(code: str, by: Any, nonce: str, door: Door, direction: str) -> Scan:
    seen = look(code, by, door.at)
    books = _books(door.event_id, seen.ticket, by)
    row = {"scanned_by": by, "nonce": nonce, "code_hash": codes.fingerprint(code), "code_version": _version(seen)}
    told = _pass_at_once(seen, door, direction, books, **row)
    if told is not None:
        return told
    with transaction.atomic(), gathered():
        return _pass(seen, door, direction, books, **row)


def pass_by_hand(ticket: Ticket, door: Door, by: Any, nonce: str) -> Scan:
    """The same for a ticket that is known without its code: let it in, or say why not. The caller has its lock."""
    books, by_hand = (ticket.event_id, ticket.event.venue_id), Scan.Method.BY_HAND
    seen = Seen(ticket, ticket.code_version)
    return _pass(seen, door, Direction.IN, books, scanned_by=by, nonce=nonce, method=by_hand)


def _pass_at_once(seen: Seen, door: Door, direction: str, books: _Books, **row: Any) -> Scan | None:
    """Let through in one statement who may pass, where nobody else is to be told of it in the same transaction.

    None: they may not, or the ticket is not as it was read, or more depends on it.
    """
    ticket = seen.ticket
    if ticket is None or seen.reason or getattr(ticket, "has_listeners", True) or passing.is_late(ticket, door.at):
        return None
    if _why_not(ticket, seen.version, door, direction):
        return None
    entry, passage = _entry(seen, door, direction, books, **row), _passage(ticket, door, direction)
    try:
        with transaction.atomic(), gathered(ends=True):
            append(entry)
            announcements.scanned(entry)
            passage.gather()
    except passing.NotAsRead:
        return None
    passage.written()
    _tell_watchers(entry)
    return entry


def _pass(seen: Seen, door: Door, direction: str, books: _Books, **row: Any) -> Scan:
    reason, late = seen.reason, False
    if seen.ticket is not None and not reason:
        reason, late = _let_through(seen.ticket, seen.version, door, direction)
    entry = _entry(seen, door, direction, books, reason, **row)
    append(entry)
    if late and seen.ticket is not None:
        passing.settle(seen.ticket, seen.ticket.event_id)
    announcements.scanned(entry)
    _tell_watchers(entry)
    return entry


def _entry(seen: Seen, door: Door, direction: str, books: _Books, reason: str = Reason.NONE, **row: Any) -> Scan:
    event_id, venue_id = books
    return Scan(
        ticket=seen.ticket,
        event_id=event_id,
        venue_id=venue_id,
        gate=door.gate,
        direction=direction,
        checkin_list=_kept_list(door, event_id),
        result=Scan.Result.REFUSED if reason else Scan.Result.ACCEPTED,
        reason=reason,
        scanned_at=door.at,
        previous=passing.last_entry(seen.ticket) if seen.ticket and reason == Reason.ALREADY_USED else None,
        **row,
    )


def _tell_watchers(entry: Scan) -> None:
    measured.count([entry])
    if entry.result == Scan.Result.ACCEPTED and entry.direction == Direction.IN:
        live.publish("venue", entry.venue_id, "ticket.scanned")
    if entry.event_id is not None:
        live.publish("door", entry.event_id, "door.refused" if entry.reason else "door.passed")


def _version(seen: Seen) -> int | None:
    return seen.version if seen.ticket is not None else None


def _kept_list(door: Door, event_id: UUID | None) -> CheckInList | None:
    return door.checkin_list if door.checkin_list and door.checkin_list.event_id == event_id else None


def _books(event_id: UUID | None, ticket: Ticket | None, by: Any) -> _Books:
    """The event and the venue in whose books the scan stands."""
    if ticket is not None and event_id in (None, ticket.event_id):
        return ticket.event_id, ticket.event.venue_id
    if event_id is not None:
        return event_id, staff_event(by, event_id, Permission.CHECK_IN).venue_id
    venues = by.venues_where(Permission.CHECK_IN)
    return None, next(iter(venues)) if len(venues) == 1 else None


def _let_through(ticket: Ticket, version: int, door: Door, direction: str) -> tuple[str, bool]:
    """Move the ticket in or out: why not, or nothing, and whether something later was known of it already."""
    reason, moved = _try(ticket, version, door, direction)
    if reason or moved:
        return reason, moved == _LATE
    # It changed after we read it. Under its lock there is one answer.
    ticket.refresh_from_db(fields=passing.READ, from_queryset=Ticket.objects.select_for_update())
    reason, moved = _try(ticket, version, door, direction)
    return reason, moved == _LATE


_NOT, _IN_TURN, _LATE = range(3)


def _try(ticket: Ticket, version: int, door: Door, direction: str) -> tuple[str, int]:
    late = passing.is_late(ticket, door.at)
    reason = _why_not(ticket, version, door, direction)
    moved = not reason and _passage(ticket, door, direction).write()
    return reason, (_LATE if late else _IN_TURN) if moved else _NOT


def _why_not(ticket: Ticket, version: int, door: Door, direction: str) -> str:
    why_not = rules.why_not_enter if direction == Direction.IN else rules.why_not_leave
    return why_not(ticket, version, door)


def _passage(ticket: Ticket, door: Door, direction: str) -> passing.Passage:
    if direction == Direction.IN:
        return passing.inwards(ticket, door.gate, door.at)
    return passing.outwards(ticket, door.at)
