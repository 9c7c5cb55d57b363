"""A seller of tickets that events can ask without one that sells."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db.models import BigIntegerField, BooleanField, Case, F, Value, When
from django.db.models.functions import Cast

from events import offers
from events.lacking import Lack, Place
from events.models import Event


class Seller:
    """Prices an event at its capacity and a thousand above, nothing at 13; sells odd capacities out."""

    def __init__(self) -> None:
        self.refusal: str | None = None

    def annotate(self, queryset: Any, now: datetime) -> Any:
        capacity = Cast(F("capacity"), BigIntegerField())
        return queryset.annotate(
            price_from=Case(When(capacity=13, then=None), default=capacity, output_field=BigIntegerField()),
            price_to=Case(When(capacity=13, then=None), default=capacity + 1000, output_field=BigIntegerField()),
            is_available=Case(
                When(capacity__in=range(1, 200, 2), then=Value(False)), default=Value(True), output_field=BooleanField()
            ),
        )

    def note(self, events: Any, now: datetime) -> None:
        for found in self.annotate(Event.objects.filter(pk__in=[event.pk for event in events]), now):
            for event in events:
                if event == found:
                    event.price_from, event.price_to = found.price_from, found.price_to
                    event.is_available = found.is_available

    def lacks(self, event: Any, now: datetime) -> list[Lack]:
        return [Lack("unsellable", self.refusal, Place.TICKET_TYPES)] if self.refusal else []


@pytest.fixture
def seller(monkeypatch: pytest.MonkeyPatch) -> Seller:
    seller = Seller()
    monkeypatch.setattr(offers, "_provider", seller)
    return seller


@pytest.fixture
def no_seller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "_provider", None)
