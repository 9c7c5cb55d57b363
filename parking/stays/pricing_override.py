"""What staff say about a stay's price: that it costs so much in all, or that its ticket is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.trail import record
from parking.errors import SessionOver
from parking.stays import covering, opening
from parking.stays.models import ParkingCharge, ParkingSession
from trufan.lib.errors import Invalid
from trufan.lib.money import MAX_AMOUNT


def set_price(session: ParkingSession, price: int | None, *, reason: str, by: Any, now: datetime) -> ParkingSession:
    """The stay costs `price` minor units in all, before fee and tax; None: what the tariff says after all.

    What is unpaid is opened anew; what was paid beyond it is refunded by `charging.refund`. Raises `SessionOver` for a
    stay that never was, `PaymentInProgress`, `Invalid` (`price`, `reason`).
    """
    reason = _checked(reason, price)
    with transaction.atomic():
        stay = _held(session, now)
        old = {"price": stay.price_set, "reason": stay.price_reason}
        covering.write(stay, price_set=price, price_reason=reason if price is not None else "", leave_by=None)
        record("parking_session.price_set", stay, old=old, new={"price": price, "reason": reason}, actor=by)
    return stay


def lose_ticket(session: ParkingSession, price: int | None, *, reason: str, by: Any, now: datetime) -> ParkingSession:
    """The ticket is lost: the stay costs at least what the lot asks for that, or the `price` that staff set in all.

    Where the lot asks for nothing in particular, a price is needed. Raises what `set_price` raises.
    """
    if price is None and session.lot.lost_ticket_price is None:
        raise Invalid.field("price", "This lot has no price for a lost ticket: say what the stay costs.", "required")
    reason = _checked(reason or "Lost ticket", price)
    with transaction.atomic():
        stay = _held(session, now)
        set_by_staff = {} if price is None else {"price_set": price, "price_reason": reason}
        covering.write(stay, is_ticket_lost=True, leave_by=None, **set_by_staff)
        record("parking_session.ticket_lost", stay, new={"price": price, "reason": reason}, actor=by)
    return stay


def _held(session: ParkingSession, now: datetime) -> ParkingSession:
    """The stay, held, without an unpaid charge at a price that is no longer asked."""
    unpaid = ParkingCharge.objects.select_for_update(of=("self",)).filter(session=session.pk, status="pending")
    for charge in unpaid.exclude(kind=ParkingCharge.Kind.TIP):
        opening.cancel(charge, now)
    stay = opening.lock_session(session.pk)
    if stay.status == ParkingSession.Status.VOID:
        raise SessionOver
    return stay


def _checked(reason: str, price: int | None) -> str:
    if price is not None and not 0 <= price <= MAX_AMOUNT:
        raise Invalid.field("price", "An amount in minor units, not below nothing.")
    reason = " ".join(reason.split())
    if not 3 <= len(reason) <= 200:
        raise Invalid.field("reason", "Say why, in 3 to 200 characters.", "required")
    return reason
