"""Whose the money is that a venue took itself, in cash or on its own card terminal.

The venue has all of it in hand, its share and the platform's. So its share counts as sent the moment it is taken, and
the platform's part is the venue's debt, which its next shares of what was paid online pay off
(docs/adr/0016-money-at-the-till.md). The other way round, what the venue pays back by itself comes out of its own
share, and the platform owes it the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from payments import debts, ledger, tasks
from payments.errors import NothingForTheTill
from payments.models import Payment, Refund, Transfer, TransferReversal
from trufan.lib import nudging


def keep(payment: Payment, owed: Mapping[UUID, int], now: datetime) -> Transfer:
    """The venue keeps what it took: `owed` is its share of it, the rest its debt to the platform.

    Raises `NothingForTheTill` where others than the venue have a share, or the venue has none.
    """
    if len(owed) != 1:
        raise NothingForTheTill
    [(account_id, share)] = owed.items()
    transfer = Transfer.objects.create(
        payment=payment,
        account_id=account_id,
        amount=share,
        amount_sent=payment.amount,
        currency=payment.currency,
        status=Transfer.Status.SENT,
        next_attempt_at=now,
        sent_at=now,
    )
    ledger.kept_at_till(transfer, now)
    if payment.amount > share:
        debts.owe(transfer, payment.amount - share, None)
    return transfer


def pay_back(reversals: Sequence[TransferReversal], now: datetime) -> None:
    """The venue gave the buyer its part back by itself: there is nobody to ask for it."""
    for reversal in reversals:
        reversal.status, reversal.settled_at = TransferReversal.Status.SUCCEEDED, now
    TransferReversal.objects.bulk_create(reversals)
    for reversal in reversals:
        ledger.paid_back_at_till(reversal, now)


def return_fee(payment: Payment, refund: Refund, amount: int, now: datetime) -> None:
    """The platform owes the venue so much: its own part of a refund that the venue paid out of its till.

    It goes as any share does, and so pays off first what the venue owes.
    """
    if amount <= 0:
        return
    account_id = Transfer.objects.values_list("account_id", flat=True).get(payment=payment, refund=None)
    transfer = Transfer.objects.create(
        payment=payment,
        account_id=account_id,
        amount=amount,
        currency=payment.currency,
        refund=refund,
        next_attempt_at=now,
    )
    ledger.fee_returned(transfer, now)
    nudging.after_commit(tasks.send_transfers, str(payment.pk))
