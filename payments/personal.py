"""What payments store about a person: that they paid, how much and how. The books keep it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from payments.models import Payment


def export(user: Any) -> list[dict[str, Any]]:
    """The person's payments."""
    return [
        {
            "reference": payment.reference,
            "created_at": payment.created_at,
            "status": payment.status,
            "payment_method": payment.payment_method,
            "currency": payment.currency,
            "amount": payment.amount,
            "amount_refunded": payment.amount_refunded,
            "amount_disputed": payment.amount_disputed,
        }
        for payment in Payment.objects.filter(payer=user)
    ]


def erase(user: Any, now: datetime) -> None:
    """Nothing: a payment names a row, not a person, and the books must keep it."""
