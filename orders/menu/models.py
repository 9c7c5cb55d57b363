"""Outlets, and what they sell: products, each in one variant or several, with options to pick from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self, cast
from uuid import UUID

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from events.models import Event
from orders.menu.querysets import OutletQuerySet, ProductQuerySet, ProductVariantQuerySet
from orders.sellable import CartLine, Offer, Pieces, Sellable
from trufan.lib.ids import uuid7
from trufan.lib.models import BaseModel
from trufan.lib.money import AmountField
from venues.models import TaxRate, Venue

if TYPE_CHECKING:
    from orders.models import Order, OrderItem
    from orders.pricing import Terms
    from trufan.lib.errors import DomainError

#: What `left` says of a stock that nobody counts.
UNCOUNTED = 1_000_000


class Outlet(BaseModel):
    """A stand, a bar or a shop of a venue."""

    class Kind(models.TextChoices):
        STAND = "stand"
        BAR = "bar"
        SHOP = "shop"

    class Status(models.TextChoices):
        """What its staff say; whether it is open at a moment also asks its hours."""

        OPEN = "open"
        BUSY = "busy"
        CLOSED = "closed"

    class Hours(models.TextChoices):
        ALWAYS = "always", "whenever its status says open"
        CLOCK = "clock", "by the clock of the venue"
        EVENT = "event", "from doors to end of each event of the venue"

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="outlets", db_index=False)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.STAND)
    location = models.CharField(max_length=120, blank=True, help_text="Where it stands: Concourse B, by section 112.")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    hours = models.CharField(max_length=10, choices=Hours, default=Hours.ALWAYS)
    prep_seconds = models.PositiveIntegerField(default=600, help_text="How long one order usually takes to make.")
    makes_at_once = models.PositiveSmallIntegerField(
        default=4, validators=[MinValueValidator(1)], help_text="How many orders it works on at the same time."
    )
    busy_seconds = models.PositiveIntegerField(default=600, help_text="What is added to that while it is busy.")
    offers_pickup = models.BooleanField(default=True)
    offers_seat_delivery = models.BooleanField(default=False)
    service_charge_ppm = models.PositiveIntegerField(
        default=0, help_text="Service charge on what it sells, in millionths (18 % is 180000)."
    )
    connected_account = models.ForeignKey(
        "payments.ConnectedAccount",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who receives what it sells; empty: the venue.",
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = OutletQuerySet.as_manager()

    class Meta:
        ordering = ["venue", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "name"], name="outlet_once_per_name"),
            models.CheckConstraint(condition=Q(status__in=["open", "busy", "closed"]), name="outlet_status_known"),
            models.CheckConstraint(condition=Q(service_charge_ppm__lte=1_000_000), name="outlet_charge_at_most_whole"),
            models.CheckConstraint(condition=Q(makes_at_once__gte=1), name="outlet_makes_some_at_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def wait_seconds(self) -> int:
        """How long an order that is placed now will take: an estimate from what its staff say."""
        return self.prep_seconds + (self.busy_seconds if self.status == self.Status.BUSY else 0)


class OpeningHours(BaseModel):
    """One span of a week in which an outlet is open by the clock; it may run past midnight."""

    outlet = models.ForeignKey(Outlet, on_delete=models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(
        validators=[MaxValueValidator(6)], help_text="ISO 8601 less one: 0 is Monday, 6 is Sunday."
    )
    opens_at = models.TimeField()
    closes_at = models.TimeField(help_text="Not after `opens_at`: on the next day.")

    class Meta:
        ordering = ["outlet", "weekday", "opens_at"]
        verbose_name_plural = "opening hours"
        constraints = [models.CheckConstraint(condition=Q(weekday__lte=6), name="hours_weekday_known")]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens_at:%H:%M} to {self.closes_at:%H:%M}"

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.outlet.venue_id


class Daypart(BaseModel):
    """A part of a venue's day, such as breakfast, in which some products are sold; it may run past midnight."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="dayparts", db_index=False)
    name = models.CharField(max_length=60)
    starts_at = models.TimeField()
    ends_at = models.TimeField(help_text="Not after `starts_at`: on the next day.")

    class Meta:
        ordering = ["venue", "starts_at", "name"]
        constraints = [models.UniqueConstraint(fields=["venue", "name"], name="daypart_once_per_name")]

    def __str__(self) -> str:
        return self.name


def picture_name(product: Product, filename: str) -> str:
    """A name of our own: nothing of what the uploader called the file; `pictures.checked` has seen to its ending."""
    return f"products/{uuid7()}.{filename.rpartition('.')[2]}"


