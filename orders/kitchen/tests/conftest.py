"""A stand with a burger, and Kim who cooks there."""

from __future__ import annotations

import pytest

from accounts.models import User
from orders.models import Outlet, ProductVariant
from trufan.testing import OutletFactory, ProductVariantFactory, StaffFactory
from venues.models import Venue, VenueStaff


@pytest.fixture
def stand(venue: Venue) -> Outlet:
    return OutletFactory(venue=venue, name="Burger Stand", prep_seconds=300, offers_seat_delivery=True)


@pytest.fixture
def burger(stand: Outlet) -> ProductVariant:
    return ProductVariantFactory(product__outlet=stand, product__name="Burger")


@pytest.fixture
def cook(venue: Venue) -> User:
    return StaffFactory(
        user__email="kim@example.com", user__first_name="Kim", venue=venue, role=VenueStaff.Role.KITCHEN
    ).user
