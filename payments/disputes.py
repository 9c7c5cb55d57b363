"""What becomes of a payment whose payer went to the bank: recorded as the provider tells it, in any order.

Open, the money is held and its recipients give their parts of it back; won, they have them again; lost, it is gone.
What was paid for is the payable's business (`Payable.on_disputed`). Locks: payable → payment → dispute → transfers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F

from audit.trail import record as note
from payments import announcements, dispute_notices, ledger, restoring, reversals, tasks
from payments.errors import NotSettledYet
from payments.gateways.base import DisputeOutcome
from payments.locking import add_to, lock
from payments.models import Dispute, Payment
from payments.payable import Payable
from payments.signals import dispute_noted
from trufan.lib import nudging

log = structlog.get_logger("trufan.payments")
Stage = Dispute.Stage
#: The stages in which the money is not ours.
HOLDING = (Stage.OPEN, Stage.LOST)


def record(payment: Payment, told: DisputeOutcome, now: datetime) -> Dispute:
    """Bring a dispute over the payment to where the provider says it stands; the same answer twice changes nothing.

    An older answer after a newer one changes nothing either. Raises `NotSettledYet` while our books do not have the
    payment as paid: what it paid for is not there to be frozen.
    """
    with transaction.atomic():
        payable, locked = lock(payment.pk)
        if locked.status != Payment.Status.SUCCEEDED:
            raise NotSettledYet
        dispute = _row(locked, told, now)
        if dispute is None:
            return Dispute.objects.get(provider=payment.provider, provider_id=told.provider_id)
        _note_facts(dispute, told, now)
        _note_money(dispute, told, now)
        if dispute.stage != dispute.told:
            _enter(payable, dispute, now)
        dispute_noted.send(sender=Dispute, dispute=dispute)
        return dispute


def _row(payment: Payment, told: DisputeOutcome, now: datetime) -> Dispute | None:
    """The dispute with the status it was told to have, made if it is new; None for an answer that came too late."""
    rows = Dispute.objects.filter(provider=payment.provider, provider_id=told.provider_id)
    dispute = rows.select_for_update(of=("self",), no_key=True).first()
    if dispute is None:
        dispute = Dispute.objects.create(
            payment=payment,
            provider=payment.provider,
            provider_id=told.provider_id,
            amount=told.amount,
            currency=told.currency,
            status=told.status,
            opened_at=told.opened_at,
            checked_at=now,
        )
        _note("dispute.recorded", dispute, reason=told.reason[:60])
    elif dispute.status != told.status:
        if not dispute.can_move(told.status):
            log.warning("dispute_outcome_outdated", dispute=str(dispute.pk), status=dispute.status, told=told.status)
            return None
        old = dispute.status
        dispute.move(told.status)
        _note("dispute.moved", dispute, old=old)
    dispute.payment = payment
    return dispute


def _note_facts(dispute: Dispute, told: DisputeOutcome, now: datetime) -> None:
    """What the provider tells beside the status; an inquiry's amount may grow when it becomes a chargeback."""
    dispute.reason = told.reason[:60]
    dispute.evidence_due_by = told.evidence_due_by
    dispute.fee, dispute.fee_returned = max(dispute.fee, told.fee), max(dispute.fee_returned, told.fee_returned)
    dispute.fee_currency = told.fee_currency or dispute.fee_currency
    dispute.checked_at = now
    if not dispute.amount_held:
        dispute.amount, dispute.currency = told.amount, told.currency
    is_over = dispute.stage not in (Stage.WARNING, Stage.OPEN)
    dispute.closed_at = (dispute.closed_at or now) if is_over else None
    dispute.save()


def _note_money(dispute: Dispute, told: DisputeOutcome, now: datetime) -> None:
    """Each of the two movements once, when it is first heard of, in their order; the fees as they are known by now."""
    if told.withdrawn_at and not dispute.funds_withdrawn_at:
        dispute.funds_withdrawn_at = told.withdrawn_at
        _money_taken(dispute, now)
    if told.reinstated_at and not dispute.funds_reinstated_at:
        dispute.funds_reinstated_at = told.reinstated_at
        _money_returned(dispute, now)
    ledger.dispute_fee_taken(dispute, now)


def _money_taken(dispute: Dispute, now: datetime) -> None:
    """The provider took `amount` and `fee` from the platform's balance."""
    dispute.save(update_fields=["funds_withdrawn_at", "updated_at"])
    ledger.dispute_withdrawn(dispute, now)
    _note("dispute.funds_withdrawn", dispute, fee=dispute.fee, fee_currency=dispute.fee_currency)


def _money_returned(dispute: Dispute, now: datetime) -> None:
    """The provider gave `amount` back to the platform's balance, and `fee_returned` with it."""
    dispute.save(update_fields=["funds_reinstated_at", "updated_at"])
    ledger.dispute_returned(dispute, now)
    _note("dispute.funds_reinstated", dispute, fee=dispute.fee_returned, fee_currency=dispute.fee_currency)


def _enter(payable: Payable, dispute: Dispute, now: datetime) -> None:
    """Do what the stage means for the money, tell the payable, and tell the venue's staff."""
    old, dispute.told = dispute.told, dispute.stage
    dispute.save(update_fields=["told", "updated_at"])
    _note(f"dispute.{dispute.told}", dispute, was=old)
    if dispute.told in HOLDING:
        _hold(payable, dispute, now)
    elif dispute.amount_held:
        _release(payable, dispute, now)
    # The payable never had the money of a payment that does not count.
    if dispute.payment.counted:
        payable.on_disputed(dispute, now)
    if dispute.told != Stage.OPEN:
        # Whatever waited for the decision, and is still due.
        nudging.after_commit(tasks.send_transfers, str(dispute.payment_id))
    dispute_notices.tell_staff(dispute)
    announcements.disputed(dispute)


def _hold(payable: Payable, dispute: Dispute, now: datetime) -> None:
    """Count what is claimed of the payment as gone, and take the recipients' parts of it back."""
    payment = dispute.payment
    free = payment.amount - payment.amount_disputed
    # A claim in another currency, or over more than was paid, holds all that there is.
    held = min(dispute.amount, free) if dispute.currency == payment.currency else free
    if dispute.amount_held or not held:
        return
    before = payment.amount_gone
    dispute.amount_held, dispute.held_at = held, now
    dispute.save(update_fields=["amount_held", "held_at", "updated_at"])
    _count(payable, payment, held)
    parts = reversals.book(payment, dispute, before, now) if payment.counted else {}
    ledger.dispute_held(dispute, parts, now)


def _release(payable: Payable, dispute: Dispute, now: datetime) -> None:
    """Count the payment as whole again, and give the recipients theirs."""
    payment, held = dispute.payment, dispute.amount_held
    dispute.amount_held = 0
    dispute.save(update_fields=["amount_held", "updated_at"])
    _count(payable, payment, -held)
    parts = restoring.give_back(payment, dispute, now) if payment.counted else {}
    ledger.dispute_released(dispute, held, parts, now)


def _count(payable: Payable, payment: Payment, amount: int) -> None:
    Payment.objects.filter(pk=payment.pk).update(amount_disputed=F("amount_disputed") + amount)
    payment.amount_disputed += amount
    if payment.counted:
        add_to(payable, disputed=amount)


def _note(action: str, dispute: Dispute, **facts: Any) -> None:
    note(
        action,
        dispute,
        new={
            "payment": dispute.payment_id,
            "status": dispute.status,
            "amount": dispute.amount,
            "currency": dispute.currency,
            **facts,
        },
        venue_id=dispute.payment.venue_id,
    )
