"""Cars come in: with a reservation, or because there is room. Each takes its space under the lock of its kind.

Everything here runs in the caller's transaction, which a refusal undoes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext

from audit.trail import record
from events.models import Event
from parking import announcements
from parking.booking.models import ParkingReservation
from parking.errors import AlreadyParked, LotNotOpen, LotNotReady, SpaceTaken
from parking.lots import opening
from parking.lots.models import ParkingCapacity, ParkingLot, ParkingSpace, SpaceKind
from parking.spaces import counting, taking
from parking.spaces.models import SpaceUse
from parking.stays import covering
from parking.stays.models import ParkingSession
from parking.vehicles import plates
from trufan.lib.compiled import OneByKeys
from trufan.lib.errors import Invalid

Origin, Purpose, Status = ParkingSession.Origin, SpaceUse.Purpose, ParkingReservation.Status


@dataclass(frozen=True)
class Arrival:
    """A car that comes: since when it is there, and what is known of it. `until`: it is to be paid until then."""

    started_at: datetime
    origin: str
    plate: str = ""
    until: datetime | None = None
    user: Any = None
    email: str = ""
    phone: str = ""
    event: Event | None = None
    space: ParkingSpace | None = None


def drive_up(
    capacity: ParkingCapacity, arrival: Arrival, now: datetime, *, by: Any, forced: bool = False
) -> ParkingSession:
    """A stay without a reservation, at the tariff and multiplier of this moment.

    `forced`: staff let it in whether or not the lot is open or has room. Raises `LotNotOpen`, `LotNotReady`, `NoSpace`,
    `AlreadyParked`, `SpaceTaken`.
    """
    locked = taking.lock_one(capacity.pk)
    lot = locked.lot
    if not forced:
        refuse_drive_up(lot, now)
    tariff = tariff_of(locked)
    _refuse_inside(lot, plates.key(arrival.plate), arrival.space)
    ends_at = max(arrival.until or arrival.started_at + timedelta(minutes=lot.assumed_stay_minutes), now)
    if not forced:
        taking.refuse_full(locked, now, max(ends_at, now + counting.STAYS_ON), now)
    use = taking.put(
        locked,
        arrival.started_at,
        max(ends_at, arrival.started_at + taking.INSTANT),
        Purpose.SESSION,
        is_inside=True,
        space=arrival.space,
    )
    return _begin(
        locked,
        arrival,
        use,
        by=by,
        expires_at=arrival.until,
        event=arrival.event,
        tariff=tariff,
        multiplier_ppm=locked.multiplier_ppm,
    )


def enter_with(
    reservation: ParkingReservation, arrival: Arrival, now: datetime, *, by: Any, forced: bool = False
) -> ParkingSession:
    """The stay of a reservation, whose row the caller holds and which admits.

    Who comes early, or so late that the space was given up, needs one that is free (`NoSpace`), unless `forced`.
    Raises `AlreadyParked`, `SpaceTaken`.
    """
    capacity = taking.lock_one(reservation.capacity_id)
    _refuse_inside(capacity.lot, plates.key(arrival.plate) or reservation.plate_key, arrival.space)
    use = _own(reservation, capacity, now, forced)
    use = taking.enter(use, now, arrival.space)
    reservation.move(Status.INSIDE, entries=reservation.entries + 1, use=use)
    return _begin(capacity, arrival, use, by=by, reservation=reservation, **_terms(reservation))


def attach(session: ParkingSession, reservation: ParkingReservation, now: datetime, *, by: Any) -> ParkingSession:
    """A car that was taken for one without a reservation shows it: its stay is the reservation's from its beginning.

    The caller holds both rows, and the reservation admits.
    """
    taking.lock({session.capacity_id, reservation.capacity_id})
    session.use.refresh_from_db()
    space = session.use.space
    taking.end(session.use, now)
    use = taking.enter(_own(reservation, reservation.capacity, now, forced=True), now, space)
    reservation.move(Status.INSIDE, entries=reservation.entries + 1, use=use)
    said = {name: value for name, value in _terms(reservation).items() if value}
    if session.user_id is not None:
        said.pop("user_id", None)
    covering.write(session, reservation=reservation, capacity=reservation.capacity, use=use, leave_by=None, **said)
    record("parking_session.reservation_shown", session, new={"reservation": reservation.pk}, actor=by)
    return session


def find_active(lot: ParkingLot, plate_key: str) -> ParkingSession | None:
    """The stay of the car that is on the lot; one query, and another where there is one."""
    here = _HERE.get(lot.pk, plate_key) if plate_key else None
    return _ACTIVE.get(here.pk) if here is not None else None


#: Asked by every gate of every car, most of which are not there yet: the many tables of a stay are then not joined.
#: That the plate is not empty, the index says too.
_HERE = OneByKeys(
    lambda lot, key: (
        ParkingSession.objects.order_by()
        .active()
        .filter(lot_id=lot, plate_key=key)
        .exclude(plate_key="")
        .only("lot", "plate_key", "status")
    ),
    UUID,
    str,
)
_ACTIVE = OneByKeys(lambda pk: ParkingSession.objects.order_by().active().with_lot().filter(pk=pk), UUID)


def lock_reservation(pk: UUID) -> ParkingReservation:
    """The reservation, freshly read and held until the transaction ends."""
    return lock_reservations().get(pk=pk)


def lock_reservations() -> QuerySet[ParkingReservation]:
    """Reservations to be read and held."""
    return ParkingReservation.objects.with_lot().select_for_update(of=("self",), no_key=True)


def refuse_drive_up(lot: ParkingLot, now: datetime) -> None:
    """Raise `LotNotOpen` where cars without a reservation do not come in now."""
    opening.refuse_closed(lot, now)
    if not lot.takes_drive_ups:
        raise LotNotOpen(gettext("{lot} is for cars with a reservation.").format(lot=lot))


def kind_for(lot: ParkingLot, kind: str = "") -> ParkingCapacity:
    """The lot's spaces of that kind; unasked, its standard ones, else the first of what is not the valet's. One query.

    Raises `Invalid` (`kind`) where it has none.
    """
    found = {capacity.kind: capacity for capacity in lot.capacities.all() if capacity.spaces}
    chosen = found.get(kind or SpaceKind.STANDARD) or (None if kind else _first(found.values()))
    if chosen is None:
        label = SpaceKind(kind).label if kind else "such"
        raise Invalid.field("kind", f"{lot} has no {label} spaces.", "no_such_kind")
    return chosen


def tariff_of(capacity: ParkingCapacity) -> dict[str, Any]:
    """By what a stay is charged that begins now. Raises `LotNotReady`: there is no price that nobody chose."""
    if not capacity.tariff_in_force:
        raise LotNotReady(gettext("{lot} has no prices yet.").format(lot=capacity.lot))
    return capacity.tariff_in_force


def _first(capacities: Iterable[ParkingCapacity]) -> ParkingCapacity | None:
    usual = (each for each in capacities if each.kind != SpaceKind.VALET)
    return min(usual, key=lambda each: SpaceKind.values.index(each.kind), default=None)


def _own(reservation: ParkingReservation, capacity: ParkingCapacity, now: datetime, forced: bool) -> SpaceUse:
    """The space of the reservation; where it was given up, another one. A car that is early needs one until it begins.

    The caller holds the kind.
    """
    use = reservation.use
    use.refresh_from_db()
    if not use.is_active:
        if not forced:
            taking.refuse_full(capacity, now, max(reservation.ends_at, now + taking.INSTANT), now)
        return taking.put(capacity, now, max(reservation.ends_at, now + taking.INSTANT), Purpose.RESERVATION)
    if now < reservation.starts_at and not forced:
        taking.refuse_full(capacity, now, reservation.starts_at, now, without=[use])
    return use


def _terms(reservation: ParkingReservation) -> dict[str, Any]:
    """What a stay has from its reservation."""
    order = reservation.order
    return {
        "expires_at": reservation.ends_at,
        "event": reservation.event,
        "tariff": reservation.tariff,
        "multiplier_ppm": reservation.multiplier_ppm,
        "user_id": reservation.holder_id,
        "contact_email": order.contact_email,
        "contact_phone": order.contact_phone,
    }


def refuse_taken(space: ParkingSpace | None) -> None:
    """Raise `SpaceTaken` where a car is on it."""
    if space is not None and SpaceUse.objects.filter(space=space, is_inside=True).exists():
        raise SpaceTaken(gettext("Another car is on space {space}.").format(space=space))


def _refuse_inside(lot: ParkingLot, plate_key: str, space: ParkingSpace | None) -> None:
    """Raise `AlreadyParked`, or `SpaceTaken`; asked under the lock, so that two cameras do not both let it in."""
    inside = find_active(lot, plate_key)
    if inside is not None:
        raise AlreadyParked(session=inside)
    refuse_taken(space)


def _begin(capacity: ParkingCapacity, arrival: Arrival, use: SpaceUse, *, by: Any, **terms: Any) -> ParkingSession:
    lot = capacity.lot
    reservation = terms.get("reservation")
    of_driver = {"user_id": arrival.user and arrival.user.pk, "contact_email": arrival.email}
    facts = {**of_driver, "contact_phone": arrival.phone, **terms}
    session = ParkingSession(
        lot=lot,
        capacity=capacity,
        use=use,
        space=use.space,
        origin=arrival.origin,
        started_at=arrival.started_at,
        overstay_percent=lot.overstay_percent or 100,
        **facts,
    )
    session.set_plate(arrival.plate or (reservation.plate if reservation else ""))
    try:
        session.save(force_insert=True)
    except IntegrityError as twin:
        # Its twin came onto spaces of another kind, whose lock is another.
        raise AlreadyParked from twin
    record("parking_session.started", session, new=_said(session), actor=by)
    announcements.session(announcements.STARTED, session)
    return session


def _said(session: ParkingSession) -> dict[str, Any]:
    return {
        "lot": session.lot_id,
        "kind": session.capacity.kind,
        "origin": session.origin,
        "reservation": session.reservation_id,
        "space": session.space_id,
        "until": session.expires_at,
        "multiplier_ppm": session.multiplier_ppm,
    }
