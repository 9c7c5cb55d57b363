"""Recording what a provider says of a payment: once, in any order, from whoever hears it first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from audit.trail import record
from payments import ledger, refunds, splitting, tasks
from payments.gateways.base import ChargeOutcome
from payments.locking import add_to, lock
from payments.models import AMOUNT_MISMATCH, Payment
from payments.payable import CannotFulfil, Payable
from payments.querysets import OPEN
from trufan.lib import nudging

log = structlog.get_logger("trufan.payments")


def settle(payment_id: UUID, outcome: ChargeOutcome, now: datetime, *, agreed: bool = False) -> Payment:
    """Bring the payment to where the provider says it stands, and tell the payable; returns the payment.

    The same outcome twice, or an older one after a newer, changes nothing. Success is honoured however late it comes;
    what the payable cannot take is refunded in full. An outcome for another amount or currency is never settled: the
    payment stays open for a person to look at. `agreed`: one has, and the payment may be less than its payable is due.
    Raises `Missing`.
    """
    with transaction.atomic():
        payable, payment = lock(payment_id)
        if not payment.MOVES[payment.status]:
            return payment
        _take_changed_amount(payment, outcome)
        if problem := _disagreement(payable, payment, outcome, agreed=agreed):
            _hold(payment, outcome, problem)
        elif payment.can_move(outcome.status) and _may_move(payable, payment, outcome):
            _SETTLE[outcome.status](payable, payment, outcome, now)
        elif payment.is_live:
            _note(payment, **_failure(outcome), **_facts(payment, outcome))
        return payment


def cancel_open(payable: Payable, now: datetime) -> None:
    """The payable was cancelled or expired: end what could still pay it at the provider, once this transaction commits.

    The caller holds the payable's row, so no new payment can begin. What succeeded meanwhile is settled, and returned
    in full if the payable cannot take it.
    """
    for payment_id in Payment.objects.of(payable).live().values_list("pk", flat=True):
        nudging.after_commit(tasks.cancel_payment, str(payment_id))


def _succeed(payable: Payable, payment: Payment, outcome: ChargeOutcome, now: datetime) -> None:
    old = payment.status
    # Two attempts may both succeed when the first was given up too late. The second is no part of the payable's sum.
    counted = payable.amount_paid + payment.amount <= payable.amount_total
    payment.move(
        Payment.Status.SUCCEEDED,
        settled_at=now,
        counted=counted,
        failure_code="",
        failure_message="",
        **_facts(payment, outcome),
    )
    _record("payment.succeeded", payment, old, counted=counted)
    if old not in OPEN:
        # It was given up for another attempt, which must not collect the same money again.
        cancel_open(payable, now)
    if not counted:
        ledger.charged(payment, now)
        return_in_full(payable, payment, "It was paid twice.", now)
        return
    add_to(payable, paid=payment.amount)
    try:
        with transaction.atomic():
            # Before the payable's own rows: its stock, which others want, is held briefly.
            splitting.book(payable, payment, now)
            payable.on_paid(payment, now)
    except CannotFulfil as reason:
        ledger.charged(payment, now)
        return_in_full(payable, payment, str(reason), now)


def _fail(payable: Payable, payment: Payment, outcome: ChargeOutcome, now: datetime) -> None:
    old = payment.status
    payment.move(
        Payment.Status.FAILED,
        settled_at=now,
        **_failure(outcome),
        **_facts(payment, outcome),
    )
    _record("payment.failed", payment, old, failure_code=payment.failure_code)
    payable.on_payment_failed(payment, now)


def _cancel(payable: Payable, payment: Payment, outcome: ChargeOutcome, now: datetime) -> None:
    old = payment.status
    # Nothing is left of it that a person could decide about.
    mended = {"failure_code": "", "failure_message": ""} if payment.failure_code == AMOUNT_MISMATCH else {}
    payment.move(Payment.Status.CANCELLED, settled_at=now, **mended, **_facts(payment, outcome))
    _record("payment.cancelled", payment, old)


def _wait(payable: Payable, payment: Payment, outcome: ChargeOutcome, now: datetime) -> None:
    payment.move(outcome.status, settled_at=None, failure_code="", failure_message="", **_facts(payment, outcome))


_SETTLE: dict[str, Callable[[Payable, Payment, ChargeOutcome, datetime], None]] = {
    Payment.Status.SUCCEEDED: _succeed,
    Payment.Status.FAILED: _fail,
    Payment.Status.CANCELLED: _cancel,
    Payment.Status.PROCESSING: _wait,
    Payment.Status.REQUIRES_ACTION: _wait,
}


def _failure(outcome: ChargeOutcome) -> dict[str, Any]:
    """Why it failed, if it did: of several declined cards the last one counts."""
    if outcome.status != Payment.Status.FAILED:
        return {}
    return {
        "failure_code": outcome.failure_code[:60] or "declined",
        "failure_message": outcome.failure_message[:255],
        "can_retry": outcome.can_retry,
    }


def _facts(payment: Payment, outcome: ChargeOutcome) -> dict[str, Any]:
    """What the provider tells us and we do not know yet."""
    return {
        name: getattr(outcome, name)
        for name in ("provider_id", "client_secret")
        if getattr(outcome, name) and not getattr(payment, name)
    }


def _may_move(payable: Payable, payment: Payment, outcome: ChargeOutcome) -> bool:
    """What failed comes back to life only where its provider said that it may, and no other attempt took its place."""
    if payment.status != Payment.Status.FAILED or outcome.status == Payment.Status.SUCCEEDED:
        return True
    if not payment.can_retry:
        return False
    return outcome.status not in OPEN or not Payment.objects.of(payable).open().exists()


def _take_changed_amount(payment: Payment, outcome: ChargeOutcome) -> None:
    """The provider has the amount that we asked it to change to: from now on it is ours too."""
    asked = payment.asked_amount
    if asked is None or (asked, payment.currency) != (outcome.amount, outcome.currency.upper()):
        return
    old = payment.amount
    mended = {"failure_code": "", "failure_message": ""} if payment.failure_code == AMOUNT_MISMATCH else {}
    _note(payment, amount=asked, asked_amount=None, **mended)
    if asked != old:
        record("payment.amount_changed", payment, old={"amount": old}, new={"amount": asked}, venue_id=payment.venue_id)


def _disagreement(payable: Payable, payment: Payment, outcome: ChargeOutcome, *, agreed: bool) -> str:
    """Why the outcome cannot be this payment's, if so. Where no money moved the sums do not matter."""
    if payment.provider_id and outcome.provider_id and payment.provider_id != outcome.provider_id:
        return "provider_id_mismatch"
    moved = outcome.status not in (Payment.Status.FAILED, Payment.Status.CANCELLED)
    if moved and (payment.amount, payment.currency) != (outcome.amount, outcome.currency.upper()):
        return AMOUNT_MISMATCH
    short = payment.amount < payable.amount_total - payable.amount_paid
    if outcome.status == Payment.Status.SUCCEEDED and short and not agreed:
        # The total grew, and what was paid is the old one.
        return AMOUNT_MISMATCH
    return ""


