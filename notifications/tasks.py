"""Background work: a nudge that a row is waiting. The row is the queue; a lost nudge costs one sweep's time."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from notifications import delivery


@shared_task
def deliver(notification_id: str) -> None:
    """Deliver one notification if it is still waiting."""
    delivery.deliver(UUID(notification_id), timezone.now())
