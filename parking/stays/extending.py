"""Staying longer, asked for in time: a prepaid or reserved stay gets another end, one without an end is prepaid."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from parking.errors import OverstayUnpaid, SessionOver
from parking.stays import billing, covering, fees, opening
from parking.stays.models import ParkingCharge, ParkingSession
from payments import charges
from payments.models import Payment
from trufan.lib.errors import Invalid

#: Longer than anybody parks.
LONGEST = timedelta(days=90)
Kind = ParkingCharge.Kind


def extend(
    session: ParkingSession, until: datetime, *, payer: Any, payment_method: str, now: datetime
) -> Payment | None:
    """Charge what staying until `until` costs, and hold the space for it while that is paid; the payment.

    None where it costs nothing: then the stay has its new end at once. Called outside of any transaction. Asked again
    while unpaid it is the same charge, or another one in its place. Raises `SessionOver`, `OverstayUnpaid`, `NoSpace`,
    `Invalid` (`until`), and what `charges.start` raises.
    """
    charge = prepare(session, until, payer=payer, now=now)
    if charge is None:
        return None
    return charges.start(charge, payer=payer, payment_method=payment_method, now=now)


def prepare(session: ParkingSession, until: datetime, *, payer: Any, now: datetime) -> ParkingCharge | None:
    """The charge for staying until `until`, to be paid by `charging.pay`, and the space held for it meanwhile.

    None where it costs nothing: then the stay has its new end at once. Nothing is paid here. Called outside of any
    transaction. Raises what `extend` raises, but nothing of `charges.start`.
    """
    return opening.attempt(session.pk, partial(step, until=until, payer=payer, now=now))


def step(
    standing: ParkingCharge | None, stay: ParkingSession, *, until: datetime, payer: Any, now: datetime
) -> ParkingCharge | None:
    """Under the locks of the unpaid charge and the stay: the charge to pay for staying until then, its space held."""
    _refuse(stay, until, now)
    bill = billing.of(stay, fees.extension(stay, until, now))
    if standing is not None:
        if opening.is_joined(standing, bill) and standing.covers_until == until:
            covering.hold(standing, stay, now)
            return standing
        opening.cancel(standing, now)
    if not bill.total:
        covering.refuse_full(stay, until, now)
        opening.open_charge(stay, bill, payer=payer, now=now)
        return None
    charge = opening.open_charge(stay, bill, payer=payer, now=now)
    covering.hold(charge, stay, now)
    return charge


def _refuse(stay: ParkingSession, until: datetime, now: datetime) -> None:
    if stay.status != ParkingSession.Status.ACTIVE:
        raise SessionOver
    if until <= max(filter(None, (stay.expires_at, now))):
        raise Invalid.field("until", "Later than what is paid for, and than now.", "not_later")
    if until > fees.begins_at(stay) + LONGEST:
        raise Invalid.field("until", f"A stay is {LONGEST.days} days long at most.", "too_long")
    asked = fees.due(stay, now)
    if asked.kind == Kind.OVERSTAY and asked.amount:
        raise OverstayUnpaid


def quote(stay: ParkingSession, until: datetime, now: datetime) -> billing.Bill:
    """What staying until then would cost, without holding anything. Raises what `extend` raises, but `NoSpace`."""
    _refuse(stay, until, now)
    return billing.of(stay, fees.extension(stay, until, now))
