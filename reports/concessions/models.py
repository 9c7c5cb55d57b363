"""The rollups of outlets: what they sold, and how long their orders took."""

from __future__ import annotations

from django.db import models

from reports.rollups.base import DayRow
from reports.sales.models import SalesDay
from trufan.lib.money import AmountField
from trufan.lib.words import lazy as _


class ConcessionDay(DayRow):
    """Food and merchandise, by the hour of the venue's clock in which the money moved."""

    outlet_id = models.UUIDField(null=True, blank=True)
    item_id = models.UUIDField(help_text=_("The variant."))
    kind = models.CharField(max_length=12, choices=SalesDay.Kind)
    hour = models.SmallIntegerField()
    quantity = models.BigIntegerField(default=0)
    gross = AmountField(default=0, help_text=_("Charged, tax included."))
    refunded = AmountField(default=0, help_text=_("Sent back in this hour, whenever it was sold."))
    quantity_refunded = models.BigIntegerField(default=0)

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of an outlet"
        verbose_name_plural = "days of outlets"
        indexes = [models.Index(fields=["venue_id", "day"], name="concessionday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.hour}:00 {self.item_id}"


class KitchenDay(DayRow):
    """Orders by the hour in which they came, and how long they took until they were ready.

    A median cannot be summed, but counts can: each order counts in the bucket of its length, and a median or any other
    part of them is read from the counts of any days together, true to the width of a bucket.
    """

    outlet_id = models.UUIDField()
    hour = models.SmallIntegerField()
    bucket = models.IntegerField(help_text=_("Seconds from which the bucket goes up; -1: never made."))
    made = models.BigIntegerField(default=0)
    seconds = models.BigIntegerField(default=0, help_text=_("From placed until ready, all together."))
    late = models.BigIntegerField(default=0, help_text=_("Of them ready after they were promised."))
    refused = models.BigIntegerField(default=0, help_text=_("Refused or cancelled, unmade."))

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of a kitchen"
        verbose_name_plural = "days of kitchens"
        indexes = [models.Index(fields=["venue_id", "day"], name="kitchenday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.hour}:00 {self.outlet_id}"
