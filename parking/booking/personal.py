"""What booking stores about a person, and how it is erased while the books stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from parking.booking.models import ParkingOffer, ParkingReservation, ReservationChange

_NO_PLATE = {"plate": "", "plate_key": ""}


def export(user: Any) -> list[dict[str, Any]]:
    """The person's reservations; no codes, for an export is kept where they should not be."""
    rows = ParkingReservation.objects.with_lot().filter(holder=user).order_by("created_at")
    return [
        {
            "number": row.number,
            "lot": row.lot.name,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "plate": row.plate,
            "name": row.holder_name,
            "status": row.status,
        }
        for row in rows
    ]


def erase(user: Any, now: datetime) -> None:
    """Plates and names go; quotes go altogether where no cart names them."""
    theirs = ParkingReservation.objects.filter(holder=user)
    blank(theirs)
    theirs.update(holder_name="")
    ParkingOffer.objects.filter(user=user).update(user=None, **_NO_PLATE)


def blank(reservations: QuerySet[ParkingReservation]) -> None:
    """Take the plates off the reservations and their changes."""
    ReservationChange.objects.filter(reservation__in=reservations).update(**_NO_PLATE)
    reservations.update(**_NO_PLATE)


def hand_over(sender: Any, *, user: Any, order_ids: Sequence[UUID], **kwargs: Any) -> None:
    """Guest orders joined an account: their reservations without a holder are the account's."""
    ParkingReservation.objects.filter(order_id__in=order_ids, holder=None).update(holder=user)
