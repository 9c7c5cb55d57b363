"""The door: who is let in, once, and what is remembered of everyone who came.

A ticket becomes used by one conditional UPDATE, so of two scanners at the same moment one lets the person in. Each
scan is one row, written in the same transaction; its nonce, chosen by the scanner, makes it safe to send again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.grants import Permission
from audit.trail import record
from events.models import Event
from ticketing import codes, reasons
from ticketing.errors import NonceReused, NotAdmitted, ReasonNeeded
from ticketing.models import Scan, Ticket
from ticketing.permissions import staff_event
from trufan.lib.errors import Detail, Forbidden, Invalid
from trufan.lib.ids import uuid7

#: How long after an event's end its tickets still admit.
LATE_ENTRY = timedelta(hours=1)
#: How far a scanner's clock may run ahead of ours.
CLOCK_AHEAD = timedelta(minutes=5)
#: How long a scanner may keep a scan before it sends it.
OLDEST = timedelta(days=7)

Reason = Scan.Reason


@dataclass(frozen=True)
class _Seen:
    """What a code turned out to be: a ticket (with the version its code has), or the reason why there is none."""

    ticket: Ticket | None = None
    version: int = 0
    reason: str = Reason.NONE


def scan(
    code: str,
    *,
    by: Any,
    nonce: str,
    now: datetime,
    gate: str = "",
    event_id: UUID | None = None,
    scanned_at: datetime | None = None,
) -> Scan:
    """Let the bearer of a code in, or say why not: the `Scan` row, accepted or refused.

    `event_id` is the event whose door this is; `scanned_at`, by the scanner's clock, decides whether the doors are
    open. The same `nonce` by the same person gets the same row again. Raises `Forbidden` without `check_in` anywhere
    or at that event, `Missing` for an event one may not know of, `NonceReused`, `Invalid` for an impossible time.
    """
    if not (by.is_superuser or by.venues_where(Permission.CHECK_IN)):
        raise Forbidden("You may not check tickets.")
    told = _told_before(by, nonce, code)
    if told is not None:
        return told
    at = _moment(scanned_at, now)
    try:
        with transaction.atomic():
            return _answer(code, by=by, nonce=nonce, gate=gate, event_id=event_id, at=at)
    except IntegrityError:
        # A twin with the same nonce was faster. Ours is undone, and theirs is the answer.
        told = _told_before(by, nonce, code)
        if told is None:
            raise
        return told


def admit(ticket: Ticket, by: Any, now: datetime, gate: str = "", reason: str = "") -> Scan:
    """Let someone in by hand: a dead phone, a code that can't be read. Opening times are the steward's judgement.

    Raises `NotAdmitted`, with the reason as its detail's code, for a ticket that was used, refunded or disputed, whose
    refund is on its way, or whose event was cancelled.
    """
    with transaction.atomic():
        ticket = _locked(ticket)
        refusal = _void(ticket)
        if refusal:
            words = reasons.WORDS[Reason(refusal)]
            raise NotAdmitted(words, details=[Detail("number", refusal, words)])
        ticket.move(Ticket.Status.USED, used_at=now, used_gate=gate)
        record("ticket.admitted", ticket, new=_said(gate, reason), actor=by, venue_id=ticket.event.venue_id)
        return Scan.objects.create(
            ticket=ticket,
            event=ticket.event,
            venue_id=ticket.event.venue_id,
            scanned_by=by,
            nonce=f"by_hand:{uuid7()}",
            gate=gate,
            method=Scan.Method.BY_HAND,
            result=Scan.Result.ACCEPTED,
            scanned_at=now,
        )


def undo(ticket: Ticket, by: Any, reason: str, now: datetime) -> Ticket:
    """Take a check-in back, so that the ticket admits again. Raises `ReasonNeeded`, or `InvalidMove` if not used."""
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        ticket = _locked(ticket)
        was = {"used_at": ticket.used_at, "gate": ticket.used_gate}
        ticket.move(Ticket.Status.VALID, used_at=None, used_gate="")
        new = {"reason": reason.strip(), "undone_at": now}
        record("ticket.check_in_undone", ticket, old=was, new=new, actor=by, venue_id=ticket.event.venue_id)
    return ticket


def _told_before(by: Any, nonce: str, code: str) -> Scan | None:
    told = Scan.objects.with_answer().filter(scanned_by=by, nonce=nonce).first()
    if told is not None and told.code_hash != codes.fingerprint(code):
        raise NonceReused
    return told


def _moment(scanned_at: datetime | None, now: datetime) -> datetime:
    """When it was scanned; a clock that runs a little ahead is set back to ours."""
    if scanned_at is None:
        return now
    if scanned_at > now + CLOCK_AHEAD:
        raise Invalid.field("scanned_at", "This is in the future.", "in_the_future")
    if scanned_at < now - OLDEST:
        raise Invalid.field("scanned_at", f"Scans are accepted for {OLDEST.days} days.", "too_old")
    return min(scanned_at, now)


def _answer(code: str, *, by: Any, nonce: str, gate: str, event_id: UUID | None, at: datetime) -> Scan:
    seen = _look(code, by)
    door_event, venue_id = _door(event_id, seen.ticket, by)
    reason = seen.reason
    if seen.ticket is not None:
        reason = _let_in(seen.ticket, seen.version, event_id, gate, at)
    return Scan.objects.create(
        ticket=seen.ticket,
        event_id=door_event,
        venue_id=venue_id,
        scanned_by=by,
        nonce=nonce,
        gate=gate,
        result=Scan.Result.REFUSED if reason else Scan.Result.ACCEPTED,
        reason=reason,
        code_hash=codes.fingerprint(code),
        scanned_at=at,
        previous=_last_entry(seen.ticket) if reason == Reason.ALREADY_USED else None,
    )


def _look(code: str, by: Any) -> _Seen:
    """Read the code, believe it only if the venue signed it, and find its ticket.

    A genuine ticket of a venue where `by` has no right at the door is for another event, and nothing else is told.
    """
    try:
        claim = codes.read(code)
    except codes.Unreadable:
        return _Seen(reason=Reason.UNKNOWN)
    ticket = Ticket.objects.with_event().filter(pk=claim.ticket_id, event_id=claim.event_id).first()
    venue_id = ticket.event.venue_id if ticket else _venue_of(claim.event_id)
    try:
        claim.verify(venue_id)
    except codes.Forged:
        return _Seen(reason=Reason.FORGED)
    if ticket is None:
        return _Seen(reason=Reason.UNKNOWN)
    if not by.can(Permission.CHECK_IN, venue_id):
        return _Seen(reason=Reason.WRONG_EVENT)
    return _Seen(ticket, claim.version)


def _venue_of(event_id: UUID) -> UUID:
    """The venue of an event; without such an event its own id, for which nobody ever signed anything."""
    return Event.objects.filter(pk=event_id).values_list("venue_id", flat=True).first() or event_id


def _door(event_id: UUID | None, ticket: Ticket | None, by: Any) -> tuple[UUID | None, UUID | None]:
    """The event and the venue in whose books the scan stands."""
    if ticket is not None and event_id in (None, ticket.event_id):
        return ticket.event_id, ticket.event.venue_id
    if event_id is not None:
        return event_id, staff_event(by, event_id, Permission.CHECK_IN).venue_id
    venues = by.venues_where(Permission.CHECK_IN)
    return None, next(iter(venues)) if len(venues) == 1 else None


def _let_in(ticket: Ticket, version: int, event_id: UUID | None, gate: str, at: datetime) -> str:
    """Turn the ticket from valid into used; why not, or nothing."""
    refusal = _refusal(ticket, version, event_id, at)
    if refusal or _use(ticket, gate, at):
        return refusal
    # It changed after we read it. Under its lock there is one answer.
    ticket.refresh_from_db(
        fields=["status", "code_version", "frozen_at", "returning_at"],
        from_queryset=Ticket.objects.select_for_update(),
    )
    refusal = _refusal(ticket, version, event_id, at)
    if not refusal:
        _use(ticket, gate, at)
    return refusal


def _use(ticket: Ticket, gate: str, at: datetime) -> bool:
    rows = Ticket.objects.filter(
        pk=ticket.pk,
        status=Ticket.Status.VALID,
        code_version=ticket.code_version,
        frozen_at=None,
        returning_at=None,
    )
    return bool(rows.update(status=Ticket.Status.USED, used_at=at, used_gate=gate))


def _refusal(ticket: Ticket, version: int, event_id: UUID | None, at: datetime) -> str:
    """Why this ticket does not open this door at that moment; nothing when it does."""
    event = ticket.event
    if event_id not in (None, ticket.event_id):
        return Reason.WRONG_EVENT
    void = _void(ticket)
    if version != ticket.code_version and void in (Reason.NONE, Reason.ALREADY_USED):
        return Reason.OUTDATED_CODE
    if void:
        return void
    if at < event.doors_at:
        return Reason.NOT_YET
    if at > event.ends_at + LATE_ENTRY or event.status == Event.Status.COMPLETED:
        return Reason.TOO_LATE
    return Reason.NONE


def _void(ticket: Ticket) -> str:
    """Why this ticket does not open any door at any time; nothing when it does."""
    if ticket.event.status == Event.Status.CANCELLED:
        return Reason.EVENT_CANCELLED
    if ticket.frozen_at is not None:
        return Reason.DISPUTED
    if ticket.status == Ticket.Status.REFUNDED:
        return Reason.REFUNDED
    if ticket.status == Ticket.Status.USED:
        return Reason.ALREADY_USED
    if ticket.returning_at is not None:
        return Reason.REFUND_PENDING
    return Reason.NONE


def _last_entry(ticket: Ticket | None) -> Scan | None:
    return Scan.objects.filter(ticket=ticket, result=Scan.Result.ACCEPTED).order_by("-created_at").first()


def _locked(ticket: Ticket) -> Ticket:
    return Ticket.objects.with_event().select_for_update(of=("self",)).get(pk=ticket.pk)


def _said(gate: str, reason: str) -> dict[str, str]:
    return {name: value for name, value in {"gate": gate, "reason": reason.strip()}.items() if value}
