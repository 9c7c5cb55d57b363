"""Background work of accounts."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone


@shared_task
def answer_reset_requests() -> int:
    """Mail the links that people asked for; the rows are the queue."""
    from accounts.password_reset import answer_requests

    return answer_requests(timezone.now())