def _hold(payment: Payment, outcome: ChargeOutcome, problem: str) -> None:
    """Settle nothing and call for a person; the books and the log say it once."""
    if payment.failure_code == problem:
        return
    said = {"amount": outcome.amount, "currency": outcome.currency, "status": outcome.status}
    log.error("payment_held", payment=str(payment.pk), problem=problem, provider_id=outcome.provider_id, **said)
    facts = _facts(payment, outcome) if problem == AMOUNT_MISMATCH else {}
    _note(payment, failure_code=problem, failure_message="The provider's answer differs from our books.", **facts)
    _record("payment.held", payment, payment.status, problem=problem, provider=said)


def _note(payment: Payment, **changes: Any) -> None:
    if changes:
        Payment.objects.filter(pk=payment.pk).update(**changes)
        for name, value in changes.items():
            setattr(payment, name, value)


def return_in_full(payable: Payable, payment: Payment, reason: str, now: datetime, *, by: Any = None) -> None:
    """Send back all of a payment that its payable does not take, whose row the caller holds."""
    log.warning("payment_returned", payment=str(payment.pk), reason=reason)
    refund = refunds.request(payment, payment.amount, reason=reason, by=by, now=now)
    payable.on_refund_by_house(refund, now)


def _record(action: str, payment: Payment, old: str, **facts: Any) -> None:
    record(
        action,
        payment,
        old={"status": old},
        new={"status": payment.status, "amount": payment.amount, "currency": payment.currency, **facts},
        venue_id=payment.venue_id,
    )
