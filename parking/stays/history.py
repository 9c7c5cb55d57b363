"""A stay's story for those who run the lot: what the audit trail says of it and its charges, and what the gates saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.console import entries_of
from audit.models import AuditLog
from parking.stays import gate_words
from parking.stays.models import GateEvent, ParkingSession
from trufan.lib.money import show
from trufan.lib.words import lazy as _

#: Longer stories are cut at their beginning.
MOST = 200
_WORDS = {
    "parking_session.started": _("Came in"),
    "parking_session.claimed": _("Joined by its driver"),
    "parking_session.reservation_shown": _("Showed its reservation"),
    "parking_session.ended": _("Left"),
    "parking_session.reopened": _("Reopened"),
    "parking_session.voided": _("Made void"),
    "parking_session.noted": _("Note"),
    "parking_session.moved": _("Moved to another space"),
    "parking_session.extended": _("Extended"),
    "parking_session.validated": _("Validated"),
    "parking_session.price_set": _("Price set by staff"),
    "parking_session.ticket_lost": _("Ticket lost"),
    "parking_session.overstayed": _("Stayed too long"),
    "parking_session.beyond_room": _("Stays beyond what there is room for"),
    "parking_gate.opened_by_hand": _("Opened by staff"),
    "parking_charge.opened": _("Asked to pay"),
    "parking_charge.paid": _("Paid"),
    "parking_charge.cancelled": _("Not paid, and given up"),
    "parking_charge.payment_failed": _("Payment failed"),
    "parking_charge.refund_requested": _("Refund asked for"),
    "parking_charge.refunded": _("Refunded"),
}


@dataclass(frozen=True)
class Line:
    """One thing that happened. `by` is whoever did it, empty for TruFan itself and for guests."""

    at: datetime
    action: str
    words: str
    by: str
    details: dict[str, Any]


def of(session: ParkingSession) -> list[Line]:
    """What happened, the latest first; three queries."""
    entries = entries_of(session, *session.charges.all()).order_by("-created_at", "-id")[:MOST]
    events = session.gate_events.select_related("seen_by", "lot__venue", "reservation")[:MOST]
    lines = [*_entries(entries, session.currency), *(_seen(event) for event in events)]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:MOST]


def _entries(entries: Iterable[AuditLog], currency: str) -> Iterable[Line]:
    for entry in entries:
        details = {"before": entry.old_values, "after": entry.new_values}
        words = _WORDS.get(entry.action, entry.action.partition(".")[2].replace("_", " ").capitalize())
        amount, note = entry.new_values.get("amount"), entry.new_values.get("note") or entry.new_values.get("reason")
        more = [show(amount, currency)] if isinstance(amount, int) else []
        more += [str(note)] if note else []
        yield Line(entry.created_at, entry.action, ": ".join([str(words), *more]), _name(entry.actor), details)


def _seen(event: GateEvent) -> Line:
    action = f"parking_gate.{event.direction}"
    details = {"gate": event.gate, "open": event.is_open, "reason": event.reason, "amount_due": event.amount_due}
    where = f" at {event.gate}" if event.gate else ""
    words = f"Seen at the {event.get_direction_display().lower()}{where}: {gate_words.message(event)}"
    return Line(event.created_at, action, words, _name(event.seen_by), details)


def _name(person: Any) -> str:
    return str(person) if person is not None else ""
