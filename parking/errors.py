"""What parking may answer instead of yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trufan.lib.errors import Conflict, Invalid

if TYPE_CHECKING:
    from parking.lots.models import ParkingCapacity


class NoSpace(Conflict):
    """Nothing of this kind is free for the whole of the window."""

    code, message = "no_space", "No space is free for the whole of this time."

    @classmethod
    def of(cls, capacity: ParkingCapacity, left: int) -> NoSpace:
        kind = capacity.get_kind_display()
        if left <= 0:
            return cls(f"No {kind} space at {capacity.lot} is free for the whole of this time.", left=0)
        return cls(f"Only {left} {kind} {'space is' if left == 1 else 'spaces are'} left at {capacity.lot}.", left=left)


class LotNotOpen(Conflict):
    """The lot is a draft, closed by its staff, or outside of its hours."""

    code, message = "lot_not_open", "This lot is not open at that time."


class LotNotReady(Conflict):
    """A lot is opened once it has spaces and every price that it may ask was chosen."""

    code, message = "lot_not_ready", "This lot is not ready to be opened."


class LotNameTaken(Conflict):
    code, message = "lot_name_taken", "The venue already has a lot of this name, or another lot has this slug."


class SpaceNumberTaken(Conflict):
    code, message = "space_number_taken", "The lot already has a space of this number."


class SpacesInUse(Conflict):
    """Fewer spaces than are promised or taken."""

    code, message = "spaces_in_use", "More spaces than that are reserved, taken or blocked."


class OfferExpired(Conflict):
    code, message = "offer_expired", "This quote is over. Ask for another."


class ReservationNotChangeable(Conflict):
    code, message = "reservation_not_changeable", "This reservation does not change any more."


class SessionOver(Conflict):
    code, message = "session_over", "This stay is over."


class AlreadyParked(Conflict):
    """One stay for one car at a time on one lot."""

    code, message = "already_parked", "This car is on the lot already."


class StaysPaid(Conflict):
    """The car may go: nothing is due."""

    code, message = "nothing_to_pay", "Nothing is to be paid for this stay."


class ChargeNotPayable(Conflict):
    code, message = "charge_not_payable", "This amount is not to be paid any more."


class NotValetParked(Conflict):
    code, message = "not_valet_parked", "This car is not in the valet's hands."


class WrongPin(Invalid):
    code, message = "wrong_pin", "This PIN does not open the ticket."


class VehicleKnown(Conflict):
    code, message = "vehicle_known", "You have a vehicle of this plate."


class ValidationRefused(Invalid):
    """One answer for every code that pays nothing here: nothing is told to guessers."""

    code, message = "validation_refused", "This code pays nothing for this stay."


class PlateUnreadable(Invalid):
    code, message = "plate_or_code_needed", "Give a plate or a code."
