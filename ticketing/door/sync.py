"""What scanners without a network send later: every scan is kept as what happened, and the tickets follow from all.

Sending is safe to repeat, in whole or in part, in any order: a scan is known by who made it and its nonce. Of one that
was told twice, let in once and refused once, somebody came in: that stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from events.models import Event
from ticketing import announcements, codes
from ticketing.door import measured, standing
from ticketing.door.reading import Seen, look_at
from ticketing.models import CheckInList, Scan, Ticket
from ticketing.signals import attendance_moved
from trufan.lib import live
from trufan.lib.errors import Detail

Reason, Conflict, Result, Direction = Scan.Reason, Scan.Conflict, Scan.Result, Scan.Direction
#: The most scans of one call.
MOST = 1_000
#: A device's clock is corrected where it differs from ours by more than a request may take.
CLOCKS_AGREE = timedelta(seconds=5)
_WITHOUT_TICKET = {
    Reason.UNKNOWN: Conflict.UNKNOWN,
    Reason.FORGED: Conflict.FORGED,
    Reason.WRONG_EVENT: Conflict.WRONG_EVENT,
}


@dataclass(frozen=True)
class Told:
    """One scan as its scanner tells it; `at` is by our clock already, `reason` one of ours, empty when let through."""

    nonce: str
    code: str
    at: datetime
    gate: str = ""
    list_id: UUID | None = None
    direction: str = Direction.IN
    reason: str = ""


@dataclass
class Outcome:
    """What became of one scan: `kept`, a `duplicate` of one that was told before, or `invalid` for `problems`."""

    nonce: str
    outcome: str
    problems: list[Detail] = field(default_factory=list)
    scan: Scan | None = None

    @property
    def conflict(self) -> str:
        return self.scan.conflict if self.scan else ""

    @property
    def ticket(self) -> Ticket | None:
        """Where it stands now. Another event's ticket is none of this door's business."""
        ticket = self.scan.ticket if self.scan else None
        return ticket if ticket and self.scan and ticket.event_id == self.scan.event_id else None


KEPT, DUPLICATE, INVALID = "kept", "duplicate", "invalid"


def correction(device_clock: datetime | None, now: datetime) -> timedelta:
    """What to add to a device's times: nothing where its clock agrees with ours, so that they stay as told."""
    if device_clock is None or abs(now - device_clock) <= CLOCKS_AGREE:
        return timedelta()
    return now - device_clock


def receive_all(event: Event, scans: Sequence[Told | Outcome], by: Any, device: str) -> list[Outcome]:
    """The same for a batch in which some make no sense, and have their outcome already."""
    kept = iter(receive(event, [each for each in scans if isinstance(each, Told)], by, device))
    return [next(kept) if isinstance(each, Told) else each for each in scans]


def summed(outcomes: list[Outcome]) -> dict[str, Any]:
    """The outcomes, and how many there are of each."""
    of = Counter(each.outcome for each in outcomes)
    return {
        "kept": of[KEPT],
        "duplicates": of[DUPLICATE],
        "invalid": of[INVALID],
        "conflicts": sum(bool(each.conflict) for each in outcomes),
        "scans": outcomes,
    }


def receive(event: Event, told: Sequence[Told], by: Any, device: str) -> list[Outcome]:
    """Keep these scans of the event's door, and put their tickets where all their scans put them.

    One outcome for each, in their order. The number of queries does not grow with the scans, but for one more for some
    hundred rows that are written.
    """
    seen = look_at([(each.code, each.at) for each in told], by)
    with transaction.atomic():
        tickets = {ticket.pk: ticket for ticket in standing.locked(_own(event, seen))}
        # Read after the locks: a twin of this call has finished.
        known = _known(by, [each.nonce for each in told])
        lists = set(CheckInList.objects.filter(event=event).values_list("pk", flat=True))
        outcomes, fresh, raised = [], [], []
        for each, what in zip(told, seen, strict=True):
            row = known.get(each.nonce)
            if row is None:
                row = known[each.nonce] = _row(event, each, what, by, device, lists, tickets)
                fresh.append(row)
                outcomes.append(Outcome(each.nonce, KEPT, scan=row))
            elif row.code_hash != codes.fingerprint(each.code):
                outcomes.append(_reused(each.nonce))
            else:
                raised += [row] if _somebody_came_in(row, event, each, what, tickets) else []
                outcomes.append(Outcome(each.nonce, DUPLICATE, scan=row))
        Scan.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
        measured.count(fresh)
        if raised:
            new = {row.pk for row in fresh}
            Scan.objects.bulk_update([row for row in raised if row.pk not in new], _RAISED, batch_size=500)
        conflicts = standing.refold(list(tickets.values())) if fresh or raised else []
        conflicts += [row for row in fresh if row.conflict in _WITHOUT_TICKET.values()]
        _reflect(outcomes, tickets)
        if fresh or raised:
            attendance_moved.send(sender=Scan, event_ids={event.pk, *(row.event_id for row in tickets.values())})
        _tell(event, fresh, conflicts)
    return outcomes


