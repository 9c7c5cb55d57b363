"""A nudge. The truth is the mark on the row; what a lost nudge leaves behind, the sweep picks up."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone


@shared_task
def issue_receipts(payable_type: str, payable_id: str) -> None:
    """Number what was sold or given back."""
    from orders.receipts import issuing
    from payments.payable import payable_model

    issuing.issue(payable_model(payable_type), UUID(payable_id), timezone.now())  # type: ignore[arg-type]
