"""Prices that change by date or count, codes that open hidden ticket types, and bundles at a price of their own."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from events.models import Event
from ticketing.models import TicketType
from ticketing.pricing.querysets import BundleQuerySet, TicketReleaseQuerySet, UnlockCodeQuerySet
from trufan.lib.models import BaseModel
from trufan.lib.money import AmountField


class TicketRelease(BaseModel):
    """A price of a ticket type until a date, for so many tickets, or both; then the next one opens by itself.

    The first open one by `position` is current; when none is open the ticket type's own price is.
    `held + sold` never exceeds `quantity`.
    """

    ticket_type = models.ForeignKey(TicketType, on_delete=models.CASCADE, related_name="releases", db_index=False)
    name = models.CharField(max_length=80, help_text="Such as Early bird.")
    price = AmountField(help_text="Minor units of the venue's currency, before fees and tax.")
    until = models.DateTimeField(null=True, blank=True, help_text="It ends at this moment; empty: by count alone.")
    quantity = models.PositiveIntegerField(null=True, blank=True, help_text="So many at this price; empty: by date.")
    position = models.PositiveSmallIntegerField(default=0)
    held = models.PositiveIntegerField(default=0, editable=False)
    sold = models.PositiveIntegerField(default=0, editable=False)

    objects = TicketReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = "price until"
        verbose_name_plural = "prices until"
        ordering = ["ticket_type", "position", "created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="release_price_not_negative"),
            models.CheckConstraint(condition=Q(until__isnull=False) | Q(quantity__isnull=False), name="release_ends"),
            models.CheckConstraint(
                condition=Q(held__gte=0) & Q(sold__gte=0) & (Q(quantity=None) | Q(quantity__gte=F("held") + F("sold"))),
                name="release_never_oversold",
            ),
            models.UniqueConstraint(fields=["ticket_type", "name"], name="release_once_per_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> int | None:
        """How many can still be had at this price; None: as many as there are tickets."""
        return None if self.quantity is None else self.quantity - self.held - self.sold

    def is_open(self, now: datetime, own: int = 0) -> bool:
        """Whether its date has not passed and some are left; `own` are held by who asks."""
        return (self.until is None or now < self.until) and (self.left is None or self.left + own > 0)


class UnlockCode(BaseModel):
    """A word that opens hidden ticket types of one event. `used` counts tickets held and bought with it."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="unlock_codes", db_index=False)
    code = models.CharField(max_length=40, help_text="Kept in capitals; buyers type it as they like.")
    name = models.CharField(max_length=120, blank=True, help_text="Who it is for. Buyers don't see it.")
    ticket_types = models.ManyToManyField(TicketType, related_name="unlock_codes", help_text="What it opens.")
    max_uses = models.PositiveIntegerField(
        null=True, blank=True, help_text="So many tickets may be bought with it; empty: no limit."
    )
    used = models.PositiveIntegerField(default=0, editable=False)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    batch = models.CharField(max_length=60, blank=True, editable=False, help_text="Those that were made together.")

    objects = UnlockCodeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "code"]
        constraints = [
            models.UniqueConstraint(fields=["event", "code"], name="unlockcode_once_per_event"),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(max_uses__gte=F("used")), name="unlockcode_within_uses"
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="unlockcode_window"
            ),
        ]
        indexes = [models.Index(fields=["event", "batch"], name="unlockcode_batch", condition=~Q(batch=""))]

    def __str__(self) -> str:
        return self.code

    @property
    def left(self) -> int | None:
        """How many more tickets it is good for; None: no limit."""
        return None if self.max_uses is None else self.max_uses - self.used


class Bundle(BaseModel):
    """Tickets of one event that are sold together: at one `price`, or `ppm` millionths off what they cost singly."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="bundles", db_index=False)
    name = models.CharField(max_length=120, help_text="Such as Family of four.")
    description = models.TextField(blank=True)
    price = AmountField(
        null=True, blank=True, help_text="Of the whole bundle, in minor units, before fees and tax; empty: by percent."
    )
    ppm = models.PositiveIntegerField(default=0, help_text="Millionths off the single prices, where it has no price.")
    max_per_order = models.PositiveSmallIntegerField(default=5)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    objects = BundleQuerySet.as_manager()

    class Meta:
        ordering = ["event", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="bundle_once_per_name"),
            models.CheckConstraint(
                condition=Q(price__isnull=True, ppm__gte=1, ppm__lte=1_000_000) | Q(price__gte=0, ppm=0),
                name="bundle_price_or_percent",
            ),
            models.CheckConstraint(condition=Q(max_per_order__gte=1), name="bundle_order_limit"),
        ]

    def __str__(self) -> str:
        return self.name


class BundleLine(BaseModel):
    """So many tickets of one type in a bundle."""

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="lines", db_index=False)
    ticket_type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="bundle_lines")
    count = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["bundle", "created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "ticket_type"], name="bundleline_once_per_type"),
            models.CheckConstraint(condition=Q(count__gte=1), name="bundleline_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.ticket_type}"
