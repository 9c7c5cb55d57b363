"""What people are told at the door, in words; the words follow from the row, so a repeated answer reads the same."""

from __future__ import annotations

from django.utils.formats import date_format

from ticketing.models import Scan, Ticket

Reason = Scan.Reason

WELCOME = "Welcome."
WORDS = {
    Reason.ALREADY_USED: "This ticket was used already.",
    Reason.WRONG_EVENT: "This ticket is for another event.",
    Reason.NOT_YET: "The doors are not open yet.",
    Reason.TOO_LATE: "This event is over.",
    Reason.EVENT_CANCELLED: "This event was cancelled.",
    Reason.REFUNDED: "This ticket was refunded.",
    Reason.DISPUTED: "The payment for this ticket is disputed.",
    Reason.REFUND_PENDING: "This ticket is being refunded.",
    Reason.OUTDATED_CODE: "This code was replaced by a newer one.",
    Reason.FORGED: "This code was not issued by us.",
    Reason.UNKNOWN: "This is not a ticket of ours.",
}


def message(scan: Scan) -> str:
    """One sentence for the steward, with when (in the venue's zone) and where a ticket was used before."""
    if scan.result == Scan.Result.ACCEPTED:
        return WELCOME
    if scan.reason == Reason.ALREADY_USED and scan.previous and scan.ticket:
        return _used_before(scan.ticket, scan.previous)
    return WORDS[Reason(scan.reason)]


def _used_before(ticket: Ticket, previous: Scan) -> str:
    when = date_format(previous.scanned_at.astimezone(ticket.event.venue.zone), "j M H:i")
    where = f" at gate {previous.gate}" if previous.gate else ""
    return f"This ticket was used already, on {when}{where}."
