"""Background work: a nudge that a message is waiting. The row is the queue; a lost nudge costs one sweep's time."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone


@shared_task
def deliver(message_id: str) -> None:
    """Post one message if it is still waiting, and what else waits for its endpoint."""
    from notifications.webhooks import delivery  # the rules announce by this module

    delivery.deliver_and_go_on(UUID(message_id), timezone.now())
