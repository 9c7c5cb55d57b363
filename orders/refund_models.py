"""The tables of refunds: what was asked to go back of an order, and the pieces of its lines."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from trufan.lib.models import BaseModel
from trufan.lib.money import AmountField

if TYPE_CHECKING:
    from payments.models import Refund


class OrderRefund(BaseModel):
    """What was asked to go back of an order. The money goes by its `parts`; without any, nothing was to be paid.

    Its lines are claimed while it is pending, taken back once all of its money went, and free again if none goes.
    """

    class Kind(models.TextChoices):
        FULL = "full"
        LINES = "lines"
        AMOUNT = "amount"
        # Nobody asked for it: money that came late, twice or wrong, or that went back at the provider.
        HOUSE = "house"

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CAME_BACK = "came_back"

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="refunds")
    kind = models.CharField(max_length=10, choices=Kind)
    amount = AmountField(help_text="What goes back.")
    kept = AmountField(default=0, help_text="What the venue keeps of the lines.")
    tip = AmountField(default=0, help_text="The tip that it takes back, where no food is left.")
    reason = models.CharField(max_length=200)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_buyer = models.BooleanField(default=False, help_text="Asked for by the buyer, under the venue's policy.")
    parts = models.ManyToManyField("payments.Refund", related_name="order_refunds")

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0, kept__gte=0), name="orderrefund_not_negative"),
            models.CheckConstraint(condition=Q(tip__gte=0), name="orderrefund_tip_not_negative"),
            models.CheckConstraint(
                condition=Q(kind__in=["full", "lines", "amount", "house"]), name="orderrefund_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} ({self.kind})"

    @property
    def status(self) -> str:
        """That of its money: failed if any part of it is, succeeded once all of it went."""
        parts = {part.status for part in self.present_parts}
        worst = (self.Status.FAILED, self.Status.CAME_BACK, self.Status.PENDING)
        return next((one for one in worst if one in parts), self.Status.SUCCEEDED)

    @property
    def present_parts(self) -> list[Refund]:
        """Without those that came back and were sent again."""
        replaced = {part.replaces_id for part in self.parts.all()}
        return [part for part in self.parts.all() if part.pk not in replaced]

    @property
    def settled_at(self) -> datetime | None:
        """When the last of its money had gone; what cost nothing went at once. None until then."""
        if self.status != self.Status.SUCCEEDED:
            return None
        return max((part.settled_at for part in self.parts.all() if part.settled_at), default=self.created_at)

    @property
    def has_lapsed(self) -> bool:
        """Whether none of its money goes any more, so that its lines may be refunded anew."""
        return {part.status for part in self.parts.all()} == {self.Status.FAILED}


class RefundLine(BaseModel):
    """Pieces of one line in a refund: what they cost (`value`, of it `fee`), what is kept and what goes back."""

    refund = models.ForeignKey(OrderRefund, on_delete=models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("orders.OrderItem", on_delete=models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField()
    value = AmountField()
    fee = AmountField(default=0)
    kept = AmountField(default=0)
    amount = AmountField()
    things = models.JSONField(default=list, blank=True, help_text="Ids of the tickets that go back.")

    class Meta:
        ordering = ["refund", "item__position"]
        constraints = [
            models.UniqueConstraint(fields=["refund", "item"], name="refundline_once_per_item"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="refundline_quantity_positive"),
            models.CheckConstraint(
                condition=Q(fee__gte=0, kept__gte=0, amount__gte=0, value__gte=models.F("amount") + models.F("kept")),
                name="refundline_within_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item_id}"
