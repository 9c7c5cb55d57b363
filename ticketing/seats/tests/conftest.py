"""A hall: section A of three rows of six seats for Gold, section B of two rows of four for Silver."""

from __future__ import annotations

import pytest

from ticketing.models import EventSeating, TicketType
from ticketing.seats.tests.seated import plan_of, seat_by, seated_type
from venues.models import SeatingPlan


@pytest.fixture
def plan(venue) -> SeatingPlan:
    return plan_of(venue, {"A": (3, 6), "B": (2, 4)})


@pytest.fixture
def gold(event) -> TicketType:
    return seated_type(event)


@pytest.fixture
def silver(event) -> TicketType:
    return seated_type(event, "Silver")


@pytest.fixture
def seating(event, plan, gold, silver, olga) -> EventSeating:
    made = seat_by(event, plan, olga, A=gold, B=silver)
    gold.refresh_from_db()
    silver.refresh_from_db()
    return made
