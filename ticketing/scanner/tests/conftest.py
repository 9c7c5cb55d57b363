"""What every test of the scanner page starts from."""

from __future__ import annotations

import pytest

from ticketing.models import Ticket
from ticketing.tests.sales import buy


@pytest.fixture
def tickets(fay, ticket_type) -> list[Ticket]:
    """Fay's two, for Opening Night, whose doors are open."""
    return buy(fay, ticket_type, 2)
