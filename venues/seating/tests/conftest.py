"""A plan, and its addresses."""

from __future__ import annotations

import pytest

from accounts.models import User
from venues.models import Venue
from venues.seating import plans
from venues.seating.models import SeatingPlan


@pytest.fixture
def plan(venue: Venue, olga: User) -> SeatingPlan:
    return plans.create(venue, olga, name="End stage")


@pytest.fixture
def url(plan: SeatingPlan) -> str:
    return f"/api/v1/seating-plans/{plan.pk}"


@pytest.fixture
def seats_url(url: str) -> str:
    return f"{url}/seats"
