"""Saying what happened: rows in the transaction of what happened, posted after its commit.

A rollback unsays it. Where no endpoint listens it costs one query, and nothing is put into words.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from notifications.webhooks import kinds, tasks
from notifications.webhooks.models import WebhookEndpoint, WebhookMessage
from trufan.lib import correlation, nudging

Data = Mapping[str, Any]
#: Of one announcement, how many messages are posted at once; the sweep takes the rest.
NUDGED = 20


def announce(kind: str, venue_id: UUID, data: Callable[[], Data], now: datetime | None = None) -> int:
    """Tell the venue's endpoints that asked for `kind`; `data()` is what they are told beside `venue_id`.

    Part of the caller's transaction. One query, and another where somebody listens. Returns how many messages wait.
    """
    return announce_each(kind, [(venue_id, data)], now)


def announce_each(kind: str, facts: Iterable[tuple[UUID, Callable[[], Data]]], now: datetime | None = None) -> int:
    """The same for several things at once, each with its venue, at the same cost."""
    facts = list(facts)
    if kind not in kinds.names():
        raise LookupError(f"no webhook is called {kind!r}")
    if not facts:
        return 0
    listening = [each for each in _listening({venue_id for venue_id, _ in facts}) if each.wants(kind)]
    at = now or timezone.now()
    messages = []
    for venue_id, data in facts:
        told = [endpoint for endpoint in listening if endpoint.venue_id == venue_id]
        if told:
            text = body(kind, {"venue_id": venue_id, **data()}, at)
            messages += [_message(endpoint, kind, text, at) for endpoint in told]
    _queue(messages)
    return len(messages)


def say_to(endpoint: WebhookEndpoint, kind: str, data: Data, now: datetime) -> WebhookMessage:
    """Tell one endpoint alone; it is tried at once, however it stands with it. Part of the caller's transaction."""
    row = _message(endpoint, kind, body(kind, {"venue_id": endpoint.venue_id, **data}, now), now)
    row.save(force_insert=True)
    transaction.on_commit(functools.partial(nudge, row.pk))
    return row


def body(kind: str, data: Data, at: datetime) -> str:
    """What is posted: `{"type", "timestamp", "data"}`, times in UTC as `2026-11-20T18:02:11.402Z`."""
    said = {"type": kind, "timestamp": at, "data": data}
    return json.dumps(said, cls=DjangoJSONEncoder, separators=(",", ":"), ensure_ascii=False)


def nudge(message_id: UUID) -> None:
    """Ask a worker to post it now. Never raises: the sweep remains."""
    nudging.nudge(tasks.deliver, str(message_id))


def nobody_listens(venue_id: UUID) -> None:
    """Who has asked already, and found nobody, says so: in the request that runs it is not asked again."""
    known = correlation.current().known
    if known is not None:
        known[_asked({venue_id})] = []


def _asked(venue_ids: set[UUID]) -> tuple[type, frozenset[UUID]]:
    return WebhookEndpoint, frozenset(venue_ids)


def _listening(venue_ids: set[UUID]) -> list[WebhookEndpoint]:
    """Who listens at these venues; asked once in a request that has several things to tell."""
    known = correlation.current().known
    if known is None:
        return list(WebhookEndpoint.objects.listening(venue_ids))
    asked = _asked(venue_ids)
    if asked not in known:
        known[asked] = list(WebhookEndpoint.objects.listening(venue_ids))
    found: list[WebhookEndpoint] = known[asked]
    return found


def _message(endpoint: WebhookEndpoint, kind: str, text: str, at: datetime) -> WebhookMessage:
    return WebhookMessage(endpoint=endpoint, type=kind, body=text, created_at=at, next_attempt_at=at)


def _queue(messages: list[WebhookMessage]) -> None:
    WebhookMessage.objects.bulk_create(messages)
    # What fails is left to the sweep, which tries it seldom: else each sale would keep a worker waiting for it.
    for row in [row for row in messages if not row.endpoint.failing_since][:NUDGED]:
        transaction.on_commit(functools.partial(nudge, row.pk))
