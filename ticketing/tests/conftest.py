"""What every test of ticketing starts from."""

from __future__ import annotations

import pytest

from ticketing.models import Ticket
from ticketing.tests.sales import buy


@pytest.fixture
def ticket(fay, ticket_type) -> Ticket:
    """Fay's, for Opening Night, whose doors are open."""
    return buy(fay, ticket_type)[0]
