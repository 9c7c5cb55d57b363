"""A car in our hands: taken, parked, asked for, brought, handed over. Each move made already changes nothing.

Locks: ticket → charge → stay → kind of space.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.trail import record
from parking import announcements
from parking.booking import codes
from parking.booking.models import ParkingReservation
from parking.errors import WrongPin
from parking.lots.models import ParkingLot, SpaceKind
from parking.spaces import taking
from parking.stays import arriving, correcting, entering, leaving, telling
from parking.stays.entering import Arrival
from parking.stays.models import ParkingSession
from parking.stays.opening import lock_session
from parking.valet import waiting
from parking.valet.models import ValetTicket
from trufan.lib.errors import Invalid, InvalidMove
from trufan.lib.marks import NotAMark
from trufan.lib.money import show

Status, Channel = ValetTicket.Status, ValetTicket.Channel
#: A time that is over by no more than this is now: clocks differ, and requests take their time.
JUST_NOW = timedelta(minutes=5)
#: So far ahead a car is asked for.
FARTHEST = timedelta(days=30)


@dataclass(frozen=True)
class Dropped:
    """A car that is handed over, and whom to reach about it."""

    plate: str = ""
    vehicle: str = ""
    notes: str = ""
    key_tag: str = ""
    email: str = ""
    phone: str = ""
    user: Any = None
    #: Of a reservation of a valet's space.
    code: str = ""


def drop_off(lot: ParkingLot, car: Dropped, *, by: Any, now: datetime) -> ValetTicket:
    """Take a car: its stay begins, and it gets the smallest number that is free at the lot.

    Raises `LotNotOpen`, `NoSpace`, `AlreadyParked`, `Invalid` (`kind`: no valet here; `code`; `plate`).
    """
    capacity = entering.kind_for(lot, SpaceKind.VALET)
    arrival = Arrival(
        now, ParkingSession.Origin.VALET, plate=car.plate, user=car.user, email=car.email, phone=car.phone
    )
    with transaction.atomic():
        booked = _booked(lot, car.code, now)
        # Numbers are given under the lock of the kind, which the stay takes anyway.
        taking.lock_one(capacity.pk)
        if booked is not None:
            session = entering.enter_with(booked, arrival, now, by=by)
        else:
            session = entering.drive_up(capacity, arrival, now, by=by)
        ticket = ValetTicket.objects.create(
            lot=lot,
            session=session,
            number=_free_number(lot),
            vehicle=car.vehicle,
            notes=car.notes,
            key_tag=car.key_tag,
            taken_by=by,
            created_at=now,
        )
        record("valet.dropped_off", ticket, new={"number": ticket.number, "session": session.pk}, actor=by)
    return ticket


def park(ticket: ValetTicket, *, place: str, key_tag: str = "", by: Any, now: datetime) -> ValetTicket:
    """It stands there; parked already, it is moved. One that was asked for is not wanted any more."""
    if not place.strip():
        raise Invalid.field("place", "Say where it stands.", "required")
    with transaction.atomic():
        row = _locked(ticket)
        changes = {"place": place.strip(), "key_tag": key_tag or row.key_tag}
        if row.status == Status.PARKED and all(getattr(row, name) == value for name, value in changes.items()):
            return row
        before = {"status": row.status, "place": row.place}
        wanted = {"requested_by": "", "wanted_at": None, "requested_at": None, "retrieving_at": None, "ready_at": None}
        row.move(Status.PARKED, parked_at=row.parked_at or now, **changes, **wanted)
        record("valet.parked", row, old=before, new=changes, actor=by)
    return row


def request(
    ticket: ValetTicket, *, channel: str, by: Any, now: datetime, wanted_at: datetime | None = None
) -> ValetTicket:
    """Its holder wants it, now or at a time. Asked again before anybody fetches it, only the time changes.

    Raises `InvalidMove`, `Invalid` (`wanted_at`).
    """
    wanted_at = _when(wanted_at, now)
    with transaction.atomic():
        row = _locked(ticket)
        if row.status in (Status.RETRIEVING, Status.READY):
            return row
        if row.status == Status.REQUESTED:
            if row.wanted_at != wanted_at:
                _write(row, wanted_at=wanted_at)
                record("valet.request_changed", row, new={"wanted_at": wanted_at}, actor=by)
            return row
        row.move(Status.REQUESTED, requested_by=channel, requested_at=now, wanted_at=wanted_at)
        record("valet.requested", row, new={"channel": channel, "wanted_at": wanted_at}, actor=by)
        announcements.valet(announcements.VALET_REQUESTED, row)
        waiting.asked_for(row, now)
    return row


def fetch(ticket: ValetTicket, *, by: Any, now: datetime) -> ValetTicket:
    """Somebody is on the way to bring it."""
    return _step(ticket, Status.RETRIEVING, "valet.retrieving", by, retrieving_at=now)


def put_back(ticket: ValetTicket, *, by: Any, now: datetime) -> ValetTicket:
    """Nobody is on the way to bring it after all: it keeps its place in the queue. Raises `InvalidMove`."""
    with transaction.atomic():
        row = _locked(ticket)
        if row.status == Status.REQUESTED:
            return row
        if row.status != Status.RETRIEVING:
            raise InvalidMove(row, Status.REQUESTED)
        row.move(Status.REQUESTED, retrieving_at=None)
        record("valet.put_back", row, actor=by)
    return row


def ready(ticket: ValetTicket, *, by: Any, now: datetime) -> ValetTicket:
    """It stands at the front; its holder is told, with what is to be paid."""
    with transaction.atomic():
        row = _locked(ticket)
        if row.status == Status.READY:
            return row
        row.move(Status.READY, ready_at=now)
        record("valet.ready", row, actor=by)
        announcements.valet(announcements.VALET_READY, row)
        _tell_ready(row, waiting.brought(row, now), now)
    return row


def hand_over(
    ticket: ValetTicket, *, by: Any, now: datetime, pin_checked: bool = False, reason: str = "", unpaid: bool = False
) -> ValetTicket:
    """Its holder has it back, and its stay ends. Handed over already, nothing happens.

    Without the PIN, or `unpaid` with money due, staff give a reason. Raises `WrongPin`, `ReasonNeeded`, `StayUnpaid`
    with the amount, `InvalidMove` unless it is ready.
    """
    reason = correcting.said(reason) if reason.strip() else ""
    with transaction.atomic():
        row = _locked(ticket)
        if row.status == Status.HANDED_OVER:
            return row
        if not row.can_move(Status.HANDED_OVER):
            raise InvalidMove(row, Status.HANDED_OVER)
        if not (pin_checked or reason):
            raise WrongPin.field("pin", "Ask for the PIN on the ticket, or say why it goes without.", "required")
        stay = lock_session(row.session_id)
        owed = leaving.to_pay(stay, now) if stay.status == ParkingSession.Status.ACTIVE else 0
        if owed and not (unpaid and reason):
            raise leaving.unpaid(stay, owed)
        if stay.status == ParkingSession.Status.ACTIVE:
            leaving.leave(stay, now, by=by, reason=reason, owed=owed)
        row.move(Status.HANDED_OVER, ended_at=now)
        said = {"by_pin": pin_checked, "reason": reason, "unpaid": owed}
        record("valet.handed_over", row, new={name: value for name, value in said.items() if value}, actor=by)
        announcements.valet(announcements.VALET_HANDED_OVER, row)
    return row


def cancel(ticket: ValetTicket, *, by: Any, now: datetime, reason: str) -> ValetTicket:
    """It was not taken after all: the stay never was, and its reservation may come again.

    Raises `ReasonNeeded`, `InvalidMove`, `StayPaidFor`, `PaymentInProgress`.
    """
    reason = correcting.said(reason)
    with transaction.atomic():
        row = _locked(ticket)
        if row.status == Status.CANCELLED:
            return row
        row.move(Status.CANCELLED, ended_at=now)
        if row.session.status == ParkingSession.Status.ACTIVE:
            correcting.void(row.session, reason=reason, by=by, now=now)
        record("valet.cancelled", row, new={"reason": reason}, actor=by)
    return row


def reset_pin(ticket: ValetTicket, *, by: Any, now: datetime) -> ValetTicket:
    """Let the PIN be tried again."""
    with transaction.atomic():
        row = _locked(ticket)
        _write(row, wrong_pins=0)
        record("valet.pin_reset", row, actor=by)
    return row


def _when(wanted_at: datetime | None, now: datetime) -> datetime | None:
    if wanted_at is None or now - JUST_NOW <= wanted_at <= now:
        return None
    if wanted_at < now:
        raise Invalid.field("wanted_at", "This time is over.", "in_the_past")
    if wanted_at > now + FARTHEST:
        raise Invalid.field("wanted_at", f"Ask at most {FARTHEST.days} days ahead.", "too_far_ahead")
    return wanted_at


def _tell_ready(row: ValetTicket, stay: ParkingSession, now: datetime) -> None:
    owed = leaving.to_pay(stay, now)
    said = {"valet_number": row.number, "vehicle": row.vehicle, "due": show(owed, stay.currency) if owed else ""}
    telling.tell(stay, "valet_ready", **said, **telling.where(stay))


def _step(ticket: ValetTicket, to: str, action: str, by: Any, **stamps: Any) -> ValetTicket:
    with transaction.atomic():
        row = _locked(ticket)
        if row.status != to:
            row.move(to, **stamps)
            record(action, row, actor=by)
    return row


def _locked(ticket: ValetTicket) -> ValetTicket:
    return ValetTicket.objects.select_for_update(of=("self",), no_key=True).with_stay().get(pk=ticket.pk)


def _write(row: ValetTicket, **changes: Any) -> None:
    ValetTicket.objects.filter(pk=row.pk).update(**changes)
    for name, value in changes.items():
        setattr(row, name, value)


def _free_number(lot: ParkingLot) -> int:
    taken = set(ValetTicket.objects.here().filter(lot=lot).values_list("number", flat=True))
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def _booked(lot: ParkingLot, code: str, now: datetime) -> ParkingReservation | None:
    """The reservation that the code names, held, if it admits here. Raises `Invalid`."""
    if not code:
        return None
    try:
        pk: UUID = codes.read(code).pk
    except NotAMark:
        raise Invalid.field("code", "This is no code of a reservation.", "unknown_code") from None
    booked = entering.lock_reservations().filter(pk=pk, capacity__kind=SpaceKind.VALET).first()
    if booked is None:
        raise Invalid.field("code", "This reservation is not for valet parking.", "unknown_code")
    if reason := arriving.refusal(booked, lot, now):
        raise Invalid.field("code", f"This reservation does not admit now: {reason.replace('_', ' ')}.", reason)
    return booked
