"""What recipients owe us, and how later shares pay it off. Every caller holds the transfer's row."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from audit.trail import record
from payments import ledger
from payments.models import DebtRepayment, Dispute, RecipientDebt, Refund, Transfer


def owe(transfer: Transfer, amount: int, cause: Refund | Dispute | None) -> RecipientDebt:
    """The recipient of the transfer should have given `amount` back and cannot."""
    debt = RecipientDebt.objects.create(
        account_id=transfer.account_id,
        transfer=transfer,
        **(because(cause) if cause else {}),
        amount=amount,
        currency=transfer.currency,
    )
    transfer.amount_indebted += amount
    Transfer.objects.filter(pk=transfer.pk).update(amount_indebted=transfer.amount_indebted)
    ledger.debt_arose(debt)
    record(
        "debt.arose",
        debt,
        new={"transfer": transfer.pk, "account": transfer.account_id, "amount": amount, "currency": debt.currency},
        venue_id=transfer.payment.venue_id,
    )
    return debt


def withhold(transfer: Transfer) -> int:
    """Pay off what the recipient owes, oldest first, out of what the transfer would send; returns how much.

    The transfer's own sum is changed in memory; the caller writes it with the move that follows.
    """
    left = transfer.sendable
    owed = RecipientDebt.objects.filter(
        account_id=transfer.account_id,
        currency=transfer.currency,
        amount__gt=F("amount_repaid") + F("amount_forgiven"),
    )
    paid = 0
    for debt in owed.select_for_update(of=("self",), no_key=True).order_by("pk"):
        part = min(debt.amount_left, left - paid)
        if part > 0:
            _repay(debt, transfer, part)
            paid += part
    transfer.amount_withheld += paid
    return paid


def forgive(transfer: Transfer, cause: Refund | Dispute, at_most: int) -> int:
    """Cancel what the recipient owes for a dispute that was won or a refund that came back, as far as it is not paid
    off; returns how much.

    The transfer is as if so much had never been asked back of it.
    """
    left = at_most
    for debt in transfer.debts.filter(**because(cause)).select_for_update(of=("self",), no_key=True).order_by("pk"):
        part = min(debt.amount_left, left)
        if part <= 0:
            continue
        left -= part
        debt.amount_forgiven += part
        debt.save(update_fields=["amount_forgiven", "updated_at"])
        ledger.debt_forgiven(debt, part)
        record(
            "debt.forgiven",
            debt,
            new={**names(cause), "amount": part, "left": debt.amount_left, "currency": debt.currency},
            venue_id=transfer.payment.venue_id,
        )
    transfer.amount_indebted -= at_most - left
    transfer.amount_reversed -= at_most - left
    Transfer.objects.filter(pk=transfer.pk).update(
        amount_indebted=transfer.amount_indebted, amount_reversed=transfer.amount_reversed
    )
    return at_most - left


def _repay(debt: RecipientDebt, transfer: Transfer, part: int) -> None:
    debt.amount_repaid += part
    debt.save(update_fields=["amount_repaid", "updated_at"])
    ledger.debt_repaid(DebtRepayment.objects.create(debt=debt, transfer=transfer, amount=part))
    record(
        "debt.repaid",
        debt,
        new={"transfer": transfer.pk, "amount": part, "left": debt.amount_left, "currency": debt.currency},
        venue_id=transfer.payment.venue_id,
    )


def because(cause: Refund | Dispute) -> dict[str, Any]:
    """The column in which transfers, reversals and debts keep why they are there."""
    return {"refund": cause} if isinstance(cause, Refund) else {"dispute": cause}


def names(cause: Refund | Dispute) -> dict[str, Any]:
    """The same for the audit trail."""
    return {name: row.pk for name, row in because(cause).items()}
