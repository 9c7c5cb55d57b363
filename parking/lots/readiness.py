"""What a lot needs to be open: spaces, hours, and that every price it may come to ask was chosen by somebody."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext

from parking.errors import LotNotReady
from parking.lots.models import ParkingLot
from trufan.lib.errors import Detail


def missing(lot: ParkingLot) -> list[Detail]:
    """What it lacks; empty for a lot that can be opened. Two queries at most."""
    found = []
    if not lot.tariff:
        found.append(Detail("tariff", "required", gettext("Say what a stay costs.")))
    if not lot.capacities.filter(spaces__gt=0).exists():
        found.append(Detail("capacities", "required", gettext("Say how many spaces of which kind there are.")))
    # Whoever drives up may prepay a stay, as a reservation is paid ahead.
    if lot.overstay_percent is None and (lot.takes_reservations or lot.takes_drive_ups):
        found.append(Detail("overstay_percent", "required", gettext("Say what staying longer than paid for costs.")))
    if lot.hours == ParkingLot.Hours.CLOCK and not lot.opening_hours.exists():
        found.append(
            Detail("opening_hours", "required", gettext("Say when cars may come in, or that it is open always."))
        )
    return found


def refuse_lacking(lot: ParkingLot, lacked: Collection[Detail]) -> None:
    """Raise `LotNotReady` where an open lot lacks more than it `lacked` before."""
    if lot.status == ParkingLot.Status.OPEN and (lacking := [each for each in missing(lot) if each not in lacked]):
        raise LotNotReady(gettext("An open lot needs this. Close it first."), details=lacking)
