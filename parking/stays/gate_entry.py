"""Whether the entry opens: for a car that is inside already, with a reservation, or because there is room."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from parking.booking import codes
from parking.booking.models import ParkingReservation
from parking.errors import AlreadyParked, LotNotOpen, LotNotReady, NoSpace
from parking.lots import opening
from parking.lots.models import ParkingLot
from parking.stays import access, arriving, entering
from parking.stays.entering import Arrival
from parking.stays.models import GateEvent, ParkingSession
from parking.stays.opening import lock_session
from parking.vehicles import plates
from trufan.lib.marks import NotAMark

Reason = GateEvent.Reason


class Sight(NamedTuple):
    """What was seen at the gate, tidied: at which lot, when by the camera's clock, and by whom."""

    lot: ParkingLot
    plate: str
    code: str
    kind: str
    override: str
    at: datetime
    now: datetime
    by: Any

    @property
    def key(self) -> str:
        return plates.key(self.plate)


class Answer(NamedTuple):
    """What the gate does: opens without a reason, stays shut with one."""

    reason: str = Reason.NONE
    session: ParkingSession | None = None
    reservation: ParkingReservation | None = None
    amount: int = 0


def decide(sight: Sight) -> Answer:
    """The answer of the entry, and a stay where it opens. In the caller's transaction."""
    answer = _by_code(sight) if sight.code else _by_plate(sight)
    return _let_in_all_the_same(sight, answer) if answer.reason and sight.override else answer


def read_reservation(sight: Sight) -> tuple[ParkingReservation | None, int, str]:
    """The reservation whose code was shown, with the version of the code; or the reason why there is none.

    One of another venue is for another lot, and nothing else is told.
    """
    try:
        mark = codes.read(sight.code)
    except NotAMark:
        is_ours = sight.code.strip().upper().startswith((f"{codes.PREFIX}.", f"{access.PREFIX}."))
        return None, 0, Reason.FORGED if is_ours else Reason.UNKNOWN
    found = ParkingReservation.objects.with_lot().filter(pk=mark.pk).first()
    if found is None:
        return None, 0, Reason.UNKNOWN
    if found.venue_id != sight.lot.venue_id:
        return None, 0, Reason.WRONG_LOT
    return found, mark.version, Reason.NONE


def read_session(sight: Sight) -> tuple[ParkingSession | None, str]:
    """The stay whose ticket was shown; or why there is none. Neither for what is no ticket."""
    try:
        mark = access.read_gate_code(sight.code)
    except NotAMark:
        return None, Reason.NONE
    found = ParkingSession.objects.with_lot().filter(pk=mark.pk).first()
    if found is None:
        return None, Reason.UNKNOWN
    return (found, Reason.NONE) if found.lot_id == sight.lot.pk else (None, Reason.WRONG_LOT)


def show_reservation(sight: Sight, inside: ParkingSession, shown: ParkingReservation) -> ParkingSession:
    """A car that came in without its reservation shows it: the stay is the reservation's, as far as both allow it.

    One reservation is enough for a car, and what was prepaid or paid before stays what it is.
    """
    stay = lock_session(inside.pk)
    held = entering.lock_reservation(shown.pk)
    is_plain = stay.reservation_id is None and stay.expires_at is None and not stay.charges.exists()
    is_early = arriving.refusal(held, sight.lot, max(stay.started_at, min(sight.at, held.starts_at)))
    if stay.status != ParkingSession.Status.ACTIVE or not is_plain or is_early:
        return stay
    return entering.attach(stay, held, sight.now, by=sight.by)


def _by_code(sight: Sight) -> Answer:
    ticket, reason = read_session(sight)
    if reason:
        return Answer(reason)
    if ticket is not None:
        return Answer(_why_no_ticket(sight, ticket), ticket, ticket.reservation)
    inside = entering.find_active(sight.lot, sight.key)
    booked, version, reason = read_reservation(sight)
    if booked is None:
        return Answer(reason, inside)
    if inside is not None and inside.reservation_id == booked.pk:
        return Answer(Reason.NONE, inside, booked)
    if inside is None:
        return _admit(sight, booked, version)
    # The camera let the car in by its plate, and now it shows its code.
    reason = arriving.refusal(booked, sight.lot, sight.at, version)
    if reason:
        return Answer(reason, inside, booked)
    stay = show_reservation(sight, inside, booked)
    return Answer(Reason.NONE, stay, stay.reservation)


