"""Who stands at the counter, and a platform that wants its part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from events.models import Event
from trufan.testing import StaffFactory
from venues.models import FeeRule, Venue, VenueStaff


@pytest.fixture
def bea(venue: Venue) -> User:
    """Sells at the box office."""
    return StaffFactory(
        user__email="bea@example.com",
        user__first_name="Bea",
        user__last_name="Booth",
        venue=venue,
        role=VenueStaff.Role.BOX_OFFICE,
    ).user


@pytest.fixture
def fee(venue: Venue) -> FeeRule:
    """The platform keeps ten percent of every ticket, out of its price."""
    return FeeRule.objects.create(venue=venue, kind="ticket", paid_by="venue", ppm=100_000)


@pytest.fixture
def sells(api: Any, event: Event, django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Ask for a door sale, and let what waits for the commit happen: `sells(bea, kind, 2, tendered=…)`."""

    def ask(user: User, kind: Any, quantity: int = 1, *, key: str = "", at: Any = None, **asked: Any) -> Any:
        body = {"items": [{"type": "ticket", "id": str(kind.pk), "quantity": quantity}], "method": "cash", **asked}
        headers = {"Idempotency-Key": key} if key else {}
        with django_capture_on_commit_callbacks(execute=True):
            return api.as_(user).post(f"/api/v1/events/{(at or event).pk}/door-sales", body, headers=headers)

    return ask


@pytest.fixture
def refunds(api: Any, django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Ask for a refund of an order, by its id."""

    def ask(user: User, order_id: Any, **asked: Any) -> Any:
        body = {"reason": "Cannot stay", **asked}
        with django_capture_on_commit_callbacks(execute=True):
            return api.as_(user).post(f"/api/v1/orders/{order_id}/refunds", body)

    return ask
