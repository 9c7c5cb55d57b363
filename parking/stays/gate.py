"""The gate: what a camera or a steward saw is answered once, in one transaction with what follows from it.

Each sight is one row. Its nonce, chosen by who saw it, makes it safe to send again. A decision takes a fixed, small
number of queries however long the lot's history is (`tests/test_gate_history.py`, `benchmarks/gate_history.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.trail import record
from parking.errors import NonceReused, PlateUnreadable
from parking.lots.models import ParkingLot
from parking.stays import correcting, gate_entry, gate_exit
from parking.stays.gate_entry import Answer, Sight
from parking.stays.models import GateEvent
from parking.vehicles import plates
from trufan.lib.compiled import OneByKeys
from trufan.lib.errors import Invalid

#: How far a camera's clock may run ahead of ours, and how long it may keep what it saw before it sends it.
CLOCK_AHEAD, OLDEST = timedelta(minutes=5), timedelta(days=1)
Direction, Reason = GateEvent.Direction, GateEvent.Reason
#: Answers that say when and where this was used before.
_USED = (Reason.ALREADY_INSIDE, Reason.NO_REENTRY, Reason.NOT_INSIDE)


class Seen(NamedTuple):
    """What a camera or a steward sends. `override`: why a steward opens all the same."""

    nonce: str
    plate: str = ""
    code: str = ""
    kind: str = ""
    gate: str = ""
    override: str = ""
    seen_at: datetime | None = None


def enter(lot: ParkingLot, seen: Seen, *, by: Any, now: datetime) -> GateEvent:
    """A car is at the entry: open, with a stay, or why not.

    The same `nonce` by the same account gets the same row again. Raises `NonceReused`, `PlateUnreadable`, `Invalid`.
    """
    told = _told_before(Direction.ENTRY, lot, seen, by, now)
    if told is not None:
        return told
    sight = _sight(lot, seen, by, now)
    return _once(Direction.ENTRY, seen, sight, partial(gate_entry.decide, sight))


def leave(lot: ParkingLot, seen: Seen, *, by: Any, now: datetime) -> GateEvent:
    """A car is at the exit: open, and its stay is over, or what is to be paid. Otherwise as `enter`.

    Called outside of any transaction, for a validation may pay what is due.
    """
    told = _told_before(Direction.EXIT, lot, seen, by, now)
    if told is not None:
        return told
    sight = _sight(lot, seen, by, now)
    found = gate_exit.find(sight)
    gate_exit.use_validation(sight, found.session)
    return _once(Direction.EXIT, seen, sight, partial(gate_exit.decide, sight, found))


def previous(event: GateEvent) -> GateEvent | None:
    """When and where the gate opened last with this, before this answer that it was used."""
    if event.reason not in _USED:
        return None
    of = {"reservation": event.reservation_id} if event.reservation_id else {"session": event.session_id}
    if not any(of.values()):
        return None
    return GateEvent.objects.filter(**of, is_open=True, created_at__lt=event.created_at).first()


def _once(direction: str, seen: Seen, sight: Sight, decide: Callable[[], Answer]) -> GateEvent:
    try:
        with transaction.atomic():
            return _write(direction, seen, sight, decide())
    except IntegrityError:
        # A twin with the same nonce was faster. Ours is undone, and theirs is the answer.
        told = _told_before(direction, sight.lot, seen, sight.by, sight.now)
        if told is None:
            raise
        return told


def _write(direction: str, seen: Seen, sight: Sight, answer: Answer) -> GateEvent:
    overridden = bool(answer.reason and sight.override)
    event = GateEvent(
        lot=sight.lot,
        direction=direction,
        is_open=not answer.reason or overridden,
        reason=answer.reason,
        override=sight.override if overridden else "",
        session=answer.session,
        reservation=answer.reservation,
        amount_due=answer.amount,
        seen_by=sight.by,
        nonce=seen.nonce,
        gate=seen.gate,
        code_hash=_fingerprint(seen.code),
        seen_at=sight.at,
    )
    event.set_plate(sight.plate)
    event.save(force_insert=True)
    if overridden:
        said = {"direction": direction, "refused": answer.reason, "unpaid": answer.amount, "reason": sight.override}
        subject = answer.session if answer.session is not None else event
        record("parking_gate.opened_by_hand", subject, new=said, actor=sight.by, venue_id=sight.lot.venue_id)
    return event


def _told_before(direction: str, lot: ParkingLot, seen: Seen, by: Any, now: datetime) -> GateEvent | None:
    told = _TOLD.get(by.pk, seen.nonce)
    if told is None:
        return None
    # A plate that was erased meanwhile is taken at its word.
    is_erased = told.created_at < now - timedelta(days=lot.plate_days)
    is_same_car = told.plate_key == plates.key(seen.plate) or (not told.plate_key and is_erased)
    is_same = (told.direction, told.lot_id, told.code_hash) == (direction, lot.pk, _fingerprint(seen.code))
    is_overridden = bool(seen.override and told.reason and not told.is_open)
    if not (is_same_car and is_same) or is_overridden:
        raise NonceReused
    return told


#: Asked of everything that a gate sends: whether it was sent before.
_TOLD = OneByKeys(
    lambda by, nonce: (
        GateEvent.objects.order_by()
        .select_related("lot__venue", "session__lot__venue", "session__space", "reservation")
        .filter(seen_by_id=by, nonce=nonce)
    ),
    UUID,
    str,
)


def _sight(lot: ParkingLot, seen: Seen, by: Any, now: datetime) -> Sight:
    if not (seen.plate or seen.code):
        raise PlateUnreadable
    plate = plates.tidy(seen.plate) if seen.plate else ""
    override = correcting.said(seen.override) if seen.override else ""
    return Sight(lot, plate, seen.code, seen.kind, override, _moment(seen.seen_at, now), now, by)


def _moment(seen_at: datetime | None, now: datetime) -> datetime:
    """When it was seen; a clock that runs a little ahead is set back to ours."""
    if seen_at is None:
        return now
    if seen_at > now + CLOCK_AHEAD:
        raise Invalid.field("seen_at", "This is in the future.", "in_the_future")
    if seen_at < now - OLDEST:
        raise Invalid.field("seen_at", "What was seen is accepted for a day.", "too_old")
    return min(seen_at, now)


def _fingerprint(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest() if code else ""
