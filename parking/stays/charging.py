"""What becomes of a charge: who gets what of it, and what follows when its money comes, fails to come, or goes back.

Everything that payments call runs in a transaction that holds the charge. How charges come about stands in `opening.py`
and `paying.py`; the rules that others call are named here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from orders.errors import NotRefundable
from orders.receipts import issuing
from orders.sharing import FEE, SALE, TIP
from parking import announcements
from parking.booking.models import ReservationChange
from parking.errors import ChargeNotPayable
from parking.signals import figures_moved
from parking.stays import covering, telling
from parking.stays.models import ParkingCharge, ParkingSession
from parking.stays.opening import lock_session
from parking.stays.paying import cancel_open as cancel_open
from parking.stays.paying import open_for_change as open_for_change
from parking.stays.paying import pay as pay
from parking.stays.paying import pay_charge as pay_charge
from parking.stays.paying import tip as tip
from payments import refunds
from payments.errors import RefundExceedsPayment
from payments.models import Payment, Refund
from payments.payable import CannotFulfil, Share
from trufan.lib.errors import DomainError
from trufan.lib.money import show
from venues import payouts

Kind, Status = ParkingCharge.Kind, ParkingCharge.Status


def refuse_payment(charge: ParkingCharge, now: datetime) -> DomainError | None:
    """Why nothing is charged for this at `now`, if so."""
    if charge.status != Status.PENDING:
        return ChargeNotPayable(gettext("This charge is {status}; nothing is to be paid.").format(status=charge.status))
    if charge.session is not None and charge.session.status == ParkingSession.Status.VOID:
        return ChargeNotPayable(gettext("This stay never was."))
    if charge.change is not None and not _is_payable(charge.change, now):
        return ChargeNotPayable(gettext("This change is over. Ask for it again."))
    return None


def shares_of(charge: ParkingCharge) -> list[Share]:
    """The platform its fee, the rest whose the lot is: its operator's, or the venue's. A tip is theirs in full."""
    account = charge.lot.connected_account_id or payouts.recipient_of(charge.lot.venue)
    if charge.kind == Kind.TIP:
        return [Share(account, charge.amount_total, TIP)]
    parts = [
        Share(None, charge.platform_fee, FEE),
        Share(account, charge.amount_total - charge.platform_fee, SALE),
    ]
    return [part for part in parts if part.amount]


def settle(charge: ParkingCharge, payment: Payment, now: datetime) -> None:
    """The money is there: the stay is covered, or the reservation changed. Raises `CannotFulfil`."""
    if charge.status != Status.PENDING:
        raise CannotFulfil(gettext("The charge is already {status}.").format(status=charge.status))
    if charge.session_id is not None:
        covering.cover(charge, lock_session(charge.session_id), now)
    elif charge.change is not None:
        from parking.booking.changing import apply

        apply(charge.change, now)
    charge.move(Status.PAID, paid_at=now, receipts_due=True)
    issuing.nudge(charge)
    record("parking_charge.paid", charge, new={"amount": charge.amount_total, "payment": payment.pk})
    _moved(charge)
    announcements.paid(charge)
    telling.paid(charge)


def give_back(charge: ParkingCharge, refund: Refund, now: datetime) -> None:
    """Money went back. What it paid for stays paid for; money that the charge never took ends it."""
    if charge.amount_refunded >= charge.amount_paid and charge.status in (Status.PAID, Status.PENDING):
        ends = Status.REFUNDED if charge.status == Status.PAID else Status.CANCELLED
        charge.move(ends)
        covering.release(charge, now)
    issuing.fall_due(charge)
    _moved(charge)
    record("parking_charge.refunded", charge, new={"amount": refund.amount, "refund": refund.pk})
    telling.refunded(charge, refund.amount)


def keep_after_all(charge: ParkingCharge, refund: Refund) -> None:
    """Its refund came back: the charge stands again."""
    if charge.status == Status.REFUNDED:
        charge.move(Status.PAID)
    _moved(charge)
    note(charge, "parking_charge.refund_came_back", refund=refund.pk)


def _moved(charge: ParkingCharge) -> None:
    """What the lot took on the day the charge was paid is another sum now."""
    if charge.paid_at is not None:
        figures_moved.send(sender=ParkingCharge, venue_id=charge.lot.venue_id, moments=[charge.paid_at])


def note(charge: ParkingCharge, action: str, **facts: Any) -> None:
    """What became of the money, where nothing follows for the charge itself."""
    record(action, charge, new={"amount": charge.amount_total, **facts})


def refund(charge: ParkingCharge, *, amount: int | None = None, by: Any, reason: str, now: datetime) -> list[Refund]:
    """Ask for an amount, or all that is left, of a paid charge to go back. The stay stays paid for.

    Raises `NotRefundable`, `PaymentDisputed`, `RefundExceedsPayment`.
    """
    with transaction.atomic():
        locked = ParkingCharge.objects.select_for_update(of=("self",)).get(pk=charge.pk)
        if locked.status != Status.PAID:
            raise NotRefundable(gettext("There is nothing to refund of this charge."))
        if amount is None:
            sent = refunds.request_all(locked, reason=reason, by=by, now=now)
        else:
            sent = _send(locked, amount, reason, by, now)
        if not sent:
            raise NotRefundable(gettext("There is nothing to refund of this charge."))
        asked = sum(each.amount for each in sent)
        record("parking_charge.refund_requested", locked, new={"amount": asked}, actor=by)
    return sent


def _send(charge: ParkingCharge, amount: int, reason: str, by: Any, now: datetime) -> list[Refund]:
    """Out of the payments that the charge counts first: there is one, save where its money came twice."""
    sent, due = [], amount
    paid = Payment.objects.of(charge).filter(status=Payment.Status.SUCCEEDED).order_by("-counted", "pk")
    for payment in paid:
        part = min(due, refunds.remainder(payment))
        if part > 0:
            sent.append(refunds.request(payment, part, reason=reason, by=by, now=now))
            due -= part
    if due:
        left = show(amount - due, charge.currency)
        raise RefundExceedsPayment(
            gettext("Only {left} of this charge is left to refund.").format(left=left), left=amount - due
        )
    return sent


def _is_payable(change: ReservationChange, now: datetime) -> bool:
    return change.status == ReservationChange.Status.PENDING and change.expires_at > now
