"""Which orders are of the same buyer, and the rollup of buyers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext

from reports.rollups.base import DayRow
from trufan.lib.money import AmountField, CurrencyField
from trufan.lib.words import lazy as _


class BuyerOfOrder(models.Model):
    """That an order was paid, and by the same buyer as others with this `key` at the venue.

    Written once, with the payment: what becomes of the order, or of the person, does not unmake it. The key is a keyed
    hash (`fans.keys`); an erased person's is replaced by a random one, which nobody can trace.
    """

    order_id = models.UUIDField(primary_key=True)
    venue_id = models.UUIDField()
    key = models.CharField(max_length=32, blank=True, help_text=_("Empty: nobody knows whose order it is."))
    at = models.DateTimeField(help_text=_("When it was paid."))
    amount = AmountField()
    currency = CurrencyField()

    class Meta:
        indexes = [
            models.Index(fields=["venue_id", "at"], name="buyer_at"),
            models.Index(fields=["venue_id", "key", "at"], name="buyer_key"),
        ]

    def __str__(self) -> str:
        return gettext("order {order_id}").format(order_id=self.order_id)


class FanDay(DayRow):
    """Buyers of one day, by the last day before on which they bought at this venue.

    Whoever bought on several days of a period is in several rows, and only one of them has a `previous` before its
    beginning: the sum of those is the number of people, whatever the period.
    """

    previous = models.DateField(null=True, blank=True, help_text=_("Empty: they had never bought here before."))
    buyers = models.BigIntegerField(default=0)
    orders = models.BigIntegerField(default=0)
    spent = AmountField(default=0, help_text=_("By them, with tax and tip."))
    unknown_orders = models.BigIntegerField(default=0, help_text=_("Of nobody knows whom, as at the box office."))
    unknown_spent = AmountField(default=0)
    refunded = AmountField(default=0, help_text=_("Given back on this day of any order; less what came back."))

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of fans"
        verbose_name_plural = "days of fans"
        indexes = [models.Index(fields=["venue_id", "day"], name="fanday_day")]

    def __str__(self) -> str:
        return gettext("{day} after {previous}").format(day=self.day, previous=self.previous)
