"""Taking back from the recipients of a payment what left it again: in proportion, and to the cent at every step.

What was not sent yet is owed less. What was sent is asked back from the provider; what the recipient no longer has
becomes its debt, which later shares pay off. How all of that is undone stands in `restoring.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Sum

from audit.trail import CALLER, record
from payments import debts, gateways, ledger, tasks, till_shares
from payments.apportioning import Got, Part, Party, apportion
from payments.errors import GatewayRefused, GatewayUnavailable, InsufficientBalance, KeySpent
from payments.models import Dispute, Payment, Refund, RefundShare, Transfer, TransferReversal
from payments.pauses import LEASE, each, pause
from trufan.lib import nudging

log = structlog.get_logger("trufan.payments")
Status = TransferReversal.Status
#: Reversals that take, or took, money from what the provider was asked to move.
_TAKING = (Status.PENDING, Status.SUCCEEDED, Status.FAILED)


@dataclass
class Recipient:
    """One recipient of a payment: the transfer of its share, then those that brought back a part of it."""

    transfers: list[Transfer]

    @property
    def account_id(self) -> UUID:
        return self.transfers[0].account_id

    @property
    def share(self) -> int:
        return sum(transfer.amount for transfer in self.transfers if transfer.is_share)

    @property
    def own(self) -> Transfer:
        """The transfer of the share itself."""
        return next(transfer for transfer in self.transfers if transfer.is_share)

    @property
    def given(self) -> int:
        """What of its share it gives back, all in all."""
        return self.share - sum(transfer.amount - transfer.amount_reversed for transfer in self.transfers)


def book(payment: Payment, cause: Refund | Dispute, before: int, now: datetime) -> dict[UUID, int]:
    """Write what each recipient gives back of money that has just left, and return it; the gateway is called on commit.

    The caller holds payable and payment, whose `amount_gone` was `before`. What was for the platform stands for what
    all the others leave.
    """
    recipients = {recipient.own.account_id: recipient for recipient in recipients_of(payment)}
    if not recipients:
        return {}
    parts = _parts(payment, cause, before, recipients)
    if isinstance(cause, Refund):
        RefundShare.objects.bulk_create(
            RefundShare(refund=cause, transfer=recipients[party].own if party else None, item_id=item_id, amount=amount)
            for (party, item_id), amount in parts.items()
        )
    due: Counter[Party] = Counter()
    for (party, _), amount in parts.items():
        due[party] += amount
    take(payment, [(recipient, due[account]) for account, recipient in recipients.items()], cause, now)
    if payment.at_till and isinstance(cause, Refund):
        till_shares.return_fee(payment, cause, due[None], now)
    return {account: due[account] for account in recipients}


def _parts(payment: Payment, cause: Refund | Dispute, before: int, recipients: dict[UUID, Recipient]) -> Counter[Part]:
    """What each party gives now, and for which line. The platform's own part is what all the others leave."""
    given: dict[Party, int] = {account: recipient.given for account, recipient in recipients.items()}
    given[None] = before - sum(given.values())
    stand = RefundShare.objects.filter(refund__payment=payment, refund__status=Refund.Status.SUCCEEDED)
    by_line = stand.exclude(item_id=None).order_by().values_list("transfer__account", "item_id")
    given_by_line = {(account, item): amount for account, item, amount in by_line.annotate(Sum("amount"))}
    return apportion(payment.amount_gone - before, lines_of(cause), got_of(payment), given, given_by_line)


def got_of(payment: Payment) -> list[Got]:
    """What each party got of the payment, line by line."""
    return [Got(split.account_id, split.amount, split.item_id) for split in payment.splits.all()]


def lines_of(cause: Refund | Dispute) -> dict[UUID, int]:
    """What of it goes for which line; a dispute is over the whole."""
    lines = cause.lines if isinstance(cause, Refund) else {}
    return {UUID(item_id): amount for item_id, amount in lines.items()}


def recipients_of(payment: Payment) -> list[Recipient]:
    """The recipients in the order of their shares, with all their transfers locked."""
    rows = Transfer.objects.filter(payment=payment).order_by("pk")
    if payment.at_till:
        # What returns the platform's fee is no part of the venue's share.
        rows = rows.filter(refund=None)
    found: dict[UUID, Recipient] = {}
    for transfer in rows.select_for_update(of=("self",), no_key=True):
        transfer.payment = payment
        found.setdefault(transfer.account_id, Recipient([])).transfers.append(transfer)
    return list(found.values())


