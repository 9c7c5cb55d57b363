"""Receipts and credit notes, and the series that numbers them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from trufan.lib.models import BaseModel
from trufan.lib.money import AmountField, CurrencyField
from venues.models import Venue


class ReceiptSeries(BaseModel):
    """The last number that a venue gave. Its row is locked while the next one is given, and by nothing else."""

    venue = models.OneToOneField(Venue, on_delete=models.PROTECT, related_name="receipt_series")
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "receipt series"
        constraints = [models.CheckConstraint(condition=Q(last_number__gte=0), name="series_not_negative")]

    def __str__(self) -> str:
        return f"{self.venue} up to {self.last_number}"


class Receipt(BaseModel):
    """One paper, as it was issued: never changed, never deleted. Who the buyer is stands on what was sold alone.

    Council Directive 2006/112/EC, article 226 (2), asks for "a sequential number, based on one or more series, which
    uniquely identifies the invoice", and article 219 treats a document that amends an invoice, "specifically and
    unambiguously" naming it, as one. So credit notes stand in the same series, and say what they amend.
    """

    class Kind(models.TextChoices):
        SALE = "sale"
        TIP = "tip"
        PARKING = "parking"
        CREDIT_NOTE = "credit_note"

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="receipts", db_index=False)
    order = models.ForeignKey(
        "orders.Order",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="receipts",
        help_text="What it is shown with; empty: it was sold without an order.",
    )
    kind = models.CharField(max_length=12, choices=Kind)
    number = models.PositiveIntegerField()
    subject_id = models.UUIDField(unique=True, help_text="What it is for: the payable or the payment's refund.")
    amends = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="credit_notes", help_text="The receipt."
    )
    issued_at = models.DateTimeField()
    happened_at = models.DateTimeField(help_text="When the money came, or went back.")
    currency = CurrencyField()
    amount = AmountField(help_text="What was paid; of a credit note, what went back.")
    contents = models.JSONField(help_text="The venue, the lines and the tax, as they were.")

    class Meta:
        ordering = ["venue", "number"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "number"], name="receipt_once_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="receipt_number_positive"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_amount_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=["sale", "tip", "parking", "credit_note"]), name="receipt_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["sale", "tip"], order__isnull=False)
                | Q(kind="parking", order=None)
                | Q(kind="credit_note"),
                name="receipt_of_an_order",
            ),
            models.CheckConstraint(
                condition=Q(kind="credit_note", amends__isnull=False) | ~Q(kind="credit_note") & Q(amends=None),
                name="receipt_credit_note_amends",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The number as it is printed."""
        return f"{self.number:06d}"
