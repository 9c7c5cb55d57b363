"""What the tests of those who come start from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from events.models import Event
from ticketing.models import Question, TicketType
from trufan.testing import EventFactory, TicketTypeFactory, UserFactory


@pytest.fixture
def gala(venue) -> Event:
    """In ten days; it wants names, takes addresses, and closes a day before."""
    starts = timezone.now() + timedelta(days=10)
    return EventFactory(
        venue=venue, name="Gala", doors_at=starts, starts_at=starts, ends_at=starts + timedelta(hours=3),
        configuration={
            "attendees": {"names": "required", "emails": "optional", "editable_until_hours_before_start": 24}
        },
    )  # fmt: skip


@pytest.fixture
def table(gala) -> TicketType:
    return TicketTypeFactory(event=gala, name="Table", price=0)


@pytest.fixture
def meal(gala) -> Question:
    return Question.objects.create(
        event=gala, text="What will you eat?", kind="choice", choices=["Fish", "Nothing"], required=True
    )


@pytest.fixture
def rules(gala) -> Question:
    return Question.objects.create(event=gala, text="I agree to the rules.", kind="consent", required=True, position=1)


@pytest.fixture
def finn(db) -> User:
    return UserFactory(
        email="finn@example.com", first_name="Finn", last_name="Friend", email_verified_at=timezone.now()
    )
