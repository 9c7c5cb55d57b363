"""Taking money at the venue's own till: no gateway is asked, and none has any of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from payments.errors import NothingDue
from payments.gateways.base import ChargeOutcome
from payments.models import TILL, Payment
from payments.payable import CannotFulfil, Payable
from payments.settlement import settle


def take(payable: Payable, *, method: str, now: datetime) -> Payment:
    """Record that all that is due for `payable` was taken, and tell it; part of the caller's transaction.

    `method` says how: `cash`, or `card_terminal` for the venue's own. Raises whatever `payable.refuse_payment` says,
    `NothingDue`, `NothingForTheTill`, and `CannotFulfil` where what was ordered is gone: then nothing was taken.
    """
    row: Any = payable
    if refusal := row.refuse_payment(now):
        raise refusal
    due = row.amount_total - row.amount_paid
    if due <= 0:
        raise NothingDue
    payment = Payment.objects.create(
        payable_type=row.payable_type,
        payable_id=row.pk,
        venue_id=row.payment_venue_id,
        reference=row.payment_reference,
        provider=TILL,
        payment_method=method,
        amount=due,
        currency=row.currency,
        created_at=now,
        checked_at=now,
    )
    settled = settle(payment.pk, ChargeOutcome("", Payment.Status.SUCCEEDED, due, row.currency), now)
    if settled.refunds.exists():
        # It would be paid back at once, by nobody: the caller's transaction undoes the sale instead.
        raise CannotFulfil
    return settled
