"""What parking may answer instead of yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext, ngettext

from trufan.lib.errors import Conflict, Invalid, Missing
from trufan.lib.words import lazy as _

if TYPE_CHECKING:
    from parking.lots.models import ParkingCapacity


class NoSpace(Conflict):
    """Nothing of this kind is free for the whole of the window."""

    code, message = "no_space", _("No space is free for the whole of this time.")

    @classmethod
    def of(cls, capacity: ParkingCapacity, left: int) -> NoSpace:
        kind = capacity.get_kind_display()
        if left <= 0:
            return cls(
                gettext("No {kind} space at {lot} is free for the whole of this time.").format(
                    kind=kind, lot=capacity.lot
                ),
                left=0,
            )
        words = ngettext(
            "Only {left} {kind} space is left at {lot}.", "Only {left} {kind} spaces are left at {lot}.", left
        )
        return cls(words.format(left=left, kind=kind, lot=capacity.lot), left=left)


class LotNotOpen(Conflict):
    """The lot is a draft, closed by its staff, or outside of its hours."""

    code, message = "lot_not_open", _("This lot is not open at that time.")


class LotNotReady(Conflict):
    """A lot is opened once it has spaces and every price that it may ask was chosen."""

    code, message = "lot_not_ready", _("This lot is not ready to be opened.")


class LotNameTaken(Conflict):
    code, message = "lot_name_taken", _("The venue already has a lot of this name, or another lot has this slug.")


class SpaceNumberTaken(Conflict):
    code, message = "space_number_taken", _("The lot already has a space of this number.")


class SpacesInUse(Conflict):
    """Fewer spaces than are promised or taken."""

    code, message = "spaces_in_use", _("More spaces than that are reserved, taken or blocked.")


class TooManyPhotos(Conflict):
    code, message = "too_many_photos", _("A lot has at most twelve pictures. Take one away first.")


class OfferExpired(Conflict):
    code, message = "offer_expired", _("This quote is over. Ask for another.")


class ReservationNotChangeable(Conflict):
    code, message = "reservation_not_changeable", _("This reservation does not change any more.")


class SessionOver(Conflict):
    code, message = "session_over", _("This stay is over.")


class AlreadyParked(Conflict):
    """One stay for one car at a time on one lot."""

    code, message = "already_parked", _("This car is on the lot already.")


class CarNotSeen(Conflict):
    """One answer for a plate that no camera saw and for a stay that is somebody's: nothing is told of others' cars."""

    code, message = "car_not_seen", _("No car of this plate waits for its driver here. Drive up to the gate first.")


class NoSuchStay(Missing):
    """One answer for every plate that has no stay here, whether it is known or not."""

    code, message = "stay_not_found", _("No car of this plate is parked here.")


class EndsAtTheGate(Conflict):
    """On a lot with a barrier a stay ends when the car leaves."""

    code, message = "ends_at_the_gate", _("This stay ends when the car leaves. Pay, and drive to the exit.")


class StayUnpaid(Conflict):
    """The driver pays before ending a stay; the one detail's message is the amount in minor units."""

    code, message = "stay_unpaid", _("Pay what is due first.")


class StayPaidFor(Conflict):
    code, message = "stay_paid_for", _("Money was paid for this stay. Refund it first.")


class SpaceTaken(Conflict):
    code, message = "space_taken", _("Another car is on this space.")


class StaysPaid(Conflict):
    """The car may go: nothing is due."""

    code, message = "nothing_to_pay", _("Nothing is to be paid for this stay.")


class OverstayUnpaid(Conflict):
    """More time is bought once the time that was outstayed is paid."""

    code, message = "overstay_unpaid", _("This stay is over its time. Pay what is due before extending it.")


class ChargeNotPayable(Conflict):
    code, message = "charge_not_payable", _("This amount is not to be paid any more.")


class NotValetParked(Conflict):
    code, message = "not_valet_parked", _("This car is not in the valet's hands.")


class PinLocked(Conflict):
    code, message = "pin_locked", _("Too many wrong PINs. Ask at the desk.")


class WrongPin(Invalid):
    code, message = "wrong_pin", _("This PIN does not open the ticket.")


class VehicleKnown(Conflict):
    code, message = "vehicle_known", _("You have a vehicle of this plate.")


class TooManyVehicles(Conflict):
    code, message = "too_many_vehicles", _("You keep twenty vehicles. Remove one first.")


class ValidationRefused(Invalid):
    """One answer for every code that pays nothing here: nothing is told to guessers."""

    code, message = "validation_refused", _("This code pays nothing for this stay.")


class PlateUnreadable(Invalid):
    code, message = "plate_or_code_needed", _("Give a plate or a code.")


class NonceReused(Invalid):
    code, message = "nonce_reused", _("This nonce was used for something else that was seen.")


class ReasonNeeded(Invalid):
    code, message = "reason_needed", _("Say why.")


class ParkingUsed(Conflict):
    code, message = "parking_used", _("This space was used. Ask the venue.")
