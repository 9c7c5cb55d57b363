"""What people are told at the gate, in words; the words follow from the row, so a repeated answer reads the same."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext

from parking.booking.models import ParkingReservation
from parking.stays.models import GateEvent
from trufan.lib.money import show

Reason, Direction = GateEvent.Reason, GateEvent.Direction

WELCOME, FAREWELL, BY_HAND = "Welcome.", "Have a good trip.", "Opened by staff."
WORDS = {
    Reason.UNKNOWN: "No reservation and no stay of this car is known here.",
    Reason.FULL: "The lot is full.",
    Reason.NOT_PAID: "Pay before leaving.",
    Reason.TOO_EARLY: "This reservation has not begun.",
    Reason.TOO_LATE: "The time of this reservation is over.",
    Reason.CLOSED: "The lot is closed.",
    Reason.CANCELLED: "This reservation was cancelled.",
    Reason.ALREADY_INSIDE: "A car came in with this already.",
    Reason.NOT_INSIDE: "No car is inside with this.",
    Reason.NO_REENTRY: "This was used, and does not let in again.",
    Reason.WRONG_LOT: "This reservation is for another lot.",
    Reason.DISPUTED: "The payment for this reservation is disputed.",
    Reason.REFUND_PENDING: "This reservation is being refunded.",
    Reason.OUTDATED_CODE: "This code was replaced by a newer one.",
    Reason.FORGED: "This code was not issued by us.",
}


def message(event: GateEvent) -> str:
    """One sentence for the driver's display and the steward."""
    if event.is_open:
        greeting = WELCOME if event.direction == Direction.ENTRY else FAREWELL
        return BY_HAND if event.reason else greeting
    if event.reason == Reason.NOT_PAID:
        return gettext("Pay {amount_due} before leaving.").format(amount_due=show(event.amount_due, event.lot.currency))
    if event.reason == Reason.TOO_EARLY and event.reservation is not None:
        return _from(event, event.reservation)
    return WORDS[Reason(event.reason)]


def _from(event: GateEvent, booked: ParkingReservation) -> str:
    """From when it is let in; where that has begun, it is early and there is no room for it yet."""
    lets_in = booked.starts_at - timedelta(minutes=event.lot.early_entry_minutes)
    if event.seen_at < lets_in:
        return gettext("This reservation is let in from {time}.").format(time=_time(event, lets_in))
    return gettext("The lot is full. This reservation begins at {time}.").format(time=_time(event, booked.starts_at))


def _time(event: GateEvent, moment: datetime) -> str:
    return date_format(moment.astimezone(event.lot.zone), "j M H:i")
