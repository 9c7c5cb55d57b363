"""The rollup of promo codes."""

from __future__ import annotations

from django.db import models

from reports.rollups.base import DayRow
from trufan.lib.money import AmountField
from trufan.lib.words import lazy as _


class PromoDay(DayRow):
    """What one code did on one day."""

    promo_id = models.UUIDField()
    uses = models.BigIntegerField(default=0, help_text=_("Orders and stays paid with it."))
    discount = AmountField(default=0)
    revenue = AmountField(default=0, help_text=_("What they came to; divided where several codes stood together."))
    refunded = AmountField(default=0, help_text=_("Given back on this day of what was bought with it."))

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of a promo code"
        verbose_name_plural = "days of promo codes"
        indexes = [models.Index(fields=["venue_id", "day"], name="promoday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.promo_id}"
