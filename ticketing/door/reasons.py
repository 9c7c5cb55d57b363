"""What people are told at the door, in words; the words follow from the row, so a repeated answer reads the same."""

from __future__ import annotations

from django.utils.formats import date_format

from ticketing.models import Scan, Ticket

Reason, Conflict = Scan.Reason, Scan.Conflict

WELCOME, GOODBYE, TAKEN_BACK = "Welcome.", "Goodbye.", "This was taken back."
WORDS = {
    Reason.ALREADY_USED: "This ticket was used already.",
    Reason.NO_REENTRY: "Whoever left this event does not get in again.",
    Reason.NOT_INSIDE: "Nobody is inside with this ticket.",
    Reason.WRONG_EVENT: "This ticket is for another event.",
    Reason.WRONG_GATE: "This ticket is for another gate.",
    Reason.NOT_ON_LIST: "This ticket is not on this list.",
    Reason.WRONG_SLOT: "This ticket is for another time.",
    Reason.NOT_YET: "The doors are not open yet.",
    Reason.TOO_LATE: "This event is over.",
    Reason.EVENT_CANCELLED: "This event was cancelled.",
    Reason.REFUNDED: "This ticket was refunded.",
    Reason.DISPUTED: "The payment for this ticket is disputed.",
    Reason.REFUND_PENDING: "This ticket is being refunded.",
    Reason.OUTDATED_CODE: "This code was replaced by a newer one.",
    Reason.CODE_NOT_ROTATING: "This is not the living code. Ask to open the ticket in the app or on the web.",
    Reason.SCREENSHOT: "This code is not of this moment. Ask to open the ticket in the app or on the web.",
    Reason.FORGED: "This code was not issued by us.",
    Reason.UNKNOWN: "This is not a ticket of ours.",
    Reason.BY_SCANNER: "The scanner refused it.",
}
CONFLICTS = {
    Conflict.DOUBLE_ENTRY: "Somebody came in with a ticket that was inside already.",
    Conflict.REENTRY: "Somebody came back, which this event does not allow.",
    Conflict.EXIT_WITHOUT_ENTRY: "Somebody left who was not seen coming in.",
    Conflict.REVOKED: "Somebody came in with a ticket that was refunded, on its way back or disputed.",
    Conflict.REVOKED_AFTER: "The money of this ticket went back before we heard that it had been used.",
    Conflict.OUTDATED_CODE: "Somebody came in by a code that is not the holder's any more.",
    Conflict.WRONG_EVENT: "Somebody came in with a ticket for another event.",
    Conflict.FORGED: "Somebody came in by a code that we did not issue.",
    Conflict.UNKNOWN: "Somebody came in by a code that is not a ticket of ours.",
}


def message(scan: Scan) -> str:
    """One sentence for the steward, with when (in the venue's zone) and where a ticket was used before."""
    if scan.method == Scan.Method.UNDO:
        return TAKEN_BACK
    if scan.result == Scan.Result.ACCEPTED:
        return WELCOME if scan.direction == Scan.Direction.IN else GOODBYE
    if scan.reason == Reason.ALREADY_USED and scan.previous and scan.ticket:
        return _used_before(scan.ticket, scan.previous)
    return WORDS[Reason(scan.reason)]


def _used_before(ticket: Ticket, previous: Scan) -> str:
    when = date_format(previous.scanned_at.astimezone(ticket.event.venue.zone), "j M H:i")
    where = f" at gate {previous.gate}" if previous.gate else ""
    return f"This ticket was used already, on {when}{where}."
