"""What every test of parking starts from."""

from __future__ import annotations

import pytest

from accounts.models import User
from parking.models import ParkingCapacity, ParkingLot
from trufan.testing import CapacityFactory, LotFactory, StaffFactory
from venues.models import VenueStaff


@pytest.fixture
def lot(venue) -> ParkingLot:
    """North Lot of the arena: open, day and night, with a barrier."""
    return LotFactory(venue=venue, name="North Lot", slug="north-lot")


@pytest.fixture
def capacity(lot) -> ParkingCapacity:
    """Its twenty standard spaces."""
    return CapacityFactory(lot=lot)


@pytest.fixture
def val(venue) -> User:
    """Val the attendant runs the venue's parking."""
    return StaffFactory(
        user__email="val@example.com", user__first_name="Val", venue=venue, role=VenueStaff.Role.PARKING
    ).user
