"""When cars may come in: what staff say, and the lot's hours. Out they may always."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext

from orders.menu.availability import runs_at
from parking.errors import LotNotOpen
from parking.lots.models import ParkingLot


def is_open(lot: ParkingLot, moment: datetime) -> bool:
    """Whether cars may come in at that moment; reads the lot's hours where it goes by the clock."""
    if lot.status != ParkingLot.Status.OPEN or not lot.venue.is_active:
        return False
    if lot.hours == ParkingLot.Hours.ALWAYS:
        return True
    zone = lot.zone
    return any(runs_at(moment, zone, span.opens_at, span.closes_at, span.weekday) for span in lot.opening_hours.all())


def refuse_closed(lot: ParkingLot, moment: datetime) -> None:
    """Raise `LotNotOpen` unless cars may come in at that moment."""
    if lot.status != ParkingLot.Status.OPEN or not lot.venue.is_active:
        raise LotNotOpen(gettext("{lot} is not open.").format(lot=lot))
    if not is_open(lot, moment):
        raise LotNotOpen(gettext("{lot} is not open at that time: see its hours.").format(lot=lot))
