"""Payments that are held because the provider has another amount than our books: a person takes it or sends it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from payments import charges, gateways, settlement
from payments.errors import MoreThanDue, NotHeld
from payments.gateways.base import ChargeOutcome
from payments.locking import lock
from payments.models import Payment
from payments.payable import Payable


def accept(payment: Payment, *, by: Any, now: datetime) -> Payment:
    """Take what came for what is due, also where it is less: the house forgoes the rest.

    Called outside of any transaction: what came is asked of the provider once more. Raises `NotHeld`, `MoreThanDue`
    (also for money of another currency) and `GatewayUnavailable`.
    """
    outcome = _collected(payment)
    if outcome is None:
        raise NotHeld(gettext("Nothing was collected yet. Ask again when it was, or send it back."))
    with transaction.atomic():
        payable, locked = _held(payment)
        due = payable.amount_total - payable.amount_paid
        if outcome.currency != payable.currency or outcome.amount > due:
            raise MoreThanDue
        _take_over(locked, outcome)
        _record("payment.accepted", locked, by, due=due)
        return settlement.settle(locked.pk, outcome, now, agreed=True)


def send_back(payment: Payment, *, by: Any, reason: str, now: datetime) -> Payment:
    """Return all that came; what was not collected yet is cancelled. The payable can be paid anew.

    Called outside of any transaction. Raises `NotHeld`, `GatewayUnavailable`.
    """
    outcome = _collected(payment)
    if outcome is None:
        return charges.give_up(payment, now)
    with transaction.atomic():
        payable, locked = _held(payment)
        _take_over(locked, outcome)
        locked.move(
            Payment.Status.SUCCEEDED,
            counted=False,
            settled_at=now,
            failure_code="",
            failure_message="",
            provider_id=outcome.provider_id,
        )
        _record("payment.sent_back", locked, by, reason=reason)
        settlement.return_in_full(payable, locked, reason, now, by=by)
    return locked


def _collected(payment: Payment) -> ChargeOutcome | None:
    """What the provider took, if it did."""
    if not payment.is_held:
        raise NotHeld
    outcome = gateways.named(payment.provider).look_up(payment)
    return outcome if outcome.status == Payment.Status.SUCCEEDED else None


def _held(payment: Payment) -> tuple[Payable, Payment]:
    payable, locked = lock(payment.pk)
    if not locked.is_held:
        raise NotHeld
    return payable, locked


def _take_over(payment: Payment, outcome: ChargeOutcome) -> None:
    """From now on our amount is what came."""
    payment.amount, payment.currency, payment.asked_amount = outcome.amount, outcome.currency, None
    payment.save(update_fields=["amount", "currency", "asked_amount", "updated_at"])


def _record(action: str, payment: Payment, by: Any, **facts: Any) -> None:
    record(
        action,
        payment,
        new={"amount": payment.amount, "currency": payment.currency, **facts},
        actor=by,
        venue_id=payment.venue_id,
    )
