"""Drivers who write, and lots that they stand on."""

from __future__ import annotations

import pytest

from notifications.models import SmsNumber
from notifications.sms.tests.conftest import OURS
from notifications.sms.tests.conftest import caller as caller
from parking.models import ParkingCapacity
from parking.valet.tests.conftest import drop as drop
from parking.valet.tests.conftest import valet as valet
from trufan.testing import CapacityFactory, LotFactory


@pytest.fixture
def number(venue) -> SmsNumber:
    """The venue's own."""
    return SmsNumber.objects.create(number=OURS, venue_id=venue.pk)


@pytest.fixture
def open_lot(venue) -> ParkingCapacity:
    """West Lot has no barrier."""
    lot = LotFactory(venue=venue, name="West Lot", slug="west-lot", has_barrier=False)
    return CapacityFactory(lot=lot)
