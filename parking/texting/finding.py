"""Whose car it is, by the number it was written from: one given for the stay, or proven by the account it is of."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from notifications.sms.commands import Asked
from parking.stays.models import ParkingSession
from parking.valet.models import ValetTicket
from parking.vehicles import plates

#: Nobody has more cars here at once whom we could tell about them in a message.
MOST = 10


def stays(asked: Asked) -> list[ParkingSession]:
    """Cars of the sender that are parked, the longest first; at the venue that was written to. One query."""
    rows = ParkingSession.objects.active().with_lot().select_related("valet").filter(_theirs(asked))
    if asked.venue_id is not None:
        rows = rows.filter(lot__venue_id=asked.venue_id)
    return list(rows.order_by("started_at", "pk")[:MOST])


def tickets(asked: Asked) -> list[ValetTicket]:
    """The same of cars in our hands. One query."""
    rows = ValetTicket.objects.here().with_stay().filter(_theirs(asked, "session__"))
    if asked.venue_id is not None:
        rows = rows.filter(lot__venue_id=asked.venue_id)
    return list(rows.order_by("created_at", "pk")[:MOST])


def stays_named(found: Sequence[ParkingSession], words: Sequence[str]) -> list[ParkingSession]:
    """Those of the plate, or of the stay's number, that the words spell; all where they say nothing."""
    if not words:
        return list(found)
    given = "".join(words)
    return [stay for stay in found if stay.number == given or _is_plate(stay, given)]


def tickets_named(found: Sequence[ValetTicket], words: Sequence[str]) -> list[ValetTicket]:
    """Those of the ticket's number or the plate that the words spell; all where they say nothing."""
    if not words:
        return list(found)
    given = "".join(words)
    return [each for each in found if str(each.number) == given or _is_plate(each.session, given)]


def _is_plate(stay: ParkingSession, given: str) -> bool:
    return bool(stay.plate_key) and plates.key(given) == stay.plate_key


def _theirs(asked: Asked, path: str = "") -> Q:
    rows = Q(**{f"{path}contact_phone": asked.number})
    if asked.user is not None:
        rows |= Q(**{f"{path}user": asked.user})
    return rows