def take(payment: Payment, asked: Iterable[tuple[Recipient, int]], cause: Refund | Dispute, now: datetime) -> None:
    """Take so much from each recipient, whose transfers the caller holds: what is not sent yet goes first."""
    parts = [part for recipient, amount in asked if amount > 0 for part in _over_transfers(recipient, amount)]
    ids = [transfer.pk for transfer, _ in parts]
    taken = dict(
        TransferReversal.objects.filter(transfer__in=ids, status__in=_TAKING)
        .order_by()
        .values_list("transfer")
        .annotate(Sum("amount"))
    )
    asked_back = []
    for transfer, amount in parts:
        asked_back += _take(transfer, amount, taken.get(transfer.pk, 0), cause, now)
    if asked_back and payment.at_till:
        till_shares.pay_back(asked_back, now)
    elif asked_back:
        TransferReversal.objects.bulk_create(asked_back)
        nudging.after_commit(tasks.execute_reversals, str(payment.pk))


def execute(reversal_id: UUID, now: datetime) -> bool:
    """Ask one pending reversal of its gateway if it is due and nobody else is at it; returns whether it was tried.

    Called outside of any transaction. It waits for its transfer to be sent.
    """
    rows = TransferReversal.objects.select_related("transfer__account", "transfer__payment")
    reversal = rows.get(pk=reversal_id)
    if reversal.transfer.status != Transfer.Status.SENT:
        return False
    # The condition names this table alone: across a join it would not be looked at again after waiting for the row.
    due = TransferReversal.objects.filter(pk=reversal_id, status=Status.PENDING, next_attempt_at__lte=now)
    if not due.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    reversal.refresh_from_db(fields=["attempts", "round", "amount"])
    if not _in_units(reversal, now):
        return True
    try:
        provider_id = gateways.paying(reversal.transfer.account.provider).reverse(reversal)
    except GatewayUnavailable as absence:
        log.warning("reversal_postponed", reversal=str(reversal.pk), attempts=reversal.attempts)
        TransferReversal.objects.filter(pk=reversal_id, status=Status.PENDING, round=reversal.round).update(
            next_attempt_at=now + pause(reversal.attempts),
            round=reversal.round + isinstance(absence, KeySpent),
        )
    except InsufficientBalance as refusal:
        _settle(reversal_id, Status.INDEBTED, now, failure_message=refusal.message)
    except GatewayRefused as refusal:
        log.error("reversal_failed", reversal=str(reversal.pk), transfer=str(reversal.transfer_id))
        _settle(reversal_id, Status.FAILED, now, failure_message=refusal.message[:255])
    else:
        _settle(reversal_id, Status.SUCCEEDED, now, provider_id=provider_id, failure_message="")
    return True


def execute_due(now: datetime, limit: int = 100) -> int:
    """The sweep `payments.reversals`: ask for what a crash or an absent provider left; returns how many were tried."""
    return _execute_all(TransferReversal.objects.all(), now, limit)


def execute_of_payment(payment_id: UUID, now: datetime) -> int:
    """Ask the provider for all that is to come back of one payment; returns how many reversals were tried."""
    return _execute_all(TransferReversal.objects.filter(transfer__payment_id=payment_id), now, 100)


def retry(reversal: TransferReversal, *, by: Any, now: datetime) -> TransferReversal:
    """Ask again for what the provider refused: a new request to it. Raises `InvalidMove` unless it failed."""
    with transaction.atomic():
        locked = _lock(reversal.pk)
        locked.move(
            Status.PENDING, round=locked.round + 1, attempts=0, next_attempt_at=now, failure_message="", settled_at=None
        )
        _record("reversal.retried", locked, actor=by, round=locked.round)
        nudging.after_commit(tasks.execute_reversals, str(locked.transfer.payment_id))
    return locked


def _over_transfers(recipient: Recipient, amount: int) -> list[tuple[Transfer, int]]:
    parts = []
    for transfer in sorted(recipient.transfers, key=lambda each: each.is_out):
        part = min(amount, transfer.amount - transfer.amount_reversed)
        if part > 0:
            parts.append((transfer, part))
            amount -= part
    return parts


