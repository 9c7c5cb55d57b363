from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from notifications.webhooks import endpoints
from notifications.webhooks.models import WebhookEndpoint, WebhookMessage
from notifications.webhooks.tests.receiver import Receiver, receiving


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def nearby(settings: Any) -> None:
    """Messages may go to this machine, as on a laptop."""
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True


@pytest.fixture
def receiver(nearby: None) -> Iterator[Receiver]:
    with receiving() as one:
        yield one


class Endpoint:
    """An endpoint with its secret."""

    def __init__(self, venue: Any, url: str, **fields: Any) -> None:
        self.row, self.secret = endpoints.add(venue.pk, url=url, by=None, **fields)

    def fresh(self) -> WebhookEndpoint:
        self.row.refresh_from_db()
        return self.row


@pytest.fixture
def endpoint(venue: Any, receiver: Receiver) -> Endpoint:
    return Endpoint(venue, receiver.url)


@pytest.fixture
def message(endpoint: Endpoint, now: datetime) -> WebhookMessage:
    """One that waits since now."""
    body = '{"type":"order.paid","timestamp":"2026-11-20T18:02:11.402Z","data":{"name":"Zoë"}}'
    return WebhookMessage.objects.create(
        endpoint=endpoint.row, type="order.paid", body=body, next_attempt_at=now, created_at=now
    )
