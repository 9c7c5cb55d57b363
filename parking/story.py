"""What parking has to say on an order's timeline."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext

from orders import timeline
from orders.timeline import Asked, Kind, Moment
from parking.booking.models import ParkingReservation
from parking.stays.models import ParkingSession


def connect() -> None:
    """Once, when the app is ready."""
    timeline.register("parking.reservations", _reservations, kinds=[Kind.PARKING])
    timeline.register("parking.stays", _stays, kinds=[Kind.PARKING])


def _reservations(asked: Asked) -> Iterator[Moment]:
    rows = ParkingReservation.objects.filter(order=asked.order).select_related("capacity__lot")
    for row in asked.take(rows, "created_at"):
        text = gettext("A space at {lot} reserved, number {number}.")
        words = text.format(lot=row.lot.name, number=row.number)
        yield Moment(row.created_at, Kind.PARKING, words, row=row)


def _stays(asked: Asked) -> Iterator[Moment]:
    rows = ParkingSession.objects.filter(reservation__order=asked.order).select_related("lot")
    for row in asked.take(rows, "started_at"):
        yield Moment(row.started_at, Kind.PARKING, f"Drove in at {row.lot.name}.", row=row)
        if row.ended_at:
            yield Moment(row.ended_at, Kind.PARKING, f"Drove out of {row.lot.name}.", row=row)
