"""Sending money back: a row that already counts, then the gateway, then the record of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext

from audit.trail import CALLER, record
from payments import gateways, ledger, restoring, reversals, tasks
from payments.errors import (
    GatewayRefused,
    GatewayUnavailable,
    KeySpent,
    NotRefundable,
    PaymentDisputed,
    RefundExceedsPayment,
)
from payments.gateways.base import RefundOutcome
from payments.locking import add_to, lock
from payments.models import Dispute, Payment, Refund
from payments.pauses import LEASE, each, pause
from payments.payable import Payable
from trufan.lib import nudging
from trufan.lib.errors import Invalid, Missing
from trufan.lib.money import show

log = structlog.get_logger("trufan.payments")


def request(
    payment: Payment, amount: int, *, reason: str, by: Any, now: datetime, lines: Mapping[UUID, int] | None = None
) -> Refund:
    """Ask for `amount` minor units of the payment to go back; the gateway is called once this transaction commits.

    Takes the locks payable → payment; joins the caller's transaction, who may hold the payable already. `by` is the
    person who asks, None for the house itself; `lines` says what of the amount goes for which line. Raises
    `Invalid`, `NotRefundable`, `PaymentDisputed`, `RefundExceedsPayment`.
    """
    with transaction.atomic():
        _, locked = lock(payment.pk)
        _refuse(locked, amount)
        refund = Refund.objects.create(
            payment=locked,
            amount=amount,
            currency=locked.currency,
            reason=reason[:255],
            lines={str(item_id): part for item_id, part in (lines or {}).items()},
            requested_by=by,
            next_attempt_at=now,
        )
        _record("refund.requested", refund, actor=by)
        _send_after_commit(refund)
    return refund


def request_all(payable: Payable, *, reason: str, by: Any, now: datetime) -> list[Refund]:
    """Ask for all that is left of every payment of the payable; returns the new refunds, none where nothing is left."""
    with transaction.atomic():
        type(payable)._default_manager.select_for_update(of=("self",)).get(pk=payable.pk)
        paid = Payment.objects.of(payable).filter(status=Payment.Status.SUCCEEDED).order_by("pk")
        left = [(payment, remainder(payment)) for payment in paid.select_for_update(of=("self",), no_key=True)]
        return [request(payment, rest, reason=reason, by=by, now=now) for payment, rest in left if rest > 0]


def remainder(payment: Payment) -> int:
    """What may still be refunded, in minor units: pending refunds and disputes count as gone.

    Less than nothing where a refund and a dispute crossed each other.
    """
    pending = payment.refunds.filter(status=Refund.Status.PENDING).aggregate(sum=Sum("amount"))["sum"] or 0
    return payment.amount - payment.amount_refunded - payment.amount_disputed - pending


def retry(refund: Refund, *, by: Any, now: datetime) -> Refund:
    """Ask again for a refund that the provider refused: a new request to it, within what is left of the payment.

    One that came back stands as it was, and another one replaces it. Returns the refund that is under way. Raises
    `InvalidMove` unless it failed or came back and nobody asked again, `PaymentDisputed`, `RefundExceedsPayment`, or
    what the payable says against it.
    """
    with transaction.atomic():
        payable, payment = lock(refund.payment_id)
        locked = Refund.objects.select_for_update(of=("self",)).get(pk=refund.pk)
        if locked.may_retry and (refusal := payable.refuse_refund(locked, now)):
            raise refusal
        _refuse_disputed(payment.disputes)
        if locked.status == Refund.Status.CAME_BACK and locked.may_retry:
            return _replace(payable, payment, locked, by, now)
        locked.move(
            Refund.Status.PENDING,
            round=locked.round + 1,
            provider_id=None,
            attempts=0,
            next_attempt_at=now,
            failure_message="",
            settled_at=None,
        )
        if remainder(payment) < 0:
            raise RefundExceedsPayment
        locked.payment = payment
        _record("refund.retried", locked, actor=by, round=locked.round)
        payable.on_refund_retried(locked, locked, now)
        _send_after_commit(locked)
    return locked


def adopt(payment: Payment, provider_id: str, amount: int, *, by: Any, now: datetime) -> Refund:
    """Book a refund that was made without us, in the provider's dashboard. `by` is who says that it is one.

    Called outside of any transaction: where it stands is asked of the provider. Raises `NotRefundable`,
    `RefundExceedsPayment`, `NeverHeard`, `GatewayUnavailable`.
    """
    unsaved = Refund(payment=payment, provider_id=provider_id)
    outcome = gateways.named(payment.provider).look_up_refund(unsaved)
    with transaction.atomic():
        payable, locked = lock(payment.pk)
        known = Refund.objects.filter(payment=locked, provider_id=provider_id).first()
        if known:
            return known
        _refuse(locked, amount)
        refund = Refund.objects.create(
            payment=locked,
            amount=amount,
            currency=locked.currency,
            reason="Made at the payment provider.",
            requested_by=by,
            provider_id=provider_id,
            next_attempt_at=now,
        )
        _record("refund.adopted", refund, actor=by, provider_id=provider_id)
        payable.on_refund_by_house(refund, now)
        return settle(refund.pk, outcome, now)


def execute(refund_id: UUID, now: datetime) -> bool:
    """Send one pending refund to its gateway if it is due and nobody else is at it; returns whether it was tried.

    Called outside of any transaction. The claim is a lease: if this process dies the sweep takes over, under the same
    idempotency key.
    """
    due = Refund.objects.filter(pk=refund_id, status=Refund.Status.PENDING, next_attempt_at__lte=now)
    if not due.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    gateway = gateways.named(refund.payment.provider)
    try:
        outcome = gateway.look_up_refund(refund) if refund.provider_id else gateway.refund(refund)
    except GatewayUnavailable as absence:
        log.warning("refund_postponed", refund=str(refund.pk), attempts=refund.attempts)
        Refund.objects.filter(pk=refund_id, status=Refund.Status.PENDING).update(
            next_attempt_at=now + pause(refund.attempts),
            round=refund.round + isinstance(absence, KeySpent),
        )
        return True
    except GatewayRefused as refusal:
        outcome = RefundOutcome("", Refund.Status.FAILED, refusal.message)
        # A dispute that we have not heard of yet is a usual reason.
        nudging.nudge(tasks.look_for_disputes, str(refund.payment_id))
    settle(refund_id, outcome, now)
    return True


def execute_due(now: datetime, limit: int = 100) -> int:
    """The sweep `payments.refunds`: send what a crash or an absent provider left; returns how many were tried."""
    due = Refund.objects.filter(status=Refund.Status.PENDING, next_attempt_at__lte=now).order_by("next_attempt_at")
    return each(due.values_list("pk", flat=True)[:limit], partial(execute, now=now))


def refresh(refund: Refund, now: datetime) -> Refund:
    """Ask the provider where a refund stands that it knows, and record it. Raises `GatewayUnavailable`."""
    return settle(refund.pk, gateways.named(refund.payment.provider).look_up_refund(refund), now)


def settle(refund_id: UUID, outcome: RefundOutcome, now: datetime) -> Refund:
    """Record where the provider says the refund stands; the same outcome twice changes nothing. Raises `Missing`."""
    with transaction.atomic():
        found = Refund.objects.filter(pk=refund_id).first()
        if found is None:
            raise Missing(gettext("There is no such refund."))
        payable, payment = lock(found.payment_id)
        refund = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id)
        refund.payment = payment
        if refund.status == Refund.Status.SUCCEEDED and outcome.status == Refund.Status.FAILED:
            _come_back(payable, refund, outcome, now)
        if refund.status != Refund.Status.PENDING:
            return refund
        if outcome.status == Refund.Status.SUCCEEDED:
            _succeed(payable, refund, outcome, now)
        elif outcome.status == Refund.Status.FAILED:
            _fail(payable, refund, outcome, now)
        else:
            _wait(refund, outcome, now)
        return refund


def _come_back(payable: Payable, refund: Refund, outcome: RefundOutcome, now: datetime) -> None:
    """The buyer's bank sent it back: the money is the house's again, the sums are less by it, and a person decides."""
    payment = refund.payment
    reason = outcome.failure_message[:255] or "The refund came back."
    refund.move(Refund.Status.CAME_BACK, failure_message=reason)
    Payment.objects.filter(pk=payment.pk).update(amount_refunded=F("amount_refunded") - refund.amount)
    payment.amount_refunded -= refund.amount
    log.error("refund_came_back", refund=str(refund.pk), payment=str(payment.pk))
    _record("refund.came_back", refund, reason=reason, refunded=payment.amount_refunded)
    parts = restoring.give_back(payment, refund, now) if payment.counted else {}
    ledger.refund_came_back(refund, {account: -part for account, part in parts.items()}, now)
    if payment.counted:
        add_to(payable, refunded=-refund.amount)
    payable.on_refund_came_back(refund, now)


def _replace(payable: Payable, payment: Payment, gone: Refund, by: Any, now: datetime) -> Refund:
    """Pay once more what came back: to the provider and to the books another refund."""
    _refuse(payment, gone.amount)
    again = Refund.objects.create(
        payment=payment,
        amount=gone.amount,
        currency=gone.currency,
        reason=gone.reason,
        lines=gone.lines,
        replaces=gone,
        requested_by=by,
        next_attempt_at=now,
    )
    _record("refund.retried", again, actor=by, replaces=gone.pk)
    payable.on_refund_retried(gone, again, now)
    _send_after_commit(again)
    return again


def _refuse(payment: Payment, amount: int) -> None:
    if amount <= 0:
        raise Invalid.field("amount", "Refund at least one minor unit.")
    if payment.status != Payment.Status.SUCCEEDED:
        raise NotRefundable
    _refuse_disputed(payment.disputes)
    left = max(remainder(payment), 0)
    if amount > left:
        raise RefundExceedsPayment(
            gettext("Only {left} of this payment is left to refund.").format(left=show(left, payment.currency)),
            left=left,
        )


def refuse_disputed(payable: Payable) -> None:
    """Raise `PaymentDisputed` while a bank decides over the payable's money: it would go back twice."""
    _refuse_disputed(Dispute.objects.of(payable))


