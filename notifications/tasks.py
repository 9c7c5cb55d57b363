"""Background work: a nudge that a row is waiting. The row is the queue; a lost nudge costs one sweep's time."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task
from django.db import connection
from django.utils import timezone

from notifications import delivery
from trufan.lib import correlation

logger = structlog.get_logger(__name__)


@shared_task
def deliver(notification_id: str) -> None:
    """Deliver one notification if it is still waiting."""
    delivery.deliver(UUID(notification_id), timezone.now())


@shared_task
def deliver_together(told: list[list[str]]) -> None:
    """Deliver each that is still waiting, `[id, correlation id]`, under the id of who asked for it."""
    for notification_id, correlation_id in told:
        correlation.begin(correlation.sane(correlation_id))
        try:
            delivery.deliver(UUID(notification_id), timezone.now())
        except Exception:
            # It keeps none of the others waiting, nor does a connection that was lost; the sweep tries it again.
            logger.exception("notification.not_delivered", notification=notification_id)
            connection.close_if_unusable_or_obsolete()