_RAISED = ["ticket", "result", "reason", "is_offline", "conflict", "code_version"]


def _own(event: Event, seen: Iterable[Seen]) -> set[UUID]:
    return {each.ticket.pk for each in seen if each.ticket is not None and each.ticket.event_id == event.pk}


def _known(by: Any, nonces: list[str]) -> dict[str, Scan]:
    rows = Scan.objects.filter(scanned_by=by, nonce__in=nonces).select_related("ticket", "event")
    return {row.nonce: row for row in rows}


def _row(
    event: Event, told: Told, seen: Seen, by: Any, device: str, lists: set[UUID], tickets: dict[UUID, Ticket]
) -> Scan:
    ticket = tickets.get(seen.ticket.pk, seen.ticket) if seen.ticket else None
    if ticket is not None and ticket.event.venue_id != event.venue_id:
        # Somebody works at two venues: neither is told of the other's tickets.
        ticket = None
    return Scan(
        ticket=ticket,
        event=event,
        venue_id=event.venue_id,
        scanned_by=by,
        nonce=told.nonce,
        gate=told.gate,
        direction=told.direction,
        checkin_list_id=told.list_id if told.list_id in lists else None,
        result=Result.REFUSED if told.reason else Result.ACCEPTED,
        reason=told.reason,
        is_offline=True,
        device=device,
        conflict="" if told.reason else _stranger(event, seen),
        code_hash=codes.fingerprint(told.code),
        code_version=seen.version if ticket is not None else None,
        scanned_at=told.at,
    )


def _stranger(event: Event, seen: Seen) -> str:
    """What is wrong with letting in a code that is no ticket of this event; the rest is for the fold to find."""
    if seen.ticket is not None:
        return "" if seen.ticket.event_id == event.pk else Conflict.WRONG_EVENT
    return _WITHOUT_TICKET.get(Reason(seen.reason), Conflict.UNKNOWN)


def _reused(nonce: str) -> Outcome:
    return Outcome(nonce, INVALID, [Detail("nonce", "nonce_reused", gettext("This nonce was used for another code."))])


def _somebody_came_in(row: Scan, event: Event, told: Told, seen: Seen, tickets: dict[UUID, Ticket]) -> bool:
    """Whether the scan is kept as refused, perhaps by us, while the scanner, without our answer, let somebody in."""
    if row.result == Result.ACCEPTED or told.reason or row.event_id != event.pk:
        return False
    row.result, row.reason, row.is_offline = Result.ACCEPTED, "", True
    row.conflict = _stranger(event, seen)
    if seen.ticket is not None and seen.ticket.pk in tickets:
        row.ticket = tickets[seen.ticket.pk]
    row.code_version = seen.version if row.ticket_id else None
    return True


def _reflect(outcomes: list[Outcome], tickets: dict[UUID, Ticket]) -> None:
    """Let the answers show tickets and conflicts as they are now."""
    found = {}
    if tickets:
        rows = Scan.objects.filter(pk__in=[each.scan.pk for each in outcomes if each.scan])
        found = dict(rows.values_list("pk", "conflict"))
    for each in outcomes:
        if each.scan is not None:
            each.scan.conflict = found.get(each.scan.pk, each.scan.conflict)
            if each.scan.ticket_id in tickets:
                each.scan.ticket = tickets[each.scan.ticket_id]


def _tell(event: Event, fresh: list[Scan], conflicts: list[Scan]) -> None:
    if fresh:
        announcements.scanned_offline(event.venue_id, fresh)
        live.publish("door", event.pk, "door.synced")
        live.publish("venue", event.venue_id, "ticket.scanned")
    if conflicts:
        announcements.conflicts(event.venue_id, conflicts)
        live.publish("door", event.pk, "door.conflict")
