"""Gates opened from the board: the same decisions as a camera's, with a steward's reason to open all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from parking.booking import codes
from parking.booking.models import ParkingReservation
from parking.errors import SessionOver
from parking.lots.models import ParkingLot
from parking.stays import access, gate, gate_words, leaving, starting
from parking.stays.gate import Seen
from parking.stays.models import GateEvent, ParkingSession
from parking.stays.starting import Wanted
from trufan.lib.ids import uuid7
from trufan.lib.words import lazy as _

Direction = GateEvent.Direction
#: What was typed into a form.
Given = Mapping[str, Any]
#: Where the gate says that it was opened from.
_FROM = "Board"
#: What a tap names in place of typing, where a gate stays shut.
REASONS: Mapping[str, tuple[str, ...]] = {
    Direction.ENTRY: (_("Plate misread"), _("Staff or supplier"), _("Guest of the house"), _("Emergency")),
    Direction.EXIT: (_("Paid in cash"), _("Payment does not work"), _("Plate misread"), _("Emergency")),
}


@dataclass(frozen=True)
class Passage:
    """What became of a car at the gate: it is in, or out, or the gate stays shut, in `words`."""

    is_open: bool
    words: str
    session: ParkingSession | None = None


def new_nonce() -> str:
    """Of a form when it is shown, so that a second tap on it is the same passage."""
    return f"board-{uuid7()}"


def nonce_in(given: Given) -> str:
    """The form's; one that brings none is a passage of its own."""
    return str(given.get("nonce", "")).strip()[:80] or new_nonce()


def reason_in(given: Given) -> str:
    """What was typed, or else what was tapped."""
    return str(given.get("reason_given", "")).strip() or str(given.get("reason", ""))


def let_out(stay: ParkingSession, nonce: str, reason: str, *, by: Any, now: datetime) -> GateEvent:
    """Open the exit for a stay that is on the screen.

    Raises `StayUnpaid` where it owes and no reason is given, `SessionOver`, and what `gate.leave` raises.
    """
    seen = Seen(nonce=nonce, code=access.gate_code(stay), gate=_FROM, override=reason)
    event = gate.leave(stay.lot, seen, by=by, now=now)
    if not event.is_open:
        raise leaving.unpaid(stay, event.amount_due) if event.amount_due else SessionOver
    return event


def passage(lot: ParkingLot, direction: str, given: Given, *, by: Any, now: datetime) -> Passage:
    """A car at the gate, by its plate, or by a reservation that was picked from the board.

    Without a plate a car comes in where there is room. Raises what `gate.enter` and `starting.by_staff` raise.
    """
    plate, booked = str(given.get("plate", "")).strip(), reservation_in(lot, given.get("reservation"))
    kind = str(given.get("kind", ""))
    if direction == Direction.ENTRY and not plate and booked is None:
        stay = starting.by_staff(lot, Wanted(kind=kind), by=by, now=now)
        return Passage(True, gate_words.WELCOME, stay)
    code = codes.code_for(booked) if booked else ""
    seen = Seen(nonce_in(given), plate, code, kind, gate=_FROM, override=reason_in(given))
    decide = gate.enter if direction == Direction.ENTRY else gate.leave
    event = decide(lot, seen, by=by, now=now)
    return Passage(event.is_open, gate_words.message(event), event.session)


def reservation_in(lot: ParkingLot, text: Any) -> ParkingReservation | None:
    """The lot's reservation of that id; None for anything else."""
    try:
        pk = UUID(str(text))
    except ValueError:
        return None
    return ParkingReservation.objects.filter(pk=pk, capacity__lot=lot).select_related("capacity").first()