def _take(
    transfer: Transfer, amount: int, taken: int, cause: Refund | Dispute, now: datetime
) -> list[TransferReversal]:
    """Lessen what is owed, or prepare the reversal of what was sent; what neither covers is the recipient's debt."""
    covered = min(amount, transfer.amount_sent - taken if transfer.is_out else transfer.sendable)
    if amount > covered:
        debts.owe(transfer, amount - covered, cause)
    transfer.amount_reversed += amount
    Transfer.objects.filter(pk=transfer.pk).update(amount_reversed=transfer.amount_reversed)
    if not transfer.is_out:
        _note_less_owed(transfer, covered, cause)
        return []
    if not covered:
        return []
    return [
        TransferReversal(
            transfer=transfer, amount=covered, currency=transfer.currency, next_attempt_at=now, **debts.because(cause)
        )
    ]


def _note_less_owed(transfer: Transfer, amount: int, cause: Refund | Dispute) -> None:
    record(
        "transfer.reduced",
        transfer,
        new={
            **debts.names(cause),
            "amount": amount,
            "left": transfer.sendable,
            "currency": transfer.currency,
        },
        venue_id=transfer.payment.venue_id,
    )
    # What a dispute holds may still be owed again.
    is_empty = not transfer.sendable and not transfer.amount_withheld
    if isinstance(cause, Refund) and transfer.status == Transfer.Status.OWED and is_empty:
        transfer.move(Transfer.Status.CANCELLED)


def _execute_all(rows: Any, now: datetime, limit: int) -> int:
    due = rows.filter(status=Status.PENDING, next_attempt_at__lte=now, transfer__status=Transfer.Status.SENT)
    return each(due.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:limit], partial(execute, now=now))


def _lock(reversal_id: UUID) -> TransferReversal:
    """The reversal, after its transfer, both held until the transaction ends."""
    transfer_id = TransferReversal.objects.values_list("transfer_id", flat=True).get(pk=reversal_id)
    rows = Transfer.objects.select_related("account", "payment").select_for_update(of=("self",), no_key=True)
    transfer = rows.get(pk=transfer_id)
    reversal: TransferReversal = TransferReversal.objects.select_for_update(no_key=True).get(pk=reversal_id)
    reversal.transfer = transfer
    return reversal


def _in_units(reversal: TransferReversal, now: datetime) -> bool:
    """Ask for no more than full units of what the provider moves; the rest is the recipient's debt.

    Returns whether anything is left to ask for. Called before the first try, so that the amount of a key never changes.
    """
    rest = reversal.amount % gateways.smallest_unit(reversal.transfer.account.provider, reversal.currency)
    if not rest:
        return True
    if rest == reversal.amount:
        _settle(reversal.pk, Status.INDEBTED, now, failure_message="Too little for the provider to move.")
        return False
    with transaction.atomic():
        locked = _lock(reversal.pk)
        debts.owe(locked.transfer, rest, locked.refund or locked.dispute)
        TransferReversal.objects.filter(pk=locked.pk).update(amount=F("amount") - rest)
    reversal.amount -= rest
    return True


def _settle(reversal_id: UUID, status: str, now: datetime, **facts: Any) -> None:
    """Record the provider's answer; the same answer twice changes nothing."""
    with transaction.atomic():
        reversal = _lock(reversal_id)
        if reversal.status != Status.PENDING:
            return
        reversal.move(status, settled_at=now, **facts)
        if status == Status.SUCCEEDED:
            ledger.transfer_reversed(reversal, now)
        if status == Status.INDEBTED:
            debts.owe(reversal.transfer, reversal.amount, reversal.refund or reversal.dispute)
        _record(f"reversal.{status}", reversal)


def _record(action: str, reversal: TransferReversal, *, actor: Any = CALLER, **facts: Any) -> None:
    record(
        action,
        reversal,
        actor=actor,
        new={
            "transfer": reversal.transfer_id,
            **_cause_of(reversal),
            "amount": reversal.amount,
            "currency": reversal.currency,
            **facts,
        },
        venue_id=reversal.transfer.payment.venue_id,
    )


def _cause_of(reversal: TransferReversal) -> dict[str, Any]:
    return {"dispute": reversal.dispute_id} if reversal.dispute_id else {"refund": reversal.refund_id}
