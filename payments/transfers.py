"""Sending recipients what they are owed: a row that says so, then the gateway, then the record of its answer.

A recipient that is not ready keeps its share owed, and so does everyone while the payment is disputed. Locks: payment →
transfer → debts.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from audit.trail import CALLER, record
from payments import debts, gateways, ledger, tasks
from payments.errors import GatewayRefused, GatewayUnavailable, KeySpent, RecipientNotReady
from payments.models import TILL, ConnectedAccount, Dispute, Transfer, TransferReversal
from payments.pauses import LEASE, each, pause
from payments.querysets import OfPaymentQuerySet
from trufan.lib import nudging

log = structlog.get_logger("trufan.payments")
Status = Transfer.Status


def send(transfer_id: UUID, now: datetime) -> bool:
    """Send one transfer if it is due, its recipient ready and nobody else at it; returns whether anything was done.

    Called outside of any transaction. The claim is a lease: if this process dies the sweep takes over, under the same
    idempotency key and for the same amount.
    """
    transfer = _claim(transfer_id, now)
    if transfer is None:
        return False
    if transfer.status == Status.SENDING:
        try:
            provider_id = gateways.paying(transfer.account.provider).transfer(transfer)
        except GatewayUnavailable as absence:
            log.warning("transfer_postponed", transfer=str(transfer.pk), attempts=transfer.attempts)
            _claimed(transfer).update(
                next_attempt_at=now + pause(transfer.attempts),
                round=transfer.round + isinstance(absence, KeySpent),
            )
        except RecipientNotReady as refusal:
            _wait_for_recipient(transfer, refusal.message, now)
        except GatewayRefused as refusal:
            _fail(transfer, refusal.message, now)
        else:
            settle(transfer.pk, provider_id, now)
    return True


def send_due(now: datetime, limit: int = 100) -> int:
    """The sweep `payments.transfers`: send what a crash, an absent provider or a late recipient left; how many."""
    return _send_all(Transfer.objects.all(), now, limit)


def send_of_payment(payment_id: UUID, now: datetime) -> int:
    """Send what the recipients of one payment are owed; returns how many transfers were tried."""
    return _send_all(Transfer.objects.filter(payment_id=payment_id), now, 100)


def send_to(account_id: UUID, now: datetime) -> int:
    """Send what waited for one recipient, the oldest first; returns how many transfers were tried."""
    return _send_all(Transfer.objects.filter(account_id=account_id), now, 100)


def settle(transfer_id: UUID, provider_id: str, now: datetime) -> Transfer:
    """Record that the provider moved the money; what is to come back of it follows. The same answer twice is one."""
    with transaction.atomic():
        transfer = _lock(transfer_id)
        if transfer.status == Status.SENDING:
            transfer.move(Status.SENT, provider_id=provider_id, sent_at=now, failure_message="")
            ledger.transferred(transfer, now)
            _record("transfer.sent", transfer)
            if transfer.reversals.filter(status=TransferReversal.Status.PENDING).exists():
                nudging.after_commit(tasks.execute_reversals, str(transfer.payment_id))
        return transfer


def retry(transfer: Transfer, *, by: Any, now: datetime) -> Transfer:
    """Owe again what the provider refused to move: a new request to it. Raises `InvalidMove` unless it failed."""
    with transaction.atomic():
        locked = _lock(transfer.pk)
        locked.move(Status.OWED, round=locked.round + 1, attempts=0, next_attempt_at=now, failure_message="")
        _record("transfer.retried", locked, actor=by, round=locked.round)
        nudging.after_commit(tasks.send_transfers, str(locked.payment_id))
    return locked


def _send_all(rows: OfPaymentQuerySet, now: datetime, limit: int) -> int:
    # What is disputed waits until its bank has decided.
    disputed = Dispute.objects.open().filter(payment=OuterRef("payment"))
    # What was taken at a till names no provider: what is owed of it goes by the recipient's own.
    same = Q(account__provider=F("payment__provider")) | Q(payment__provider=TILL)
    ready = Q(~Exists(disputed), same, status=Status.OWED, account__status=ConnectedAccount.Status.READY)
    due = rows.filter(ready | Q(status=Status.SENDING), next_attempt_at__lte=now).order_by("next_attempt_at", "pk")
    return each(due.values_list("pk", flat=True)[:limit], partial(send, now=now))


def _lock(transfer_id: UUID) -> Transfer:
    rows = Transfer.objects.select_related("account", "payment")
    found: Transfer = rows.select_for_update(of=("self",), no_key=True).get(pk=transfer_id)
    return found


def _claim(transfer_id: UUID, now: datetime) -> Transfer | None:
    """The transfer with its amount fixed and its lease taken; `sent` or `cancelled` where nothing is left to send."""
    with transaction.atomic():
        transfer = _lock(transfer_id)
        if transfer.next_attempt_at > now or transfer.status not in (Status.OWED, Status.SENDING):
            return None
        lease: dict[str, Any] = {"next_attempt_at": now + LEASE, "attempts": transfer.attempts + 1}
        if transfer.status == Status.SENDING:
            _claimed(transfer).update(**lease)
            transfer.attempts += 1
            return transfer
        if not transfer.account.is_ready or transfer.payment.provider not in (transfer.account.provider, TILL):
            return None
        if transfer.payment.disputes.open().exists():
            return None
        if not transfer.sendable:
            transfer.move(Status.CANCELLED if not transfer.amount_withheld else Status.SENT, sent_at=now)
            return transfer
        debts.withhold(transfer)
        _round_up(transfer)
        sums = {"amount_withheld": transfer.amount_withheld, "amount_sent": transfer.sendable}
        if transfer.sendable:
            return transfer.move(Status.SENDING, **sums, **lease)
        transfer.move(Status.SENT, **sums, sent_at=now)
        _record("transfer.sent", transfer)
        return transfer


def _round_up(transfer: Transfer) -> None:
    """What the provider cannot move to the last coin is sent in full units; what that is too much, the next share pays.

    A transfer is born in full units, so this never sends more than the share was; refunds and debts lessen it by less.
    """
    unit = gateways.smallest_unit(transfer.account.provider, transfer.currency)
    if missing := -transfer.sendable % unit:
        debts.owe(transfer, missing, None)


def _claimed(transfer: Transfer) -> OfPaymentQuerySet:
    rows: OfPaymentQuerySet = Transfer.objects.filter(pk=transfer.pk, status=Status.SENDING, round=transfer.round)
    return rows


def _wait_for_recipient(transfer: Transfer, reason: str, now: datetime) -> None:
    """Owe it again; the recipient is not what we took it for, so the provider is asked about it before the next try."""
    with transaction.atomic():
        locked = _lock(transfer.pk)
        if locked.status != Status.SENDING or locked.round != transfer.round:
            return
        later = now + pause(locked.attempts)
        locked.move(
            Status.OWED, round=locked.round + 1, next_attempt_at=later, failure_message=reason[:255], amount_sent=0
        )
        _void_reversals(locked, now)
        _cancel_if_empty(locked)
        ConnectedAccount.objects.filter(pk=locked.account_id, status=ConnectedAccount.Status.READY).update(
            status=ConnectedAccount.Status.RESTRICTED, checked_at=None
        )
        _record("transfer.postponed", locked, reason=locked.failure_message)


def _fail(transfer: Transfer, reason: str, now: datetime) -> None:
    with transaction.atomic():
        locked = _lock(transfer.pk)
        if locked.status != Status.SENDING or locked.round != transfer.round:
            return
        locked.move(Status.FAILED, failure_message=reason[:255], amount_sent=0)
        _void_reversals(locked, now)
        log.error("transfer_failed", transfer=str(locked.pk), payment=str(locked.payment_id))
        _record("transfer.failed", locked, reason=locked.failure_message)


def _void_reversals(transfer: Transfer, now: datetime) -> None:
    """Nothing was moved, so nothing has to come back: what is owed says it already."""
    pending = transfer.reversals.filter(status=TransferReversal.Status.PENDING)
    pending.update(status=TransferReversal.Status.VOID, settled_at=now)


def _cancel_if_empty(transfer: Transfer) -> None:
    if transfer.status == Status.OWED and not transfer.sendable and not transfer.amount_withheld:
        transfer.move(Status.CANCELLED)


def _record(action: str, transfer: Transfer, *, actor: Any = CALLER, **facts: Any) -> None:
    record(
        action,
        transfer,
        actor=actor,
        new={
            "payment": transfer.payment_id,
            "account": transfer.account_id,
            "amount": transfer.amount_sent,
            "withheld": transfer.amount_withheld,
            "currency": transfer.currency,
            **facts,
        },
        venue_id=transfer.payment.venue_id,
    )
