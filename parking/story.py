"""What parking has to say on an order's timeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext

from audit.console import entries_of
from audit.models import AuditLog
from orders import timeline
from orders.models import Order
from orders.timeline import Asked, Kind, Moment
from parking.booking.models import ParkingReservation
from parking.stays.models import ParkingSession
from trufan.lib.words import lazy as _

#: What else happens to a reservation or a stay, by the trail's name for it.
_TOLD = {
    "parking_reservation.changed": _("The time at {lot} was changed."),
    "parking_reservation.plate_changed": _("Another car was named for {lot}."),
    "parking_reservation.given_up": _("The space at {lot} was given up."),
    "parking_reservation.no_show": _("Nobody came to {lot}."),
    "parking_session.extended": _("The stay at {lot} was extended."),
    "parking_session.overstayed": _("The stay at {lot} went on beyond its time."),
    "parking_session.moved": _("The car at {lot} was moved."),
    "parking_session.price_set": _("The price of the stay at {lot} was set."),
    "parking_session.reopened": _("The stay at {lot} was opened again."),
    "parking_session.voided": _("The stay at {lot} was made void."),
}


def connect() -> None:
    """Once, when the app is ready."""
    timeline.register("parking.reservations", _reservations, kinds=[Kind.PARKING])
    timeline.register("parking.stays", _stays, kinds=[Kind.PARKING])
    timeline.register_numbers("parking", _numbers)


def _numbers(order: Order) -> Iterator[str]:
    yield from ParkingReservation.objects.filter(order=order).values_list("number", flat=True)


def _reservations(asked: Asked) -> Iterator[Moment]:
    rows = ParkingReservation.objects.filter(order=asked.order).select_related("capacity__lot")
    found = list(asked.take(rows, "created_at"))
    trail = _trail(found)
    for row in found:
        text = gettext("A space at {lot} reserved, number {number}.")
        words = text.format(lot=row.lot.name, number=row.number)
        yield Moment(row.created_at, Kind.PARKING, words, row=row)
        yield from _told(row, trail[row.pk])


def _stays(asked: Asked) -> Iterator[Moment]:
    rows = ParkingSession.objects.filter(reservation__order=asked.order).select_related("lot")
    found = list(asked.take(rows, "started_at"))
    trail = _trail(found)
    for row in found:
        who = {entry.action: str(entry.actor or "") for entry in trail[row.pk]}
        drove_in = gettext("Drove in at {lot}.").format(lot=row.lot.name)
        yield Moment(row.started_at, Kind.PARKING, drove_in, who.get("parking_session.started", ""), row)
        if row.ended_at:
            drove_out = gettext("Drove out of {lot}.").format(lot=row.lot.name)
            yield Moment(row.ended_at, Kind.PARKING, drove_out, who.get("parking_session.ended", ""), row)
        yield from _told(row, trail[row.pk])


def _told(row: Any, entries: Sequence[AuditLog]) -> Iterator[Moment]:
    for entry in entries:
        if entry.action in _TOLD:
            words = _TOLD[entry.action].format(lot=row.lot.name)
            yield Moment(entry.created_at, Kind.PARKING, words, str(entry.actor or ""), row)


def _trail(rows: Sequence[Model]) -> dict[Any, list[AuditLog]]:
    """What the trail says of each, oldest first. One query."""
    found: dict[Any, list[AuditLog]] = defaultdict(list)
    if rows:
        for entry in entries_of(*rows).order_by("created_at", "id"):
            found[entry.entity_id].append(entry)
    return found
