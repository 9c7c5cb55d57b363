"""What every test of the manifest starts from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ticketing.manifest.tests.scanner import Scanner, unpadded
from ticketing.models import Ticket
from ticketing.tests.sales import buy


@pytest.fixture
def tickets(fay, ticket_type) -> list[Ticket]:
    """Fay's six, for Opening Night, whose doors are open."""
    return buy(fay, ticket_type, 6)


@pytest.fixture
def fetch(api, gus, event) -> Callable[..., bytes]:
    """The event's manifest as Gus gets it."""

    def ask(since: str = "") -> bytes:
        answer = api.as_(gus).get(f"/api/v1/events/{event.pk}/checkin/manifest", {"since": since} if since else {})
        assert answer.status_code == 200, answer.content
        return answer.content

    return ask


@pytest.fixture
def scanner(api, venue) -> Scanner:
    """One that knows the venue's public keys and nothing yet."""
    keys = api.get(f"/api/v1/venues/{venue.pk}/ticket-keys").json()
    return Scanner({key["key_id"]: unpadded(key["public_key"]) for key in keys})
