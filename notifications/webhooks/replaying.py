"""Sending again what was sent, or could not be, and trying whether an endpoint works.

A message that is sent again keeps its id: a receiver that has seen it knows it.
"""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.trail import record
from notifications.webhooks import announcing, endpoints, kinds
from notifications.webhooks.errors import EndpointOff, MessageBeingSent
from notifications.webhooks.models import WebhookEndpoint, WebhookMessage

Status = WebhookMessage.Status


def replay(message: WebhookMessage, *, by: Any, now: datetime) -> WebhookMessage:
    """Post one message again, with all its attempts before it; one that waits is posted now.

    Raises `EndpointOff`, `MessageBeingSent`, `Missing` where it, or its endpoint, is gone.
    """
    with transaction.atomic():
        endpoint = _on(message.endpoint)
        rows = WebhookMessage.objects.filter(pk=message.pk).exclude(status=Status.SENDING)
        if not rows.update(**_afresh(now)):
            raise MessageBeingSent
        record("webhook_message.replayed", message, actor=by, venue_id=endpoint.venue_id)
        transaction.on_commit(functools.partial(announcing.nudge, message.pk))
    message.refresh_from_db()
    return message


def replay_failed(endpoint: WebhookEndpoint, *, since: datetime, by: Any, now: datetime) -> int:
    """Post all that failed for good of what happened since then; how many. The sweeps hand them out by and by.

    Raises `EndpointOff`, `Missing`.
    """
    with transaction.atomic():
        row = _on(endpoint)
        failed = WebhookMessage.objects.filter(endpoint=row, status=Status.FAILED, created_at__gte=since)
        count = failed.update(**_afresh(now))
        record("webhook_endpoint.replayed", row, new={"since": since, "messages": count}, actor=by)
    return count


def ping(endpoint: WebhookEndpoint, *, by: Any, now: datetime) -> WebhookMessage:
    """Send a message of the kind `ping`, to see whether it arrives. Raises `EndpointOff`, `Missing`."""
    with transaction.atomic():
        row = _on(endpoint)
        message = announcing.say_to(row, kinds.PING, {"endpoint": row.pk, "asked_at": now}, now)
        record("webhook_endpoint.pinged", row, new={"message": message.pk}, actor=by)
    return message


def _on(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    row = endpoints.held(endpoint)
    if not row.is_active:
        raise EndpointOff
    return row


def _afresh(now: datetime) -> dict[str, Any]:
    return {
        "status": Status.PENDING,
        "attempts": 0,
        "next_attempt_at": now,
        "handed_at": None,
        "lease": None,
        "delivered_at": None,
        "error": "",
    }
