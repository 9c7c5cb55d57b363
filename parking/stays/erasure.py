"""Plates and people: what is kept of them, and when it goes while the books stay.

Plates are erased so many days after a car left as its lot says (`ParkingLot.plate_days`); of a car that is still there
it is kept, for the gate knows it by nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from audit.trail import record
from parking.booking.models import ParkingOffer, ParkingReservation, ReservationChange
from parking.lots.models import ParkingLot
from parking.stays.models import GateEvent, ParkingSession

BLANK = {"plate": "", "plate_key": ""}
BATCH = 1_000
Status = ParkingSession.Status


def erase_plates(now: datetime) -> int:
    """The sweep `parking.plates`: plates that were kept long enough go; how many. Safe to run twice at once."""
    days = ParkingLot.objects.order_by().values_list("plate_days", flat=True).distinct()
    return sum(_blank(rows) for kept in days for rows in _old(kept, now - timedelta(days=kept)))


def export(user: Any) -> dict[str, Any]:
    """The person's stays with what was paid for them, and what the person did at gates as staff.

    No codes: an export is kept where they should not be.
    """
    stays = ParkingSession.objects.with_lot().filter(user=user).prefetch_related("charges").order_by("started_at")
    seen = GateEvent.objects.filter(seen_by=user).order_by("created_at")
    return {
        "stays": [_shown(stay) for stay in stays],
        "decisions_made": list(seen.values("seen_at", "lot_id", "gate", "direction", "is_open", "reason", "override")),
    }


def erase(user: Any, now: datetime) -> None:
    """Contacts go at once, and plates but those of cars that are there; these go as any other's do."""
    forget(ParkingSession.objects.filter(user=user))


def forget(theirs: QuerySet) -> None:
    """The same for any stays."""
    theirs.update(contact_email="", contact_phone="")
    gone = theirs.exclude(status=Status.ACTIVE)
    GateEvent.objects.filter(session__in=gone).exclude(plate="").update(**BLANK)
    gone.update(**BLANK)


def adopt_guest_stays(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """An e-mail address was verified: stays of a guest with it join the account."""
    _adopt(ParkingSession.objects.filter(user=None, contact_email=user.email), user)


def hand_over_stays(sender: Any, *, user: Any, order_ids: Sequence[UUID], **kwargs: Any) -> None:
    """Guest orders joined an account: so do the stays of their reservations."""
    _adopt(ParkingSession.objects.filter(user=None, reservation__order__in=order_ids), user)


def _adopt(rows: QuerySet, user: Any) -> None:
    found = list(rows.select_for_update(of=("self",), no_key=True).select_related("lot").order_by("pk"))
    ParkingSession.objects.filter(pk__in=[stay.pk for stay in found]).update(user=user)
    for stay in found:
        record("parking_session.adopted", stay, actor=user)


def _old(days: int, before: datetime) -> list[QuerySet]:
    """Rows whose plates are no longer needed, of the lots that keep them for so many days."""
    bookings = ~Q(status=ParkingReservation.Status.INSIDE) & Q(ends_at__lt=before, capacity__lot__plate_days=days)
    return [
        ParkingSession.objects.filter(ended_at__lt=before, lot__plate_days=days),
        GateEvent.objects.filter(_of_cars_gone(before), created_at__lt=before, lot__plate_days=days),
        ParkingReservation.objects.filter(bookings),
        ParkingOffer.objects.filter(ends_at__lt=before, capacity__lot__plate_days=days),
        ReservationChange.objects.filter(ends_at__lt=before, capacity__lot__plate_days=days),
    ]


def _of_cars_gone(before: datetime) -> Q:
    """Not what the gate saw of a car that is there, or has just left."""
    return Q(session=None) | Q(session__ended_at__lt=before)


def _blank(rows: QuerySet) -> int:
    """Erase a batch; the next sweep takes what is left."""
    ids = list(rows.exclude(plate="").order_by().values_list("pk", flat=True)[:BATCH])
    return rows.model._default_manager.filter(pk__in=ids).update(**BLANK) if ids else 0


def _shown(stay: ParkingSession) -> dict[str, Any]:
    return {
        "number": stay.number,
        "lot": stay.lot.name,
        "plate": stay.plate,
        "contact": {"email": stay.contact_email, "phone": str(stay.contact_phone)},
        "status": stay.status,
        "started_at": stay.started_at,
        "expires_at": stay.expires_at,
        "ended_at": stay.ended_at,
        "paid": sum(charge.amount_paid for charge in stay.charges.all()),
        "currency": stay.currency,
    }