def _why_no_ticket(sight: Sight, ticket: ParkingSession) -> str:
    """A stay's ticket opens for the car that is inside already, and once for one that staff took in by hand."""
    if ticket.status != ParkingSession.Status.ACTIVE:
        return Reason.NO_REENTRY
    if sight.key and sight.key == ticket.plate_key:
        return Reason.NONE
    came_in = ticket.gate_events.filter(direction=GateEvent.Direction.ENTRY, is_open=True)
    return Reason.ALREADY_INSIDE if came_in.exists() else Reason.NONE


def _by_plate(sight: Sight) -> Answer:
    inside = entering.find_active(sight.lot, sight.key)
    if inside is not None:
        return Answer(Reason.NONE, inside, inside.reservation)
    found = arriving.candidates(sight.lot, sight.key, sight.at)
    booked = arriving.choose(found, sight.lot, sight.at)
    if booked is not None:
        return _admit(sight, booked)
    if sight.lot.takes_drive_ups:
        return _drive_up(sight)
    reason, about = arriving.why_none(found, sight.lot, sight.at)
    return Answer(reason, None, about)


def _admit(sight: Sight, booked: ParkingReservation, version: int | None = None) -> Answer:
    held = entering.lock_reservation(booked.pk)
    reason = arriving.refusal(held, sight.lot, sight.at, version)
    if reason == Reason.ALREADY_INSIDE:
        # Another camera may have been faster with this very car.
        inside = entering.find_active(sight.lot, sight.key)
        return Answer(Reason.NONE if inside else reason, inside, held)
    if not reason and not opening.is_open(sight.lot, sight.at):
        reason = Reason.CLOSED
    if reason:
        return Answer(reason, None, held)
    try:
        with transaction.atomic():
            session = entering.enter_with(held, _arrival(sight), sight.now, by=sight.by)
    except NoSpace:
        return Answer(Reason.TOO_EARLY if sight.now < held.starts_at else Reason.FULL, None, held)
    except AlreadyParked as refusal:
        return _is_here(sight, refusal, held)
    return Answer(Reason.NONE, session, held)


def _drive_up(sight: Sight, *, forced: bool = False) -> Answer:
    try:
        with transaction.atomic():
            capacity = entering.kind_for(sight.lot, sight.kind)
            session = entering.drive_up(capacity, _arrival(sight), sight.now, by=sight.by, forced=forced)
    except NoSpace:
        return Answer(Reason.FULL)
    except (LotNotOpen, LotNotReady):
        return Answer(Reason.CLOSED)
    except AlreadyParked as refusal:
        return _is_here(sight, refusal)
    return Answer(Reason.NONE, session)


def _is_here(sight: Sight, refusal: AlreadyParked, booked: ParkingReservation | None = None) -> Answer:
    """Another camera was faster: its stay is the answer."""
    session = refusal.data.get("session") or entering.find_active(sight.lot, sight.key)
    if session is None:
        return Answer(Reason.ALREADY_INSIDE, None, booked)
    return Answer(Reason.NONE, session, session.reservation)


def _let_in_all_the_same(sight: Sight, answer: Answer) -> Answer:
    """A steward opens whatever was said: with the reservation where that lacks but room or time, else as a drive-up."""
    inside = entering.find_active(sight.lot, sight.key)
    if inside is not None:
        return answer._replace(session=inside)
    booked = answer.reservation
    lacking = (Reason.TOO_EARLY, Reason.FULL, Reason.CLOSED, Reason.OUTDATED_CODE)
    if booked is not None and answer.reason in lacking and booked.can_move(ParkingReservation.Status.INSIDE):
        held = entering.lock_reservation(booked.pk)
        if held.can_move(ParkingReservation.Status.INSIDE) and held.ends_at > sight.at:
            session = entering.enter_with(held, _arrival(sight), sight.now, by=sight.by, forced=True)
            return answer._replace(session=session)
    return answer._replace(session=_drive_up(sight, forced=True).session)


def _arrival(sight: Sight) -> Arrival:
    return Arrival(started_at=sight.at, origin=ParkingSession.Origin.GATE, plate=sight.plate)
