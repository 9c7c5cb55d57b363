"""A whole order at the door: every ticket of it in one go, each by the rules of a scan, and all taken back again.

A family with one phone, a group behind its leader. Each ticket gets its own `Scan`, accepted or refused with the
reason; their nonces share the admission's id, by which it is found again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from orders.models import Order
from ticketing.door import by_hand, checkin, reasons, rules, standing
from ticketing.door.errors import NothingToTakeBack
from ticketing.door.rules import Door
from ticketing.errors import ReasonNeeded
from ticketing.models import CheckInList, Scan, Ticket
from trufan.lib.ids import uuid7

_MARK = "order:"


@dataclass(frozen=True)
class Admission:
    """What became of an order's tickets at the door, one scan each."""

    id: UUID
    order: Order
    scans: Sequence[Scan]

    @property
    def accepted(self) -> int:
        return sum(scan.result == Scan.Result.ACCEPTED for scan in self.scans)

    @property
    def refused(self) -> int:
        return len(self.scans) - self.accepted


@dataclass(frozen=True)
class TakenBack:
    """The tickets whose entry was taken back, and those that have moved since and stay as they are."""

    order: Order
    undone: Sequence[Ticket]
    left: Sequence[Ticket]


def tickets_of(order: Order, event_id: UUID | None = None) -> list[Ticket]:
    """Those of its tickets that a door may see: not what went back; those of one event where it is named."""
    rows = Ticket.objects.with_event().filter(order=order).exclude(status=Ticket.Status.REFUNDED)
    return list((rows.filter(event=event_id) if event_id else rows).order_by("created_at", "ordinal", "pk"))


def admit(
    order: Order,
    *,
    by: Any,
    now: datetime,
    event_id: UUID | None = None,
    gate: str = "",
    reason: str = "",
    checkin_list: CheckInList | None = None,
) -> Admission:
    """Let in whoever comes with this order, as far as each ticket would be let in by its code.

    A ticket that may not come in is a refused scan, and keeps no other out. `reason` is kept in the trail.
    """
    made, door = uuid7(), Door(now, event_id, gate, checkin_list)
    with transaction.atomic():
        tickets = standing.locked([ticket.pk for ticket in tickets_of(order, event_id)])
        scans = [checkin.pass_by_hand(ticket, door, by, f"{_MARK}{made}:{ticket.pk}") for ticket in tickets]
        admission = Admission(made, order, scans)
        said = {"admission": made, "accepted": admission.accepted, "refused": admission.refused}
        said |= {name: value for name, value in (("gate", gate), ("reason", reason)) if value}
        record("order.admitted", order, new=said, actor=by, venue_id=order.venue_id)
    return admission


def take_back(
    order: Order, *, by: Any, now: datetime, reason: str, event_id: UUID | None = None, admission_id: UUID | None = None
) -> TakenBack:
    """Take back what one admission let in, the last one where none is named; who has gone out since stays as they are.

    Raises `ReasonNeeded`, and `NothingToTakeBack` where no such admission let anybody in.
    """
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        tickets = standing.locked([ticket.pk for ticket in tickets_of(order, event_id)])
        entries = _entries(tickets, admission_id)
        undone, left = [], []
        for ticket in (each for each in tickets if each.pk in entries):
            if by_hand.last_passage(ticket) == entries[ticket.pk]:
                undone.append(by_hand.undo(ticket, by, reason, now))
            else:
                left.append(ticket)
        new = {"undone": len(undone), "left": len(left), "reason": reason.strip()}
        record("order.admission_undone", order, new=new, actor=by, venue_id=order.venue_id)
    return TakenBack(order, undone, left)


def can_take_back(order: Order) -> bool:
    """Whether an admission of this order stands."""
    return _standing().filter(ticket__order=order).exists()


def scans_of(order: Order, admission_id: UUID) -> list[Scan]:
    """What became of each ticket in that admission."""
    rows = Scan.objects.with_answer().filter(ticket__order=order, nonce__startswith=f"{_MARK}{admission_id}:")
    return list(rows.order_by("created_at", "pk"))


def foretold(order: Order, now: datetime) -> str:
    """Who would come in now and who would not, and why, in words and figures."""
    told = [(ticket, rules.why_not_enter(ticket, ticket.code_version, Door(now))) for ticket in tickets_of(order)]
    refused = [(ticket, reason) for ticket, reason in told if reason]
    said = gettext("{accepted} of {count} tickets are let in now.")
    lines = [said.format(accepted=len(told) - len(refused), count=len(told))]
    return "\n".join([*lines, *(_refusal(ticket, reason) for ticket, reason in refused)])


def summary(admission: Admission) -> str:
    """What happened, in words and figures."""
    said = gettext("{accepted} let in, {refused} not.").format(accepted=admission.accepted, refused=admission.refused)
    return " ".join([said, *(_refusal(scan.ticket, scan.reason) for scan in admission.scans if scan.reason)])


def _refusal(ticket: Any, reason: str) -> str:
    return gettext("Not {ticket}: {why}").format(ticket=ticket, why=reasons.WORDS[Scan.Reason(reason)])


def _entries(tickets: Sequence[Ticket], admission_id: UUID | None) -> dict[UUID, Scan]:
    """Ticket → the scan by which that admission let it in. Raises `NothingToTakeBack`."""
    rows = list(_standing().filter(ticket__in=[ticket.pk for ticket in tickets]).order_by("-created_at", "-pk"))
    wanted = f"{_MARK}{admission_id}:" if admission_id else rows[0].nonce[: len(_MARK) + 37] if rows else ""
    entries = {row.ticket_id: row for row in rows if wanted and row.nonce.startswith(wanted)}
    if not entries:
        raise NothingToTakeBack
    return entries


def _standing() -> Any:
    return Scan.objects.standing().filter(method=Scan.Method.BY_HAND, nonce__startswith=_MARK)
