"""The rollup of sales."""

from __future__ import annotations

from django.db import models

from reports.rollups.base import DayRow
from trufan.lib.money import AmountField
from trufan.lib.words import lazy as _


class SalesDay(DayRow):
    """What was charged and given back on one day, by what it was for."""

    class Kind(models.TextChoices):
        TICKET = "ticket", "tickets"
        FOOD = "food", "food and drink"
        MERCHANDISE = "merchandise"
        PARKING = "parking"
        TIP = "tip", "tips"
        #: Given back beyond any line; charged without a sale, such as twice.
        OTHER = "other", "other money"

    kind = models.CharField(max_length=12, choices=Kind)
    channel = models.CharField(max_length=8, blank=True, help_text=_("How it was sold (`Order.channel`)."))
    event_id = models.UUIDField(null=True, blank=True, help_text=_("Whose ticket, or for which it was bought."))
    item_id = models.UUIDField(null=True, blank=True, help_text=_("The ticket type, the variant, the lot."))
    quantity = models.BigIntegerField(default=0)
    gross = AmountField(default=0, help_text=_("Charged, tax included."))
    net = AmountField(default=0, help_text=_("Of it without tax."))
    tax = AmountField(default=0)
    discount = AmountField(default=0, help_text=_("What codes took off, not part of it."))
    fees = AmountField(default=0, help_text=_("Of it fees and service charges, before tax on top."))
    refunded = AmountField(default=0, help_text=_("Sent back on this day, whenever it was sold; less what came back."))
    quantity_refunded = models.BigIntegerField(default=0)

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of sales"
        verbose_name_plural = "days of sales"
        indexes = [models.Index(fields=["venue_id", "day"], name="salesday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"
