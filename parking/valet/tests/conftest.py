"""What every test of the valet starts from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from parking.models import ParkingCapacity, ValetTicket
from parking.valet import moves
from trufan.testing import CapacityFactory


@pytest.fixture
def valet(lot) -> ParkingCapacity:
    """Ten spaces of the valet's, for 20.00 flat."""
    tariff = {"version": 1, "base": {"type": "flat", "price": 2_000}}
    return CapacityFactory(lot=lot, kind="valet", spaces=10, tariff=tariff)


@pytest.fixture
def drop(valet, val) -> Callable[..., ValetTicket]:
    """Val takes a car."""

    def take(plate="", **more):
        return moves.drop_off(valet.lot, moves.Dropped(plate=plate, **more), by=val, now=timezone.now())

    return take
