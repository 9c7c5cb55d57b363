"""The cast and the rows that every test knows, and many callers at once.

Fay the fan buys, Gus stands at the gate, Olga operates the venue, Stan manages another venue, Ada is super admin.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import factory
from django.db import connection
from django.db.models import F
from django.utils import timezone
from factory.django import DjangoModelFactory
from rest_framework.test import APIClient

from accounts.models import Role, User
from events.models import Event
from orders.models import Outlet, Product, ProductVariant, PromoCode
from parking.models import ParkingCapacity, ParkingLot
from ticketing.models import TicketType
from trufan.lib.errors import DomainError
from venues.models import TaxRate, Venue, VenueStaff

PASSWORD = "Correct-Horse-9"


def examples(count: int) -> int:
    """How many examples a property is tried with where each of them takes long: `count`, times `EXAMPLES` (1)."""
    return count * int(os.environ.get("EXAMPLES", "1"))


class Caller(APIClient):
    """An API client that speaks as somebody: `api.as_(fay).post("/api/v1/orders", {...})`."""

    def as_(self, user: User | None) -> Caller:
        caller = Caller()
        caller.force_authenticate(user)
        return caller


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What `act` returned, or how it refused, in each of so many threads that start together.

    They are real ones, each with its own connection to the database.
    """
    start = Barrier(count)

    def run(number: int) -> Any:
        start.wait()
        try:
            return act(number)
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    first_name = "Pat"
    last_name = factory.Sequence(lambda n: f"Person{n}")
    email_verified_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def password(self: Any, create: bool, extracted: str | None, **kwargs: Any) -> None:
        self.set_password(extracted or PASSWORD)
        self.save(update_fields=["password"])


class VenueFactory(DjangoModelFactory):
    class Meta:
        model = Venue

    name = factory.Sequence(lambda n: f"Hall {n}")
    slug = factory.Sequence(lambda n: f"hall-{n}")
    city = "New York"
    country = "US"
    time_zone = "America/New_York"
    currency = "USD"
    latitude = 40.7505
    longitude = -73.9934


class StaffFactory(DjangoModelFactory):
    class Meta:
        model = VenueStaff

    user = factory.SubFactory(UserFactory, role=Role.VENUE_STAFF)
    venue = factory.SubFactory(VenueFactory)
    role = VenueStaff.Role.MANAGER


class TaxRateFactory(DjangoModelFactory):
    class Meta:
        model = TaxRate

    venue = factory.SubFactory(VenueFactory)
    name = "Sales tax"
    category = TaxRate.Category.TICKET
    rate_ppm = 88_750


class EventFactory(DjangoModelFactory):
    """A published event whose doors are open now."""

    class Meta:
        model = Event

    venue = factory.SubFactory(VenueFactory)
    name = factory.Sequence(lambda n: f"Show {n}")
    category = Event.Category.CONCERT
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1))
    doors_at = factory.LazyAttribute(lambda event: event.starts_at - timedelta(hours=2))
    ends_at = factory.LazyAttribute(lambda event: event.starts_at + timedelta(hours=3))
    capacity = 1000
    status = Event.Status.PUBLISHED


class TicketTypeFactory(DjangoModelFactory):
    class Meta:
        model = TicketType
        skip_postgeneration_save = True

    event = factory.SubFactory(EventFactory)
    name = factory.Sequence(lambda n: f"Type {n}")
    price = 5_000
    quantity = 100

    @factory.post_generation
    def allocated(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Keep the event's own sum true, as the rule does."""
        Event.objects.filter(pk=self.event_id).update(allocated=F("allocated") + self.quantity)


class OutletFactory(DjangoModelFactory):
    class Meta:
        model = Outlet

    venue = factory.SubFactory(VenueFactory)
    name = factory.Sequence(lambda n: f"Stand {n}")


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    outlet = factory.SubFactory(OutletFactory)
    name = factory.Sequence(lambda n: f"Burger {n}")


class ProductVariantFactory(DjangoModelFactory):
    """The one variant of a product, a hundred of it."""

    class Meta:
        model = ProductVariant

    product = factory.SubFactory(ProductFactory)
    price = 1_200
    quantity = 100


class PromoCodeFactory(DjangoModelFactory):
    """Ten percent off everything the venue sells."""

    class Meta:
        model = PromoCode

    venue = factory.SubFactory(VenueFactory)
    code = factory.Sequence(lambda n: f"TEN{n}")
    kind = PromoCode.Kind.PERCENT
    ppm = 100_000


class LotFactory(DjangoModelFactory):
    """An open lot: 5.00 for the first hour, then 2.00 for each half hour begun, at most 40.00 a day."""

    class Meta:
        model = ParkingLot

    venue = factory.SubFactory(VenueFactory)
    name = factory.Sequence(lambda n: f"Lot {n}")
    slug = factory.Sequence(lambda n: f"lot-{n}")
    latitude = 40.7510
    longitude = -73.9940
    status = ParkingLot.Status.OPEN
    tariff = factory.LazyFunction(
        lambda: {
            "version": 1,
            "base": {
                "type": "interval",
                "first": {"minutes": 60, "price": 500},
                "every": {"minutes": 30, "price": 200},
            },
            "daily_maximum": 4000,
            "day": "rolling",
        }
    )
    overstay_percent = 150


class CapacityFactory(DjangoModelFactory):
    """Twenty standard spaces."""

    class Meta:
        model = ParkingCapacity

    lot = factory.SubFactory(LotFactory)
    kind = "standard"
    spaces = 20
