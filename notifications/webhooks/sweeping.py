"""What the schedule does for webhooks: hand out what waits, and forget what is old."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from notifications.webhooks import announcing
from notifications.webhooks.delivery import WEBHOOKS
from notifications.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from notifications.webhooks.querysets import WebhookMessageQuerySet
from trufan.lib import queues, retention
from trufan.lib.queues import Queue

#: How many messages of one endpoint a sweep hands out; while it fails, only so many, so that it keeps no more workers
#: waiting for it.
PER_ENDPOINT = 50
PER_FAILING_ENDPOINT = 3
#: What was handed out is handed out again after so long, should the task have been lost.
HANDED_FOR = timedelta(minutes=5)
#: Without a broker, handing out is posting: then a sweep stops here, and the next goes on.
BUDGET_SECONDS = 20.0
BATCH = 1000


def waiting(now: datetime) -> Queue:
    """How many posts are due and not made, and since when the first of them is."""
    return queues.of_rows(WebhookMessage.objects.due(now).order_by("next_attempt_at"), "next_attempt_at", now)


def hand_out(now: datetime) -> int:
    """The sweep `webhooks.due`: give what is due to workers, a few of each endpoint; how many.

    It posts nothing itself where there are workers, so that an endpoint that hangs never stops the others. Those that
    work come before those that fail.
    """
    started, handed = time.monotonic(), 0
    waiting = _handable(now).order_by().values("endpoint")
    endpoints = WebhookEndpoint.objects.filter(pk__in=waiting)
    for endpoint in endpoints.order_by(F("failing_since").desc(nulls_first=True), "pk"):
        if not WEBHOOKS.is_on(venue_id=endpoint.venue_id):
            continue
        ids = _take(endpoint, now)
        for place, message_id in enumerate(ids):
            if time.monotonic() - started > BUDGET_SECONDS:
                WebhookMessage.objects.filter(pk__in=ids[place:]).update(handed_at=None)
                return handed
            announcing.nudge(message_id)
            handed += 1
    return handed


def prune(now: datetime) -> int:
    """The sweep `webhooks.old`: erase what was over `WEBHOOK_DAYS` ago, and endpoints removed before; how many."""
    before = retention.before("WEBHOOK_DAYS", now)
    if before is None:
        return 0
    gone = 0
    while count := _prune_batch(before):
        gone += count
    WebhookEndpoint.objects.filter(removed_at__lt=before, messages=None).delete()
    return gone


def _handable(now: datetime) -> WebhookMessageQuerySet:
    rested = Q(handed_at=None) | Q(handed_at__lte=now - HANDED_FOR)
    return WebhookMessage.objects.due(now).filter(rested)


def _take(endpoint: WebhookEndpoint, now: datetime) -> list[UUID]:
    """The endpoint's messages that waited longest, marked as handed out."""
    limit = PER_FAILING_ENDPOINT if endpoint.failing_since else PER_ENDPOINT
    waiting = _handable(now).filter(endpoint=endpoint).order_by("next_attempt_at", "pk")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    WebhookMessage.objects.filter(pk__in=ids).update(handed_at=now)
    return ids


def _prune_batch(before: datetime) -> int:
    """Locked before they are deleted: no worker writes an attempt of a message that goes."""
    old = WebhookMessage.objects.over().filter(created_at__lt=before)
    with transaction.atomic():
        rows = old.select_for_update(skip_locked=True).order_by("created_at")
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        WebhookAttempt.objects.filter(message__in=ids).delete()
        WebhookMessage.objects.filter(pk__in=ids).delete()
    return len(ids)
