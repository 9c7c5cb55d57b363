"""What stewards do without a code: let in, let out, and take back what was a mistake. All of it stands in the trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.trail import record
from ticketing import announcements
from ticketing.door import measured, passing, reasons, rules, standing
from ticketing.errors import NotAdmitted, ReasonNeeded
from ticketing.models import Scan, Ticket
from ticketing.signals import attendance_moved
from trufan.lib import live
from trufan.lib.errors import Detail, InvalidMove
from trufan.lib.ids import uuid7

Reason = Scan.Reason
IN, OUT = Scan.Direction.IN, Scan.Direction.OUT


def admit(ticket: Ticket, by: Any, now: datetime, gate: str = "", reason: str = "") -> Scan:
    """Let someone in by hand: a dead phone, a code that can't be read. Hours and gates are the steward's judgement.

    Raises `NotAdmitted`, with the reason as its detail's code, for a ticket that is inside or does not admit again, was
    refunded or disputed, whose refund is on its way, or whose event was cancelled.
    """
    with transaction.atomic():
        [ticket] = standing.locked([ticket.pk])
        _refuse(rules.why_void(ticket, now))
        late = passing.is_late(ticket, now)
        passing.enter(ticket, gate, now)
        return _done("ticket.admitted", ticket, by, now, late, gate, reason, IN)


def let_out(ticket: Ticket, by: Any, now: datetime, gate: str = "", reason: str = "") -> Scan:
    """Count someone out by hand. Raises `NotAdmitted` with `not_inside`."""
    with transaction.atomic():
        [ticket] = standing.locked([ticket.pk])
        _refuse(Reason.NONE if ticket.inside else Reason.NOT_INSIDE)
        late = passing.is_late(ticket, now)
        passing.leave(ticket, now)
        return _done("ticket.let_out", ticket, by, now, late, gate, reason, OUT)


def undo(ticket: Ticket, by: Any, reason: str, now: datetime) -> Ticket:
    """Take the last passage back, in or out, as if it had not been; without its entry the ticket admits again.

    Raises `ReasonNeeded`, or `InvalidMove` if it was not used.
    """
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        [ticket] = standing.locked([ticket.pk])
        if ticket.status != Ticket.Status.USED:
            raise InvalidMove(ticket, Ticket.Status.VALID)
        was = {"used_at": ticket.used_at, "gate": ticket.used_gate}
        undone = last_passage(ticket)
        if undone is not None:
            _take_back(undone, ticket, by, now)
        standing.refold([ticket])
        action = "ticket.exit_undone" if undone and undone.direction == OUT else "ticket.check_in_undone"
        new = {"reason": reason.strip(), "undone_at": now}
        record(action, ticket, old=was, new=new, actor=by, venue_id=ticket.event.venue_id)
        if action == "ticket.check_in_undone":
            announcements.undone(ticket)
        attendance_moved.send(sender=Ticket, events=[ticket.event])
        live.publish("door", ticket.event_id, "door.undone")
    return ticket


def last_passage(ticket: Ticket) -> Scan | None:
    """What counts for the ticket: not another event's door, nor a code that is not its own any more."""
    counted = Scan.objects.standing().filter(ticket=ticket, event=ticket.event)
    return counted.exclude(conflict=Scan.Conflict.OUTDATED_CODE).last()


def _refuse(reason: str) -> None:
    if reason:
        words = str(reasons.WORDS[Reason(reason)])
        raise NotAdmitted(words, details=[Detail("number", reason, words)])


def _done(
    action: str, ticket: Ticket, by: Any, now: datetime, late: bool, gate: str, reason: str, direction: str
) -> Scan:
    said = {name: value for name, value in (("gate", gate), ("reason", reason)) if value}
    record(action, ticket, new=said, actor=by, venue_id=ticket.event.venue_id)
    entry = Scan.objects.create(
        ticket=ticket,
        event=ticket.event,
        venue_id=ticket.event.venue_id,
        scanned_by=by,
        nonce=f"by_hand:{uuid7()}",
        gate=gate,
        direction=direction,
        method=Scan.Method.BY_HAND,
        result=Scan.Result.ACCEPTED,
        scanned_at=now,
    )
    if late:
        passing.settle(ticket, ticket.event_id)
    measured.count([entry])
    announcements.scanned(entry)
    live.publish("door", ticket.event_id, "door.passed")
    return entry


def _take_back(undone: Scan, ticket: Ticket, by: Any, now: datetime) -> None:
    Scan.objects.create(
        ticket=ticket,
        event=ticket.event,
        venue_id=ticket.event.venue_id,
        scanned_by=by,
        nonce=f"undo:{undone.pk}",
        gate=undone.gate,
        direction=undone.direction,
        method=Scan.Method.UNDO,
        result=Scan.Result.ACCEPTED,
        scanned_at=now,
        undoes=undone,
    )
