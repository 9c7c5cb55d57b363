"""A stay is begun by hand, by a driver at the sign or by staff; or a driver joins the one that a camera began."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from events.models import Event
from parking.booking.models import ParkingReservation
from parking.booking.quoting import refuse_height
from parking.errors import AlreadyParked, CarNotSeen, NoSuchStay
from parking.lots.models import ParkingLot
from parking.lots.querysets import LotQuerySet
from parking.spaces import taking
from parking.stays import arriving, correcting, covering, entering, extending
from parking.stays.entering import Arrival
from parking.stays.models import ParkingCharge, ParkingSession
from parking.stays.opening import lock_session
from parking.vehicles import plates
from parking.vehicles.models import Vehicle
from trufan.lib import flags
from trufan.lib.errors import Detail, Invalid, Missing
from trufan.lib.words import lazy as _

DRIVE_UP = flags.declare(
    flags.Flag(
        "drive_up_by_phone",
        _("Drivers begin a stay themselves, in the app or by the sign; gates and staff go on without it"),
        knows=frozenset({"user", "venue"}),
    )
)
Origin = ParkingSession.Origin


@dataclass(frozen=True)
class Wanted:
    """What somebody asks who begins a stay. `vehicle` is one of the person's own; its plate and height count."""

    plate: str = ""
    kind: str = ""
    until: datetime | None = None
    email: str = ""
    phone: str = ""
    vehicle_id: UUID | None = None
    event_id: UUID | None = None
    space_id: UUID | None = None


def by_staff(lot: ParkingLot, wanted: Wanted, *, by: Any, now: datetime) -> ParkingSession:
    """Staff take a car in where the lot is open and has room; a plate is not needed.

    Raises `LotNotOpen`, `LotNotReady`, `NoSpace`, `AlreadyParked`, `SpaceTaken`, `Invalid` by field.
    """
    _refuse(wanted, now)
    arrival = _arrival(lot, wanted, Origin.STAFF, now)
    space = correcting.space_at(lot.pk, wanted.space_id)
    kind = wanted.kind or (space.kind if space else "")
    if space is not None and kind != space.kind:
        raise Invalid.field("space", gettext("This space is of another kind."), "wrong_kind")
    arrival = replace(arrival, space=space)
    with transaction.atomic():
        booked = arriving.find(lot, plates.key(arrival.plate), now) if arrival.plate else None
        if booked is not None and not arriving.refusal(booked, lot, now):
            return entering.enter_with(entering.lock_reservation(booked.pk), arrival, now, by=by)
        return entering.drive_up(entering.kind_for(lot, kind), arrival, now, by=by)


def by_driver(lot: ParkingLot, wanted: Wanted, *, user: Any, from_app: bool, now: datetime) -> ParkingSession:
    """A driver, signed in or a guest (`user` None), begins a stay, or joins the one that a camera began of this plate.

    Where there is a barrier, only the second. Raises `AlreadyParked` for the driver whose stay goes on, `CarNotSeen`,
    `SwitchedOff` for a car without a reservation, `LotNotOpen`, `LotNotReady`, `NoSpace`, `Invalid` by field.
    """
    _refuse(wanted, now)
    if user is None and not (wanted.email or wanted.phone):
        problem = gettext("Give an e-mail address or a phone number, for the receipt.")
        raise Invalid(problem, details=[Detail("contact", "contact_needed", problem)])
    vehicle = _vehicle(wanted, user)
    if vehicle is not None:
        refuse_height(lot, vehicle.height_cm)
        wanted = replace(wanted, plate=wanted.plate or vehicle.plate)
    if not wanted.plate:
        raise Invalid.field("plate", gettext("Which car is it?"), "required")
    arrival = replace(_arrival(lot, wanted, Origin.APP if from_app else Origin.SIGN, now), user=user)
    with transaction.atomic():
        found = entering.find_active(lot, plates.key(wanted.plate))
        if found is not None:
            return _join(found, arrival, now)
        if lot.has_barrier:
            raise CarNotSeen
        booked = arriving.find(lot, plates.key(arrival.plate), now)
        if booked is not None and _is_theirs(booked, arrival) and not arriving.refusal(booked, lot, now):
            return entering.enter_with(entering.lock_reservation(booked.pk), arrival, now, by=user)
        DRIVE_UP.require(user=user, venue_id=lot.venue_id)
        return entering.drive_up(entering.kind_for(lot, wanted.kind), arrival, now, by=user)


