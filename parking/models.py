"""Django finds an app's tables here; each stands in the room it belongs to."""

from parking.booking.models import ParkingOffer, ParkingReservation, ReservationChange
from parking.lots.models import LotHours, LotPhoto, ParkingCapacity, ParkingLot, ParkingSpace, SpaceKind
from parking.pricing.models import PriceChange
from parking.spaces.models import SpaceUse
from parking.stays.models import GateEvent, ParkingCharge, ParkingSession
from parking.valet.models import ValetIncident, ValetPhoto, ValetTicket
from parking.vehicles.models import Vehicle

__all__ = [
    "GateEvent", "LotHours", "LotPhoto", "ParkingCapacity", "ParkingCharge", "ParkingLot", "ParkingOffer",
    "ParkingReservation", "ParkingSession", "ParkingSpace", "PriceChange", "ReservationChange", "SpaceKind", "SpaceUse",
    "ValetIncident", "ValetPhoto", "ValetTicket", "Vehicle",
]  # fmt: skip
