"""A burger stand with a full menu."""

from __future__ import annotations

import pytest

from orders.menu.models import Outlet, Product, ProductVariant
from orders.models import Option, OptionGroup
from trufan.testing import OutletFactory, ProductFactory, ProductVariantFactory


@pytest.fixture
def grill(venue) -> Outlet:
    return OutletFactory(venue=venue, name="Grill")


@pytest.fixture
def product(grill) -> Product:
    return ProductFactory(outlet=grill, name="Burger", max_per_order=100)


@pytest.fixture
def burger(product) -> ProductVariant:
    """The one variant, at 12.00, a hundred of it."""
    return ProductVariantFactory(product=product)


@pytest.fixture
def doneness(product) -> OptionGroup:
    """Exactly one of three; the last is sold out."""
    group = OptionGroup.objects.create(product=product, name="Doneness", minimum=1, maximum=1)
    for name, available in (("Medium", True), ("Well done", True), ("Rare", False)):
        Option.objects.create(group=group, name=name, is_available=available)
    return group


@pytest.fixture
def extras(product) -> OptionGroup:
    """Up to three in all; without bun it is a euro less."""
    group = OptionGroup.objects.create(product=product, name="Extras", maximum=3, position=1)
    for name, delta in (("Cheese", 150), ("Bacon", 200), ("No bun", -100)):
        Option.objects.create(group=group, name=name, price_delta=delta)
    return group


@pytest.fixture
def option(doneness, extras):
    """An option by its name."""
    return lambda name: Option.objects.get(name=name)
