"""What every test of rotating codes starts from."""

from __future__ import annotations

import pytest

from events.models import Event
from ticketing.models import Ticket
from ticketing.tests.sales import buy


@pytest.fixture
def event(event: Event) -> Event:
    """Opening Night, whose codes rotate."""
    event.configuration = {"rotating_codes": True}
    event.save()
    return event


@pytest.fixture
def ticket(fay, ticket_type) -> Ticket:
    """Fay's, for Opening Night, whose doors are open."""
    return buy(fay, ticket_type)[0]