class Product(BaseModel):
    """Something an outlet sells, as the menu shows it. What is bought and counted is one of its variants."""

    class Kind(models.TextChoices):
        CONCESSION = "concession"
        MERCHANDISE = "merchandise"

    outlet = models.ForeignKey(Outlet, on_delete=models.PROTECT, related_name="products", db_index=False)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CONCESSION)
    category = models.CharField(max_length=60, blank=True, help_text="Its heading on the menu, such as Burgers.")
    picture = models.ImageField(upload_to=picture_name, blank=True)
    tax_category = models.CharField(
        max_length=20,
        choices=TaxRate.Category,
        default=TaxRate.Category.FOOD,
        help_text="Which of the venue's taxes it bears.",
    )
    allergens = models.JSONField(default=list, blank=True, help_text="Codes of EU regulation 1169/2011, annex II.")
    dietary_marks = models.JSONField(default=list, blank=True, help_text="Such as vegan, vegetarian, halal.")
    minimum_age = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(99)], help_text="Years; checked when it is handed over."
    )
    max_per_order = models.PositiveSmallIntegerField(default=20, validators=[MinValueValidator(1)])
    events = models.ManyToManyField(
        Event, blank=True, related_name="products", help_text="The events it is sold for; none: any, and none at all."
    )
    dayparts = models.ManyToManyField(
        Daypart, blank=True, related_name="products", help_text="The parts of the day it is sold in; none: all day."
    )
    is_sold_out = models.BooleanField(default=False, help_text='"86": sold out now, whatever the stock says.')
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["outlet", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["outlet", "name"], name="product_once_per_name"),
            models.CheckConstraint(condition=Q(max_per_order__gte=1), name="product_order_limit"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.outlet.venue_id


class ProductVariant(BaseModel, Sellable):
    """One size or kind of a product: what has a price and a stock. `held + sold` never exceeds a `quantity` given."""

    sellable_type = "product"
    counts_stock = True
    takes_wishes = True

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants", db_index=False)
    name = models.CharField(max_length=60, blank=True, help_text="Such as Large; empty where there is only one.")
    sku = models.CharField(max_length=60, blank=True)
    price = AmountField(help_text="Minor units of the venue's currency, before fees and tax.")
    quantity = models.PositiveIntegerField(null=True, blank=True, help_text="All there ever were; empty: not counted.")
    held = models.PositiveIntegerField(default=0, editable=False)
    sold = models.PositiveIntegerField(default=0, editable=False)
    low_at = models.PositiveIntegerField(null=True, blank=True, help_text="Warn the staff when so many are left.")
    is_low = models.BooleanField(default=False, editable=False, help_text="They were warned, and it is still so.")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = ProductVariantQuerySet.as_manager()

    class Meta:
        ordering = ["product", "position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="variant_price_not_negative"),
            models.CheckConstraint(
                condition=Q(held__gte=0) & Q(sold__gte=0) & (Q(quantity=None) | Q(quantity__gte=F("held") + F("sold"))),
                name="variant_never_oversold",
            ),
            models.UniqueConstraint(fields=["product", "name"], name="variant_once_per_name"),
        ]

    def __str__(self) -> str:
        return f"{self.product.name}, {self.name}" if self.name else self.product.name

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.product.venue_id

    # -- Sellable: the rules stand in selling.py and orders/counters.py --

    @classmethod
    def for_sale(cls, ids: Iterable[UUID], now: datetime) -> dict[UUID, Self]:
        """By the id of the variant, or by that of a product that has but one."""
        from orders.menu.selling import by_asked_id

        return cast("dict[UUID, Self]", by_asked_id(set(ids), now))

    @property
    def left(self) -> int:
        return UNCOUNTED if self.quantity is None else self.quantity - self.held - self.sold

    def offer(self, line: CartLine, now: datetime) -> Offer:
        from orders.menu.selling import make_offer

        return make_offer(self, line, now)

    @classmethod
    def reserve(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from orders.counters import hold

        hold(cls, items)

    @classmethod
    def release(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from orders.counters import let_go

        let_go(cls, items)

    @classmethod
    def fulfil(cls, order: Order, items: Sequence[OrderItem], now: datetime) -> None:
        from orders.kitchen.placing import place
        from orders.menu.stock import sell

        place(order, items, now)
        sell(items)

    @classmethod
    def refund_terms(cls, items: Sequence[OrderItem], now: datetime) -> list[Terms | DomainError]:
        from orders.kitchen.returns import terms

        return terms(items)

    @classmethod
    def revoke(cls, order: Order, pieces: Sequence[Pieces], now: datetime) -> None:
        from orders.kitchen.returns import take_back

        take_back(order, pieces, now)


class OptionGroup(BaseModel):
    """A choice that a product asks for: from `minimum` to `maximum` picks; a minimum of one or more is required."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="option_groups", db_index=False)
    name = models.CharField(max_length=60)
    minimum = models.PositiveSmallIntegerField(default=0)
    maximum = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["product", "position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(maximum__gte=1) & Q(maximum__gte=F("minimum")), name="group_pick_limits"
            ),
            models.UniqueConstraint(fields=["product", "name"], name="group_once_per_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.product.venue_id


class Option(BaseModel):
    """One pick of a group, and by how much it changes the price; it may make it less."""

    group = models.ForeignKey(OptionGroup, on_delete=models.CASCADE, related_name="options", db_index=False)
    name = models.CharField(max_length=60)
    price_delta = AmountField(default=0)
    is_available = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["group", "position", "name"]
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="option_once_per_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.group.venue_id
