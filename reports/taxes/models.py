"""The rollup of tax."""

from __future__ import annotations

from django.db import models

from reports.rollups.base import DayRow
from reports.sales.models import SalesDay
from trufan.lib.money import AmountField
from trufan.lib.words import lazy as _


class TaxDay(DayRow):
    """What one rate came to on one day, on one kind of thing."""

    kind = models.CharField(max_length=12, choices=SalesDay.Kind)
    #: As the receipts name it. A rate that is renamed or changed is another to whoever files it.
    rate = models.CharField(
        max_length=150, blank=True, help_text=_("Millionths and name, `88750:Sales tax`; empty: none.")
    )
    net = AmountField(default=0, help_text=_("Charged, without tax: what the rate is on."))
    tax = AmountField(default=0)
    refunded_net = AmountField(default=0, help_text=_("Given back on this day, without tax; less what came back."))
    refunded_tax = AmountField(default=0)

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of tax"
        verbose_name_plural = "days of tax"
        indexes = [models.Index(fields=["venue_id", "day"], name="taxday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.rate}"
