"""The rollup of shares and payouts."""

from __future__ import annotations

from django.db import models

from reports.rollups.base import DayRow
from trufan.lib.money import AmountField
from trufan.lib.words import lazy as _


class PayoutDay(DayRow):
    """What one day did to what one recipient is owed. All amounts are positive in the direction of their name."""

    recipient_id = models.UUIDField(
        null=True, blank=True, help_text=_("Empty: the platform, and what was not divided.")
    )
    charged = AmountField(default=0, help_text=_("What payers paid; it is nobody's until it is shared."))
    shared = AmountField(
        default=0, help_text=_("Its share of what was charged; without a recipient, the platform's fee.")
    )
    borne = AmountField(default=0, help_text=_("What refunds took of it, less what came back."))
    disputed = AmountField(default=0, help_text=_("What disputes hold of it, less what they released."))
    transferred = AmountField(default=0, help_text=_("Sent to it by the provider."))
    kept_at_till = AmountField(default=0, help_text=_("What it took itself and kept."))
    reversed = AmountField(default=0, help_text=_("Taken back of transfers and out of the till."))
    fee_returned = AmountField(default=0, help_text=_("Owed to it because it paid the platform's part back itself."))
    debt = AmountField(default=0, help_text=_("By how much its debt grew."))
    dispute_fees = AmountField(default=0, help_text=_("What the provider took for disputes, less what it returned."))
    balance = AmountField(default=0, help_text=_("By how much what it is owed grew, less its debt."))

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of payouts"
        verbose_name_plural = "days of payouts"
        indexes = [models.Index(fields=["venue_id", "day"], name="payoutday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.recipient_id or 'platform'}"
