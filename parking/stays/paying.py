"""Paying for a stay, a change of a reservation, or a valet's tip: which charge, and then its payment."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from parking.booking.models import ReservationChange
from parking.errors import NotValetParked
from parking.stays import billing, covering, extending, fees, opening
from parking.stays.models import ParkingCharge, ParkingSession
from payments import charges
from payments.models import Payment
from trufan.lib.errors import Invalid
from trufan.lib.money import show

Kind, Status = ParkingCharge.Kind, ParkingCharge.Status
#: A tip may always be as large as this, in minor units, however little the stay costs.
TIP_ALLOWED = 10_000


def pay(session: ParkingSession, *, payer: Any, payment_method: str, now: datetime) -> Payment | None:
    """Charge what the stay owes at `now`, or the extension that waits to be paid; the payment.

    None where nothing is to be paid: the driver has the grace to leave all the same. Called outside of any transaction.
    Asked again it is the same charge; where it costs another amount by then, another charge in its place. Raises
    `SessionOver`, `NoSpace`, and what `charges.start` raises.
    """
    charge = opening.attempt(session.pk, partial(_step, payer=payer, now=now))
    if charge is None:
        return None
    return pay_charge(charge, payer=payer, payment_method=payment_method, now=now)


def pay_charge(charge: ParkingCharge, *, payer: Any, payment_method: str, now: datetime) -> Payment:
    """Charge for one charge that is open. Raises what `charges.start` raises."""
    return charges.start(charge, payer=payer, payment_method=payment_method, now=now)


def tip(session: ParkingSession, *, amount: int, payer: Any, payment_method: str, now: datetime) -> Payment:
    """Charge a tip for those who parked the car; the payment. All of it is the lot's, without fee or tax.

    Raises `NotValetParked`, `Invalid` (`amount`), and what `charges.start` raises.
    """
    charge = opening.attempt(session.pk, partial(_tip_step, amount=amount, payer=payer, now=now), tips=True)
    return pay_charge(charge, payer=payer, payment_method=payment_method, now=now)


def open_for_change(change: ReservationChange, now: datetime) -> ParkingCharge:
    """The charge for what another window of a reservation costs on top (`difference`, which is above nothing).

    Asked again it is the same charge. Once it is paid, `booking.changing.apply` is called.
    """
    with transaction.atomic():
        standing = ParkingCharge.objects.select_for_update(of=("self",)).filter(change=change, status=Status.PENDING)
        bill = billing.of_change(change)
        found = standing.first()
        if found is not None and opening.is_joined(found, bill):
            return found
        if found is not None:
            opening.cancel(found, now)
        return opening.open_charge_of_change(change, bill, now)


def cancel_open(about: ParkingSession | ReservationChange, now: datetime) -> None:
    """Give up what is unpaid of a stay or of a change, whose rows the caller does not hold yet.

    Raises `PaymentInProgress`.
    """
    of = {"session": about} if isinstance(about, ParkingSession) else {"change": about}
    with transaction.atomic():
        rows = ParkingCharge.objects.select_for_update(of=("self",)).filter(status=Status.PENDING, **of)
        for charge in rows.order_by("pk"):
            opening.cancel(charge, now)


def _step(standing: ParkingCharge | None, stay: ParkingSession, *, payer: Any, now: datetime) -> ParkingCharge | None:
    bill = billing.to_pay(stay, now)
    if not bill.due.amount:
        return _nothing_due(standing, stay, bill, payer, now)
    if standing is not None and opening.is_joined(standing, bill):
        return opening.join(standing, bill)
    if standing is not None:
        opening.cancel(standing, now)
    charge = opening.open_charge(stay, bill, payer=payer, now=now)
    return charge if charge.amount_total else None


def _nothing_due(
    standing: ParkingCharge | None, stay: ParkingSession, bill: billing.Bill, payer: Any, now: datetime
) -> ParkingCharge | None:
    """An extension that waits is what is meant; else the driver may leave, unless the grace of before goes on."""
    is_active = stay.status == ParkingSession.Status.ACTIVE
    wanted = standing.covers_until if standing is not None and standing.kind == Kind.EXTENSION else None
    if is_active and wanted is not None and wanted > now:
        return extending.step(standing, stay, until=wanted, payer=payer, now=now)
    if standing is not None:
        opening.cancel(standing, now)
    if is_active and not bill.due.owed:
        covering.let_leave_free(stay, now)
    return None


def _tip_step(
    standing: ParkingCharge | None, stay: ParkingSession, *, amount: int, payer: Any, now: datetime
) -> ParkingCharge:
    if not hasattr(stay, "valet"):
        raise NotValetParked
    settled = fees.settled_of(stay)
    most = max(settled.sold, fees.price(stay, now).amount, TIP_ALLOWED)
    if not 1 <= amount <= most:
        raise Invalid.field("amount", f"A tip is at most {show(most, stay.currency)}.", "tip_too_large")
    bill = billing.of_tip(amount, now)
    if standing is not None and opening.is_joined(standing, bill):
        return standing
    if standing is not None:
        opening.cancel(standing, now)
    return opening.open_charge(stay, bill, payer=payer, now=now)
