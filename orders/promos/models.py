"""Promo codes and their uses."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from trufan.lib.models import BaseModel
from trufan.lib.money import AmountField
from venues.models import FeeRule, Venue


class PromoCode(BaseModel):
    """A word that takes something off a cart. `used` counts its uses, those of pending orders included."""

    class Kind(models.TextChoices):
        PERCENT = "percent", "percent off"
        FIXED = "fixed", "amount off"
        FREE_ITEM = "free_item", "free item"
        PARKING = "parking", "parking validation"

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="promo_codes", db_index=False)
    code = models.CharField(max_length=40, help_text="Capital letters, digits, - and _; typed in any case.")
    name = models.CharField(max_length=120, blank=True, help_text="What it is for; buyers do not see it.")
    batch = models.CharField(max_length=60, blank=True, editable=False, help_text="What it was generated with.")
    kind = models.CharField(max_length=12, choices=Kind)
    ppm = models.PositiveIntegerField(
        default=0, help_text="Percent off and parking: of the price, in millionths (10 % is 100000)."
    )
    amount = AmountField(default=0, help_text="Amount off: of the whole order, in minor units.")
    pieces = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="Free item: how many pieces, the cheapest first."
    )
    maximum = AmountField(null=True, blank=True, help_text="At most so much off; empty: no limit.")
    event = models.ForeignKey(
        "events.Event", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Only for this."
    )
    item_type = models.CharField(
        max_length=20, choices=FeeRule.Kind, blank=True, help_text="Only for lines of this kind."
    )
    outlet = models.ForeignKey(
        "orders.Outlet", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Only for this."
    )
    product = models.ForeignKey(
        "orders.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Only for this."
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    total_limit = models.PositiveIntegerField(null=True, blank=True, help_text="How many orders may use it.")
    per_person_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many orders of one account or e-mail address may."
    )
    used = models.PositiveIntegerField(default=0, editable=False)
    is_stackable = models.BooleanField(default=False, help_text="May stand beside other codes that may.")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["venue", "-created_at", "code"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "code"], name="promo_once_per_code"),
            models.CheckConstraint(
                condition=(Q(kind__in=["percent", "parking"], ppm__gte=1, ppm__lte=1_000_000))
                | Q(kind="fixed", amount__gte=1)
                | Q(kind="free_item", pieces__gte=1),
                name="promo_takes_something",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="promo_window"
            ),
            models.CheckConstraint(
                condition=Q(total_limit=None) | Q(used__lte=F("total_limit")), name="promo_never_overused"
            ),
        ]
        indexes = [models.Index(fields=["venue", "batch"], name="promo_batch")]

    def __str__(self) -> str:
        return self.code

    def is_open(self, now: datetime) -> bool:
        """Whether it may be used at `now`; how often is another question."""
        return (
            self.is_active
            and (self.starts_at is None or self.starts_at <= now)
            and (self.ends_at is None or now < self.ends_at)
        )

    @property
    def is_used_up(self) -> bool:
        return self.total_limit is not None and self.used >= self.total_limit

    def is_for(self, item_type: str, belongs_to: frozenset[UUID]) -> bool:
        """Whether a line of this type, which is part of these, is one that it takes something off."""
        if self.kind == self.Kind.PARKING and item_type != FeeRule.Kind.PARKING:
            return False
        wanted = {scope for scope in (self.event_id, self.outlet_id, self.product_id) if scope is not None}
        return (not self.item_type or self.item_type == item_type) and wanted <= belongs_to


class PromoUse(BaseModel):
    """One order's use of a code: held while the order is pending, given back when it ends unpaid."""

    class Status(models.TextChoices):
        HELD = "held"
        USED = "used"
        RELEASED = "released"

    promo = models.ForeignKey(PromoCode, on_delete=models.PROTECT, related_name="uses")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="promo_uses", db_index=False)
    discount = AmountField(help_text="What it took off the order.")
    status = models.CharField(max_length=10, choices=Status, default=Status.HELD)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "promo"], name="promouse_once_per_order"),
            models.CheckConstraint(condition=Q(discount__gte=0), name="promouse_discount_not_negative"),
            models.CheckConstraint(condition=Q(status__in=["held", "used", "released"]), name="promouse_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.promo_id} in {self.order_id}"
