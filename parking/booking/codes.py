"""The code of a reservation: what its QR says to the gate, and the link that shows it."""

from __future__ import annotations

from django.conf import settings

from orders import access
from parking.booking.models import ParkingReservation
from trufan.lib import marks
from trufan.lib.marks import Mark

PREFIX = "PR1"


def code_for(reservation: ParkingReservation) -> str:
    """What opens the gate; a code of an older version does not."""
    return marks.write(PREFIX, reservation.pk, reservation.code_version)


def read(text: str) -> Mark:
    """Which reservation a code names. Raises `NotAMark`."""
    return marks.read(PREFIX, text)


def link(reservation: ParkingReservation) -> str:
    """Where whoever booked it sees it. A guest's access code stands behind the #, which no server logs."""
    url = f"{settings.FRONTEND_URL}/parking/reservations/{reservation.pk}"
    order = reservation.order
    return url if order.user_id else f"{url}#access_code={access.code_for(order)}"
