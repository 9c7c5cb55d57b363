"""What staff did and noted about a stay, for those who run the lot; all that was ever recorded is in its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.console import entries_of
from parking.stays.models import ParkingSession
from trufan.lib.words import lazy as _

#: What is told: the entry's action → what it is called.
_TOLD = {
    "parking_session.noted": _("Note"),
    "parking_session.moved": _("Moved"),
    "parking_session.extended": _("Extended"),
    "parking_session.reopened": _("Opened again"),
    "parking_session.voided": _("Never was"),
    "parking_session.ended": _("Ended"),
    "parking_session.price_set": _("Price set"),
    "parking_session.ticket_lost": _("Ticket lost"),
    "parking_session.reservation_shown": _("Reservation shown"),
    "parking_gate.opened_by_hand": _("Gate opened by hand"),
}
#: Of what an entry has, what people can read.
_READABLE = ("note", "reason", "space", "kind")
_LATEST = 30


@dataclass(frozen=True)
class Told:
    """One thing that happened, by whom, and what was said about it."""

    at: datetime
    who: str
    what: str
    words: str


def story_of(stay: ParkingSession) -> list[Told]:
    """The latest first; one query."""
    rows = entries_of(stay).filter(action__in=_TOLD).order_by("-created_at", "-id")[:_LATEST]
    return [Told(row.created_at, str(row.actor or "TruFan"), _TOLD[row.action], _words(row.new_values)) for row in rows]


def _words(values: dict[str, object]) -> str:
    return ", ".join(str(values[name]) for name in _READABLE if values.get(name))
