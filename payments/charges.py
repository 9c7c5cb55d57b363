"""Charging for a payable: rows first, commit, then the gateway, then the record of its answer.

One payable has at most one open payment. Whoever comes second joins the first; whoever dies in between leaves a row
of status `created`, which the next call (or `recovery.recover`) brings to an answer under the same idempotency key.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from payments import gateways
from payments.errors import GatewayRefused, KeySpent, NeverHeard, NothingDue, PaymentInProgress
from payments.gateways.base import ChargeOutcome
from payments.models import AMOUNT_MISMATCH, Payment
from payments.payable import Payable
from payments.settlement import cancel_open as cancel_open
from payments.settlement import settle as settle

#: By then a call to a gateway has ended, its retries included: nobody is about to record its answer any more.
IN_FLIGHT = timedelta(seconds=60)
log = structlog.get_logger("trufan.payments")
Status = Payment.Status


def start(payable: Payable, *, payer: Any, payment_method: str, now: datetime, provider: str = "") -> Payment:
    """Charge what is due for `payable`, or join the attempt that is already open; returns the payment as it stands.

    Called outside of any transaction. Without a `payment_method` the payer chooses one in the browser, with the
    payment's client secret; the same one as long as it can be used, also after a declined card. An open attempt over
    another amount is changed at the provider; one with another method is cancelled there and replaced, unless it is
    processing. A decline is no error: the payment is `failed` and the next call tries anew. A new payment goes through
    `provider`; through the one of the settings where none is named.
    Raises whatever `payable.refuse_payment` says, `NothingDue`, `PaymentInProgress`, `GatewayRefused` (the attempt is
    over) and `GatewayUnavailable` (the attempt stays open; the same call may be made again).
    """
    payment, due = _attempt(payable, payer, payment_method, provider, now)
    if payment.status != Status.PROCESSING and not _serves(payment, payment_method, due):
        payment = _give_up_for_another(payment, now)
        if payment.status in (Status.FAILED, Status.CANCELLED) and not payment.is_live:
            payment, due = _attempt(payable, payer, payment_method, provider, now)
    if payment.status == Status.CREATED:
        return _charge(payment, now)
    return _change_amount(payment, due, now) if _needs_change(payment, due) else payment


def follow(payable: Payable, now: datetime) -> None:
    """The total of `payable` changed: bring what waits for its payer to it, under the same client secret.

    Called outside of any transaction. An amount that the provider does not accept ends the attempt, so that nobody
    pays the old one; the next `start` makes another. Raises `PaymentInProgress`, `GatewayUnavailable`: the same call
    may be made again, and `start` changes the amount as well.
    """
    row: Any = type(payable)._default_manager.get(pk=payable.pk)
    due = row.amount_total - row.amount_paid
    if row.refuse_payment(now) or due <= 0:
        return
    for payment in Payment.objects.of(row).live():
        if not _needs_change(payment, due):
            continue
        try:
            _change_amount(payment, due, now)
        except GatewayRefused as refusal:
            log.warning("payment_amount_refused", payment=str(payment.pk), reason=refusal.message)
            give_up(payment, now)


def give_up(payment: Payment, now: datetime) -> Payment:
    """Cancel at the provider and record where it stands; an attempt that may still be under way is left alone.

    Called outside of any transaction. Raises `GatewayUnavailable`.
    """
    _count_change(payment)
    try:
        outcome = gateways.named(payment.provider).cancel(payment)
    except NeverHeard:
        if payment.checked_at > now - IN_FLIGHT:
            return payment
        outcome = ChargeOutcome.never_reached(payment, Status.CANCELLED)
    return settle(payment.pk, outcome, now)


def _attempt(payable: Payable, payer: Any, payment_method: str, provider: str, now: datetime) -> tuple[Payment, int]:
    """The payment that the payer can still bring to something, or a new one; and what is due.

    `durable`: the row has to be committed before the gateway hears of it.
    """
    with transaction.atomic(durable=True):
        row: Any = type(payable)._default_manager.select_for_update(of=("self",)).get(pk=payable.pk)
        if refusal := row.refuse_payment(now):
            raise refusal
        due = row.amount_total - row.amount_paid
        if due <= 0:
            raise NothingDue
        live = sorted(Payment.objects.of(row).live(), key=lambda found: found.is_open)
        if live:
            payment = live[-1]
            if payment.status == Status.CREATED and _serves(payment, payment_method, due):
                Payment.objects.filter(pk=payment.pk).update(checked_at=now)
            return payment, due
        payment = Payment.objects.create(
            payable_type=row.payable_type,
            payable_id=row.pk,
            venue_id=row.payment_venue_id,
            payer=payer,
            reference=row.payment_reference,
            provider=provider or gateways.current().name,
            payment_method=payment_method,
            amount=due,
            currency=row.currency,
            created_at=now,
            checked_at=now,
        )
        return payment, due


def _serves(payment: Payment, payment_method: str, due: int) -> bool:
    """Whether a call with this method is answered by this payment rather than by another one."""
    if payment.payment_method != payment_method:
        return False
    if payment.status == Status.FAILED:
        # A method that we confirmed was declined and is charged anew; in the browser the payer just tries another.
        return not payment_method
    # What the gateway may be hearing of at this moment is not changed.
    return payment.amount == due or payment.status != Status.CREATED


def _needs_change(payment: Payment, due: int) -> bool:
    if payment.status not in (Status.REQUIRES_ACTION, Status.FAILED) or not payment.is_live:
        return False
    return payment.amount != due or payment.asked_amount is not None or payment.failure_code == AMOUNT_MISMATCH


def _give_up_for_another(payment: Payment, now: datetime) -> Payment:
    payment = give_up(payment, now)
    if payment.status == Status.CREATED:
        raise PaymentInProgress
    return payment


def _count_change(payment: Payment, **also: Any) -> None:
    """Take the next key for a change, and keep it before the call that uses it."""
    Payment.objects.filter(pk=payment.pk).update(changes=F("changes") + 1, **also)
    payment.refresh_from_db(fields=["changes", *also])


def _change_amount(payment: Payment, due: int, now: datetime) -> Payment:
    """The total changed while the payer hesitated: change the charge with it, under the same client secret."""
    _count_change(payment, asked_amount=due)
    try:
        outcome = gateways.named(payment.provider).update(payment, due)
    except NeverHeard:
        raise PaymentInProgress from None
    return settle(payment.pk, outcome, now)


def _charge(payment: Payment, now: datetime) -> Payment:
    try:
        outcome = gateways.named(payment.provider).charge(payment)
    except GatewayRefused as refusal:
        settle(payment.pk, ChargeOutcome.never_reached(payment, Status.FAILED, refusal.code, refusal.message), now)
        raise
    except KeySpent:
        Payment.objects.filter(pk=payment.pk, status=Status.CREATED, round=payment.round).update(round=F("round") + 1)
        raise
    return settle(payment.pk, outcome, now)
