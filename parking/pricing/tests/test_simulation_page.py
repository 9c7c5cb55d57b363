"""Prices tried on a lot's past, on a page of the console."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from parking.models import ParkingSession
from parking.pricing.tests.test_past import stayed
from trufan.tests.console_client import as_

pytestmark = pytest.mark.django_db


def page(lot) -> str:
    return reverse("admin:parking_parkinglot_simulation", args=[lot.pk])


def typed(lot, capacity, **more: Any) -> dict[str, Any]:
    today = timezone.now().astimezone(lot.zone).date()
    return {
        "kind": str(capacity.pk), "first": str(today - timedelta(days=3)), "last": str(today), "elasticity": "0.4",
        "tariff": '{"version": 1, "base": {"type": "interval", "every": {"minutes": 60, "price": 300}}}',
        "pricing": "", **more,
    }  # fmt: skip


@pytest.fixture
def past_stay(capacity) -> None:
    stayed(capacity, 0, 120)
    began = timezone.now() - timedelta(days=1)
    ParkingSession.objects.update(started_at=began, ended_at=began + timedelta(hours=5))


def test_a_table_and_a_picture_of_what_it_would_have_come_to(olga, lot, capacity, past_stay):
    lot.refresh_from_db()
    before = lot.updated_at
    shown = as_(olga).post(page(lot), typed(lot, capacity)).content.decode()
    assert "<svg" in shown
    assert "in all" in shown
    assert "Revenue: $" in shown
    lot.refresh_from_db()
    assert lot.updated_at == before


def test_a_lot_without_a_car_says_so(olga, lot, capacity):
    assert "No car was ever on" in as_(olga).post(page(lot), typed(lot, capacity)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"last": "2020-01-01"}, "days, the first one first"), ({"tariff": "{"}, "This is not JSON")],
)
def test_a_mistake_is_told(olga, lot, capacity, past_stay, wrong, words):
    assert words in as_(olga).post(page(lot), typed(lot, capacity, **wrong)).content.decode()


def test_only_who_sets_prices_and_sees_money_here(val, stan, lot, capacity, past_stay):
    assert as_(val).post(page(lot), typed(lot, capacity)).status_code == 403
    answer = as_(stan).post(page(lot), typed(lot, capacity))
    assert answer.status_code == 302
    assert b"<svg" not in answer.content
