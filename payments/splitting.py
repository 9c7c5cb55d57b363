"""Dividing a payment among those it belongs to, in the transaction that settles it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from uuid import UUID

from payments import gateways, ledger, tasks, till_shares
from payments.models import Payment, PaymentSplit, Transfer
from payments.payable import Payable, Share
from trufan.lib import nudging
from trufan.lib.money import allot


def book(payable: Payable, payment: Payment, now: datetime) -> None:
    """Write what each share of the payment is, and what is owed to each recipient; it is sent after the commit.

    The caller holds the payable and the payment, which succeeded and counts. Raises `ValueError` where the shares do
    not add up, which undoes the settlement: money is never divided wrongly.
    """
    shares = parts(payment.amount, payable.shares())
    shares = in_units(shares, gateways.smallest_unit(payment.provider, payment.currency))
    if sum(share.amount for share in shares) != payment.amount:
        raise ValueError(f"the shares of {payment.reference} do not add up to {payment.amount}")
    PaymentSplit.objects.bulk_create(
        PaymentSplit(
            payment=payment,
            position=position,
            account_id=share.account_id,
            amount=share.amount,
            currency=payment.currency,
            reason=share.reason,
            item_id=share.item_id,
        )
        for position, share in enumerate(shares)
    )
    owed = owed_to(shares)
    ledger.shared(payment, owed, now)
    if payment.at_till:
        till_shares.keep(payment, owed, now)
    elif owed:
        Transfer.objects.bulk_create(
            Transfer(payment=payment, account_id=account, amount=amount, currency=payment.currency, next_attempt_at=now)
            for account, amount in owed.items()
        )
        nudging.after_commit(tasks.send_transfers, str(payment.pk))


def parts(amount: int, shares: list[Share]) -> list[Share]:
    """The shares of a payment of `amount`: the payable's own, or in proportion to them where it pays only a part."""
    amounts = [share.amount for share in shares]
    if not shares or any(part < 0 for part in amounts):
        raise ValueError("a payable has shares, and none of them is negative")
    if sum(amounts) > amount:
        amounts = allot(amount, amounts)
    return [
        Share(share.account_id, part, share.reason, share.item_id)
        for share, part in zip(shares, amounts, strict=True)
        if part
    ]


def in_units(shares: list[Share], unit: int) -> list[Share]:
    """The same sum, divided so that each recipient's part is a multiple of `unit`, by largest remainder.

    For currencies of which the provider does not move the smallest coin (KWD at Stripe: tens). Nothing is lost: what
    one party gets more another gets less, always less than a unit, and the splits say so.
    """
    total = sum(share.amount for share in shares)
    if unit == 1 or total % unit:
        return shares
    by_account: defaultdict[UUID | None, list[Share]] = defaultdict(list)
    for share in shares:
        by_account[share.account_id].append(share)
    sums = [sum(share.amount for share in own) for own in by_account.values()]
    return [
        Share(share.account_id, part, share.reason, share.item_id)
        for units, own in zip(allot(total // unit, sums), by_account.values(), strict=True)
        for share, part in zip(own, allot(units * unit, [share.amount for share in own]), strict=True)
        if part
    ]


def owed_to(shares: list[Share]) -> dict[UUID, int]:
    """Account → the sum of its shares; the platform keeps its own."""
    owed: Counter[UUID] = Counter()
    for share in shares:
        if share.account_id is not None:
            owed[share.account_id] += share.amount
    return dict(owed)
