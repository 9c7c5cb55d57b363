"""Giving back to the recipients of a payment what was taken from them: a dispute was won, or a refund came back.

Everyone ends with what they would have if it had never been. What was not taken yet is not taken any more,
what had become a debt is not owed any more, and what the provider had moved back is sent again, by a transfer of its
own.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from audit.trail import record
from payments import debts, reversals, tasks
from payments.apportioning import Part, Party, apportion
from payments.models import Dispute, Payment, Refund, Transfer, TransferReversal
from payments.reversals import Recipient
from trufan.lib import nudging

Status = TransferReversal.Status
#: Where nothing was sent, less taken back is simply more owed.
_WAITING = (Transfer.Status.OWED, Transfer.Status.FAILED, Transfer.Status.CANCELLED)


def give_back(payment: Payment, cause: Refund | Dispute, now: datetime) -> dict[UUID, int]:
    """Owe each recipient again what a dispute or a refund had taken; it is sent on commit.

    Returns, by the account's id, what more each gives now: so mostly negative. The caller holds payable and payment,
    and the cause holds nothing of their money any more.
    """
    recipients = reversals.recipients_of(payment)
    if not recipients:
        return {}
    given = {recipient.account_id: recipient.given for recipient in recipients}
    due = _without(payment)
    for recipient in recipients:
        excess = recipient.given - due[recipient.own.account_id]
        if excess > 0:
            _restore(payment, recipient, excess, cause, now)
    # What was refunded meanwhile may fall otherwise by a cent.
    more = [(recipient, due[recipient.own.account_id] - recipient.given) for recipient in recipients]
    reversals.take(payment, more, cause, now)
    nudging.after_commit(tasks.send_transfers, str(payment.pk))
    return {account: due[account] - had for account, had in given.items()}


def _without(payment: Payment) -> Counter[Party]:
    """What each party gives of the money that is gone: every refund and dispute that stands, in its turn.

    Rounding looks at what was given before, so only the same steps lead to the same cents.
    """
    got = reversals.got_of(payment)
    given: Counter[Party] = Counter()
    by_line: Counter[Part] = Counter()
    gone = 0
    for amount, lines in _left_again(payment):
        now_gone = min(payment.amount, gone + amount)
        parts = apportion(now_gone - gone, lines, got, given, by_line)
        gone = now_gone
        for (party, item_id), part in parts.items():
            given[party] += part
            if item_id is not None:
                by_line[party, item_id] += part
    return given


def _left_again(payment: Payment) -> list[tuple[int, dict[UUID, int]]]:
    steps: list[tuple[Any, Any, int, dict[UUID, int]]] = [
        (refund.settled_at, refund.pk, refund.amount, reversals.lines_of(refund))
        for refund in payment.refunds.filter(status=Refund.Status.SUCCEEDED)
    ]
    held = payment.disputes.filter(amount_held__gt=0).values_list("held_at", "pk", "amount_held")
    steps += [(*row, {}) for row in held]
    return [(amount, lines) for _, _, amount, lines in sorted(steps, key=lambda step: step[:2])]


def _restore(payment: Payment, recipient: Recipient, amount: int, cause: Refund | Dispute, now: datetime) -> None:
    """Owe the recipient so much again, by the shortest way there is for each part of it."""
    for transfer in recipient.transfers:
        amount -= _void(transfer, cause, amount, now)
        amount -= debts.forgive(transfer, cause, amount)
        if transfer.status in _WAITING:
            amount -= _owe_more(transfer, cause, amount, now)
    if amount:
        again = Transfer.objects.create(
            payment=payment,
            account_id=recipient.transfers[0].account_id,
            amount=amount,
            currency=payment.currency,
            next_attempt_at=now,
            **debts.because(cause),
        )
        recipient.transfers.append(again)
        _record("transfer.owed_again", again, cause, amount)


def _void(transfer: Transfer, cause: Refund | Dispute, at_most: int, now: datetime) -> int:
    """Ask no longer back what never moved; one that the provider may be at now is left to end as it will."""
    untouched = Q(status=Status.FAILED) | Q(status=Status.PENDING, attempts=0)
    unmoved = transfer.reversals.filter(untouched, **debts.because(cause))
    voided = 0
    for reversal in unmoved.select_for_update(no_key=True).order_by("pk"):
        if reversal.amount <= at_most - voided:
            reversal.move(Status.VOID, settled_at=now)
            voided += reversal.amount
    return _ask_less(transfer, voided)


def _owe_more(transfer: Transfer, cause: Refund | Dispute, amount: int, now: datetime) -> int:
    part = _ask_less(transfer, min(amount, transfer.amount_reversed))
    if part:
        if transfer.status == Transfer.Status.CANCELLED:
            transfer.move(Transfer.Status.OWED, next_attempt_at=now)
        _record("transfer.restored", transfer, cause, part)
    return part


def _ask_less(transfer: Transfer, amount: int) -> int:
    transfer.amount_reversed -= amount
    Transfer.objects.filter(pk=transfer.pk).update(amount_reversed=transfer.amount_reversed)
    return amount


def _record(action: str, transfer: Transfer, cause: Refund | Dispute, amount: int) -> None:
    record(
        action,
        transfer,
        new={**debts.names(cause), "amount": amount, "left": transfer.sendable, "currency": transfer.currency},
        venue_id=transfer.payment.venue_id,
    )
