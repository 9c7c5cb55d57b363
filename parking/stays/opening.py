"""The one charge of a stay that waits for its payer: opened, joined, replaced by another, or given up.

Everything that opens a charge holds the unpaid one, if there is any, and then the stay, so that of two who come at once
the second finds what the first has made.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from parking.booking.models import ReservationChange
from parking.errors import SessionOver
from parking.stays import covering
from parking.stays.billing import Bill
from parking.stays.models import ParkingCharge, ParkingSession
from payments import charges
from payments.errors import PaymentInProgress
from payments.models import Payment
from trufan.lib.errors import Missing

Kind, Status = ParkingCharge.Kind, ParkingCharge.Status
Answer = TypeVar("Answer")
Step = Callable[[ParkingCharge | None, ParkingSession], Answer]
#: How often we look again where somebody else opened a charge between our two locks.
_TRIES = 3
#: What makes a bill another one.
_COMPARED = ("kind", "price", "discount", "promo_code", "amount_total")


def attempt(session_id: UUID, step: Step[Answer], *, tips: bool = False) -> Answer:
    """Run `step` with the stay's unpaid charge, or tip, and the stay, both held; what it answers.

    Called outside of any transaction. Raises `SessionOver` where the stay is void, `PaymentInProgress`, and whatever
    the step raises.
    """
    for _ in range(_TRIES):
        with transaction.atomic(durable=True):
            standing = _unpaid(session_id, tips).select_for_update(of=("self",)).first()
            stay = lock_session(session_id)
            # Opened by somebody else between the two locks: it is to be held before the stay.
            if not _unpaid(session_id, tips).exclude(pk=standing.pk if standing else None).exists():
                if stay.status == ParkingSession.Status.VOID:
                    raise SessionOver
                return step(standing, stay)
    raise PaymentInProgress


def lock_session(session_id: UUID) -> ParkingSession:
    """The stay, freshly read and held until the transaction ends. Raises `Missing`."""
    rows = ParkingSession.objects.select_for_update(of=("self",), no_key=True).with_lot()
    stay = rows.filter(pk=session_id).first()
    if stay is None:
        raise Missing(gettext("There is no such stay."))
    return stay


def is_joined(standing: ParkingCharge | None, bill: Bill) -> bool:
    """Whether the unpaid charge is already for the same thing at the same price."""
    fields = bill.fields()
    return standing is not None and all(getattr(standing, name) == fields[name] for name in _COMPARED)


def join(standing: ParkingCharge, bill: Bill) -> ParkingCharge:
    """Asked for again at the same price: it covers up to the later moment."""
    fields = {name: value for name, value in bill.fields().items() if name in ("covers_until", "parts")}
    ParkingCharge.objects.filter(pk=standing.pk).update(**fields)
    for name, value in fields.items():
        setattr(standing, name, value)
    return standing


def open_charge(stay: ParkingSession, bill: Bill, *, payer: Any, now: datetime) -> ParkingCharge:
    """A new charge; what costs nothing is paid at once, and covers what it is for."""
    charge = _create(bill, now, lot=stay.lot, session=stay, description=_description(stay, bill))
    record("parking_charge.opened", charge, new=_said(charge), actor=payer)
    if not charge.amount_total:
        charge.move(Status.PAID, paid_at=now)
        covering.cover(charge, stay, now)
    return charge


def open_charge_of_change(change: ReservationChange, bill: Bill, now: datetime) -> ParkingCharge:
    """The charge for another window of a reservation."""
    description = f"Change of parking reservation {change.reservation} at {change.capacity.lot}"
    charge = _create(bill, now, lot=change.capacity.lot, change=change, description=description)
    record("parking_charge.opened", charge, new=_said(charge))
    return charge


def cancel(charge: ParkingCharge, now: datetime) -> None:
    """Give up an unpaid charge, which the caller holds; money that comes for it all the same is returned in full.

    Raises `PaymentInProgress` where its money may be on its way.
    """
    on_its_way = Payment.objects.of(charge).filter(status__in=[Payment.Status.CREATED, Payment.Status.PROCESSING])
    if on_its_way.exists():
        raise PaymentInProgress
    charge.move(Status.CANCELLED)
    covering.release(charge, now)
    record("parking_charge.cancelled", charge, new=_said(charge))
    charges.cancel_open(charge, now)


def _unpaid(session_id: UUID, tips: bool) -> Any:
    rows = ParkingCharge.objects.filter(session=session_id, status=Status.PENDING)
    return rows.filter(kind=Kind.TIP) if tips else rows.exclude(kind=Kind.TIP)


def _create(bill: Bill, now: datetime, **facts: Any) -> ParkingCharge:
    lot = facts["lot"]
    return ParkingCharge.objects.create(
        currency=lot.venue.currency, status=Status.PENDING, created_at=now, **bill.fields(), **facts
    )


def _description(stay: ParkingSession, bill: Bill) -> str:
    if bill.due.kind == Kind.TIP:
        return f"Tip at {stay.lot}"
    until = bill.due.covers_until.astimezone(stay.lot.zone)
    return f"Parking at {stay.lot} until {until.day} {until:%B %Y, %H:%M}"


def _said(charge: ParkingCharge) -> dict[str, Any]:
    return {
        "kind": charge.kind,
        "amount": charge.amount_total,
        "session": charge.session_id,
        "change": charge.change_id,
    }
