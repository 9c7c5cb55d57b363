"""What people are told at the door, in words; the words follow from the row, so a repeated answer reads the same."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext

from ticketing.models import Scan, Ticket
from trufan.lib.words import lazy as _

Reason, Conflict = Scan.Reason, Scan.Conflict

WELCOME, GOODBYE, TAKEN_BACK = _("Welcome."), _("Goodbye."), _("This was taken back.")
WORDS = {
    Reason.ALREADY_USED: _("This ticket was used already."),
    Reason.NO_REENTRY: _("Whoever left this event does not get in again."),
    Reason.NOT_INSIDE: _("Nobody is inside with this ticket."),
    Reason.WRONG_EVENT: _("This ticket is for another event."),
    Reason.WRONG_GATE: _("This ticket is for another gate."),
    Reason.NOT_ON_LIST: _("This ticket is not on this list."),
    Reason.WRONG_SLOT: _("This ticket is for another time."),
    Reason.NOT_YET: _("The doors are not open yet."),
    Reason.TOO_LATE: _("This event is over."),
    Reason.EVENT_CANCELLED: _("This event was cancelled."),
    Reason.REFUNDED: _("This ticket was refunded."),
    Reason.DISPUTED: _("The payment for this ticket is disputed."),
    Reason.REFUND_PENDING: _("This ticket is being refunded."),
    Reason.OUTDATED_CODE: _("This code was replaced by a newer one."),
    Reason.CODE_NOT_ROTATING: _("This is not the living code. Ask to open the ticket in the app or on the web."),
    Reason.SCREENSHOT: _("This code is not of this moment. Ask to open the ticket in the app or on the web."),
    Reason.FORGED: _("This code was not issued by us."),
    Reason.UNKNOWN: _("This is not a ticket of ours."),
    Reason.BY_SCANNER: _("The scanner refused it."),
}
CONFLICTS = {
    Conflict.DOUBLE_ENTRY: _("Somebody came in with a ticket that was inside already."),
    Conflict.REENTRY: _("Somebody came back, which this event does not allow."),
    Conflict.EXIT_WITHOUT_ENTRY: _("Somebody left who was not seen coming in."),
    Conflict.REVOKED: _("Somebody came in with a ticket that was refunded, on its way back or disputed."),
    Conflict.REVOKED_AFTER: _("The money of this ticket went back before we heard that it had been used."),
    Conflict.OUTDATED_CODE: _("Somebody came in by a code that is not the holder's any more."),
    Conflict.WRONG_EVENT: _("Somebody came in with a ticket for another event."),
    Conflict.FORGED: _("Somebody came in by a code that we did not issue."),
    Conflict.UNKNOWN: _("Somebody came in by a code that is not a ticket of ours."),
}


def message(scan: Scan) -> str:
    """One sentence for the steward, with when (in the venue's zone) and where a ticket was used before."""
    if scan.method == Scan.Method.UNDO:
        return str(TAKEN_BACK)
    if scan.result == Scan.Result.ACCEPTED:
        return str(WELCOME if scan.direction == Scan.Direction.IN else GOODBYE)
    if scan.reason == Reason.ALREADY_USED and scan.previous and scan.ticket:
        return _used_before(scan.ticket, scan.previous)
    return str(WORDS[Reason(scan.reason)])


def _used_before(ticket: Ticket, previous: Scan) -> str:
    when = date_format(previous.scanned_at.astimezone(ticket.event.venue.zone), "j M H:i")
    if previous.gate:
        words = gettext("This ticket was used already, on {when} at gate {gate}.")
        return words.format(when=when, gate=previous.gate)
    return gettext("This ticket was used already, on {when}.").format(when=when)
