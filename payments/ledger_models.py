"""The books: a journal of everything that moved money or changed who it belongs to, kept by double entry.

A `JournalEntry` is one movement; its `LedgerLine`s say which accounts it touched. Amounts are signed, **debit is
positive and credit negative**, and those of one entry sum to zero in its one currency. Nothing is ever changed or
deleted: a mistake is corrected by a counter-entry. The database refuses what breaks these rules
(`ledger_protection.py`), `ledger.py` is the only place that writes, and `manage.py check_books` proves both.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.grants import Permission
from audit.models import AppendOnlyModel, AppendOnlyQuerySet
from payments.share_models import ConnectedAccount
from trufan.lib.ids import uuid7
from trufan.lib.money import AmountField, CurrencyField, show


class JournalQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: Any, permission: str = Permission.VIEW_PAYMENTS) -> JournalQuerySet:
        return self if user.is_superuser else self.filter(venue_id__in=user.venues_where(permission))


class JournalEntry(AppendOnlyModel):
    """One movement, under a `reference` that no other has: what is posted twice is written once."""

    class Kind(models.TextChoices):
        CHARGE = "charge"
        SHARE = "share"
        REFUND = "refund"
        REFUND_RETURN = "refund_return", "refund came back"
        TRANSFER = "transfer"
        REVERSAL = "reversal"
        DEBT = "debt"
        DEBT_REPAYMENT = "debt_repayment", "debt paid off"
        DEBT_FORGIVEN = "debt_forgiven", "debt forgiven"
        DISPUTE_HOLD = "dispute_hold", "held for a dispute"
        DISPUTE_RELEASE = "dispute_release", "released by a dispute"
        DISPUTE_WITHDRAWAL = "dispute_withdrawal", "withdrawn for a dispute"
        DISPUTE_RETURN = "dispute_return", "reinstated after a dispute"
        DISPUTE_FEE = "dispute_fee", "fee for a dispute"
        TILL = "till", "kept from the till"
        TILL_BACK = "till_back", "paid back out of the till"
        FEE_RETURN = "fee_return", "fee returned"

    id = models.UUIDField(primary_key=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    occurred_at = models.DateTimeField(help_text="When it was booked: a period that has ended never changes.")
    kind = models.CharField(max_length=20, choices=Kind)
    reference = models.CharField(max_length=160, unique=True, help_text="What makes the movement the only one.")
    venue_id = models.UUIDField(help_text="The tenant whose staff may see the row.")
    payment = models.ForeignKey(
        "payments.Payment", on_delete=models.PROTECT, null=True, blank=True, related_name="journal_entries"
    )
    source_type = models.CharField(max_length=20, help_text="The row that moved: payment, refund, transfer, …")
    source_id = models.UUIDField()
    currency = CurrencyField()
    counter_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="counter_entries", db_index=False,
        help_text="The entry that this one undoes.",
    )  # fmt: skip
    reason = models.CharField(max_length=255, blank=True, help_text="Why it corrects another.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="Who corrected; empty: the movement itself.",
    )  # fmt: skip

    objects = JournalQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-id"]
        verbose_name = "journal entry"
        verbose_name_plural = "journal entries"
        constraints = [
            models.UniqueConstraint(
                fields=["counter_of"], condition=Q(counter_of__isnull=False), name="entry_countered_once"
            ),
            models.CheckConstraint(
                condition=Q(counter_of=None) | ~Q(counter_of=F("id")), name="entry_counters_another"
            ),
        ]
        indexes = [
            models.Index(fields=["venue_id", "-occurred_at"], name="entry_venue"),
            models.Index(fields=["-occurred_at", "-id"], name="entry_newest"),
        ]

    def __str__(self) -> str:
        return self.reference


class LedgerLine(AppendOnlyModel):
    """What one entry does to one account; a debit is positive, a credit negative.

    `currency` and `occurred_at` are its entry's, kept here so that a balance reads one table.
    """

    class Account(models.TextChoices):
        GATEWAY = "gateway", "cash at the provider"
        UNALLOCATED = "unallocated", "received, not divided"
        OWED = "owed", "owed to recipients"
        DEBTS = "debts", "owed by recipients"
        DISPUTES = "disputes", "in dispute"
        PLATFORM_FEES = "platform_fees", "platform's share"
        DISPUTE_FEES = "dispute_fees", "provider's dispute fees"
        TILL = "till", "in venues' tills"

    #: The accounts that are kept for each recipient.
    PERSONAL = (Account.OWED, Account.DEBTS)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    account = models.CharField(max_length=20, choices=Account)
    recipient = models.ForeignKey(
        ConnectedAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_lines", db_index=False
    )
    amount = AmountField()
    currency = CurrencyField()
    occurred_at = models.DateTimeField()

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["entry", "position"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "position"], name="line_once_per_position"),
            models.CheckConstraint(condition=~Q(amount=0), name="line_amount_not_zero"),
            models.CheckConstraint(
                condition=Q(account__in=["owed", "debts"], recipient__isnull=False)
                | (~Q(account__in=["owed", "debts"]) & Q(recipient__isnull=True)),
                name="line_recipient_where_personal",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "occurred_at"], condition=Q(recipient__isnull=False), name="line_recipient"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {show(self.amount, self.currency)}"
