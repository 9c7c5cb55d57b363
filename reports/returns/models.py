"""The rollup of refunds and disputes."""

from __future__ import annotations

from django.db import models

from reports.rollups.base import DayRow
from trufan.lib.money import AmountField
from trufan.lib.words import lazy as _


class ReturnDay(DayRow):
    """Money that was given back or asked for at a bank on one day, by why and by whom."""

    class What(models.TextChoices):
        REFUND = "refund", "refunds"
        RETURNED = "returned", "refunds that came back"
        #: What had cost nothing, so that no money went.
        FREE = "free", "given back for nothing"
        DISPUTE = "dispute", "disputes"

    class By(models.TextChoices):
        BUYER = "buyer", "the buyer"
        STAFF = "staff", "staff"
        HOUSE = "house", "nobody"
        BANK = "bank", "the bank"

    what = models.CharField(max_length=10, choices=What)
    reason = models.CharField(
        max_length=60, blank=True, help_text=_("What was refunded, or the bank's reason by its code.")
    )
    state = models.CharField(max_length=10, blank=True, help_text=_("What a dispute has come to by now."))
    asked_by = models.CharField(max_length=6, choices=By)
    count = models.BigIntegerField(
        default=0, help_text=_("Refunds on the day they went, disputes on the day they began.")
    )
    amount = AmountField(
        default=0, help_text=_("Gone on this day, by refunds or held by disputes; less what came back.")
    )
    claimed = AmountField(default=0, help_text=_("What disputes that began on this day claim."))
    fees = AmountField(
        default=0, help_text=_("What the provider took for disputes on this day, less what it returned.")
    )

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of refunds"
        verbose_name_plural = "days of refunds"
        indexes = [models.Index(fields=["venue_id", "day"], name="returnday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.what}"
