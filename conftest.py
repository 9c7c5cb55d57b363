"""The cast as fixtures, and what every test starts from."""

from __future__ import annotations

import shutil
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from accounts.models import Role, User
from audit import protection
from events.models import Event
from payments import ledger_protection
from ticketing.models import TicketType
from trufan.lib import correlation, flags, replica, throttling
from trufan.testing import Caller, EventFactory, StaffFactory, TicketTypeFactory, UserFactory, VenueFactory
from trufan.tests import emptying
from trufan.tests.halves import Half, leaves_out
from trufan.tests.pictures import looks as looks
from trufan.tests.pictures import shots as shots
from venues.models import Venue, VenueStaff

# A busy machine is no failure of the code: examples have no deadline, and they are the same in every run.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--half", choices=list(Half), help="Only what is asked of this database: trufan/tests/halves.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, by name and count, what this machine cannot run or was not prepared for."""
    missing = {
        "postgres": connection.vendor != "postgresql",
        "redis": not settings.REDIS_URL,
        "browser": not (shutil.which("chromium") and shutil.which("chromedriver")),
        "clients": "clients" not in config.option.markexpr,  # what they try must be written anew first
        "chaos": "chaos" not in config.option.markexpr,  # minutes, with servers of its own
        "fuzz": "fuzz" not in config.option.markexpr,  # minutes
    }
    left_out = {item for item in items if any(gone and item.get_closest_marker(name) for name, gone in missing.items())}
    if half := config.option.half:
        left_out |= {item for item in items if leaves_out(Half(half), item)}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Lift the triggers that guard audit trail and books: tests that commit empty every table behind themselves."""
    with django_db_blocker.unblock():
        protection.remove(connection)
        ledger_protection.remove(connection)
    emptying.install()


@pytest.fixture(autouse=True)
def fresh_context() -> None:
    """No test inherits another's cache, throttle counters or request."""
    cache.clear()
    throttling.reset()
    flags.reset()
    replica.reset()
    correlation.begin()


@pytest.fixture
def api(db) -> Caller:
    return Caller()


@pytest.fixture
def venue(db) -> Venue:
    return VenueFactory(name="Garden Arena", slug="garden-arena")


@pytest.fixture
def other_venue(db) -> Venue:
    return VenueFactory(name="Harbor Hall", slug="harbor-hall")


@pytest.fixture
def event(venue: Venue) -> Event:
    return EventFactory(venue=venue, name="Opening Night")


@pytest.fixture
def ticket_type(event: Event) -> TicketType:
    return TicketTypeFactory(event=event, name="General Admission")


@pytest.fixture
def fay(db) -> User:
    return UserFactory(email="fay@example.com", first_name="Fay", last_name="Fan")


@pytest.fixture
def gus(venue: Venue) -> User:
    return StaffFactory(
        user__email="gus@example.com", user__first_name="Gus", venue=venue, role=VenueStaff.Role.DOOR
    ).user


@pytest.fixture
def olga(venue: Venue) -> User:
    return StaffFactory(
        user__email="olga@example.com", user__first_name="Olga", user__role=Role.VENUE_ADMIN, venue=venue
    ).user


@pytest.fixture
def stan(other_venue: Venue) -> User:
    return StaffFactory(
        user__email="stan@example.com", user__first_name="Stan", user__role=Role.VENUE_ADMIN, venue=other_venue
    ).user


@pytest.fixture
def ada(db) -> User:
    return UserFactory(email="ada@example.com", first_name="Ada", role=Role.SUPER_ADMIN)