def look_up(lot_id: UUID | None, sign_code: str, plate: str) -> ParkingSession:
    """The stay of a car that is on the lot, for who wants to pay it. Raises `NoSuchStay`, whatever the reason."""
    plate_key = plates.key(plates.tidy(plate))
    # Cars leave a lot that was closed too.
    lot = _named(ParkingLot.objects.filter(venue__is_active=True), lot_id, sign_code)
    found = entering.find_active(lot, plate_key) if lot is not None else None
    if found is None:
        raise NoSuchStay
    return found


def find_lot(lot_id: UUID | None, sign_code: str) -> ParkingLot:
    """An open lot by its id or by the code on its sign. Raises `Missing`."""
    lot = _named(ParkingLot.objects.open(), lot_id, sign_code)
    if lot is None:
        raise Missing(gettext("There is no such lot."))
    return lot


def _named(lots: LotQuerySet, lot_id: UUID | None, sign_code: str) -> ParkingLot | None:
    named = {"pk": lot_id} if lot_id else {"sign_code": sign_code.strip().upper()}
    return lots.select_related("venue").filter(**named).first()


def _join(found: ParkingSession, arrival: Arrival, now: datetime) -> ParkingSession:
    """Nobody's stay becomes the driver's. Of one that is somebody's, nothing is told but to that person."""
    stay = lock_session(found.pk)
    if arrival.user is not None and stay.user_id == arrival.user.pk:
        refusal = AlreadyParked(gettext("This car is on the lot already. Pay, extend or end that stay."))
        refusal.details = [Detail("session", refusal.code, str(stay.pk))]
        raise refusal
    if stay.status != ParkingSession.Status.ACTIVE or _is_somebodys(stay):
        raise CarNotSeen if stay.lot.has_barrier else AlreadyParked
    claimed: dict[str, Any] = {"user": arrival.user, "contact_email": arrival.email, "contact_phone": arrival.phone}
    if arrival.event is not None and stay.event_id is None and not stay.charges.exists():
        claimed["event"] = arrival.event
    covering.write(stay, **claimed)
    record("parking_session.claimed", stay, new={"event": stay.event_id}, actor=arrival.user)
    if arrival.until is not None:
        _prepay(stay, arrival.until, now)
    return stay


def _is_theirs(booked: ParkingReservation, arrival: Arrival) -> bool:
    """Whether it is the driver's reservation, as far as they said who they are."""
    order = booked.order
    if arrival.user is not None and arrival.user.pk in (booked.holder_id, order.user_id):
        return True
    by_email = arrival.email and arrival.email == order.contact_email
    return bool(by_email or (arrival.phone and arrival.phone == str(order.contact_phone)))


def _is_somebodys(stay: ParkingSession) -> bool:
    return bool(stay.user_id or stay.contact_email or stay.contact_phone or stay.reservation_id)


def _prepay(stay: ParkingSession, until: datetime, now: datetime) -> None:
    """A stay without an end gets one, to be paid; its space is taken until then. Raises `NoSpace`, `Invalid`."""
    if stay.expires_at is not None or stay.charges.exclude(status=ParkingCharge.Status.CANCELLED).exists():
        raise Invalid.field("until", gettext("Something was paid already: extend the stay instead."), "extend_instead")
    capacity = taking.lock_one(stay.capacity_id)
    stay.use.refresh_from_db()
    taking.stay_on(stay.use, capacity, until, now)
    covering.write(stay, expires_at=until)


def _arrival(lot: ParkingLot, wanted: Wanted, origin: str, now: datetime) -> Arrival:
    return Arrival(
        started_at=now,
        origin=origin,
        plate=plates.tidy(wanted.plate) if wanted.plate else "",
        until=wanted.until,
        email=wanted.email.lower(),
        phone=wanted.phone,
        event=_event(lot, wanted.event_id),
    )


def _refuse(wanted: Wanted, now: datetime) -> None:
    if wanted.until is None:
        return
    if wanted.until <= now:
        raise Invalid.field("until", gettext("This is over."), "in_the_past")
    if wanted.until > now + extending.LONGEST:
        raise Invalid.field(
            "until", gettext("A stay is {days} days long at most.").format(days=extending.LONGEST.days), "too_long"
        )


def _vehicle(wanted: Wanted, user: Any) -> Vehicle | None:
    if wanted.vehicle_id is None:
        return None
    found = Vehicle.objects.filter(pk=wanted.vehicle_id, user=user).first() if user else None
    if found is None:
        raise Invalid.field("vehicle", gettext("You have no such vehicle."), "not_found")
    return found


def _event(lot: ParkingLot, event_id: UUID | None) -> Event | None:
    if event_id is None:
        return None
    found = Event.objects.published().filter(pk=event_id, venue=lot.venue_id).first()
    if found is None:
        raise Invalid.field("event", gettext("There is no such event at this lot's venue."), "not_found")
    return found