def _refuse_disputed(disputes: Any) -> None:
    if disputes.open().exists():
        raise PaymentDisputed


def _send_after_commit(refund: Refund) -> None:
    nudging.after_commit(tasks.execute_refund, str(refund.pk))


def _succeed(payable: Payable, refund: Refund, outcome: RefundOutcome, now: datetime) -> None:
    payment = refund.payment
    before = payment.amount_gone
    refund.move(Refund.Status.SUCCEEDED, provider_id=outcome.provider_id, settled_at=now, failure_message="")
    Payment.objects.filter(pk=payment.pk).update(amount_refunded=F("amount_refunded") + refund.amount)
    payment.amount_refunded += refund.amount
    _record("payment.refunded", refund, refunded=payment.amount_refunded)
    # The payable never had the money of a payment that does not count, so it is not told that it went.
    parts = reversals.book(payment, refund, before, now) if payment.counted else {}
    ledger.refunded(refund, parts, now)
    if payment.counted:
        add_to(payable, refunded=refund.amount)
        payable.on_refunded(refund, now)


def _fail(payable: Payable, refund: Refund, outcome: RefundOutcome, now: datetime) -> None:
    refund.move(
        Refund.Status.FAILED,
        provider_id=outcome.provider_id or None,
        settled_at=now,
        failure_message=outcome.failure_message[:255],
    )
    log.error("refund_failed", refund=str(refund.pk), payment=str(refund.payment_id))
    _record("refund.failed", refund, reason=refund.failure_message)
    payable.on_refund_failed(refund, now)


def _wait(refund: Refund, outcome: RefundOutcome, now: datetime) -> None:
    refund.provider_id = outcome.provider_id
    refund.next_attempt_at = now + pause(refund.attempts)
    refund.save(update_fields=["provider_id", "next_attempt_at", "updated_at"])


def _record(action: str, refund: Refund, *, actor: Any = CALLER, **facts: Any) -> None:
    payment = refund.payment
    record(
        action,
        refund if action.startswith("refund.") else payment,
        actor=actor,
        new={"refund": refund.pk, "payment": payment.pk, "amount": refund.amount, "currency": refund.currency, **facts},
        venue_id=payment.venue_id,
    )
