"""Payers who ask their bank for the money back, and how that ends."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from payments.querysets import AWAITING_ANSWER, DISPUTED, DisputeQuerySet
from trufan.lib import words
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField, CurrencyField, show

#: An answer that is due within this time is marked in the console.
DUE_SOON = timedelta(days=3)


class Dispute(Stateful, BaseModel):
    """A payer's claim at the bank, by the provider's names. An inquiry (`warning_…`) asks, and moves no money.

    `amount` is the claim as the provider has it, `amount_held` what of the payment's own sum it holds or has taken.
    """

    class Status(models.TextChoices):
        WARNING_NEEDS_RESPONSE = "warning_needs_response"
        WARNING_UNDER_REVIEW = "warning_under_review"
        WARNING_CLOSED = "warning_closed"
        NEEDS_RESPONSE = "needs_response"
        UNDER_REVIEW = "under_review"
        APPEAL_NEEDS_RESPONSE = "appeal_needs_response"
        APPEAL_UNDER_REVIEW = "appeal_under_review"
        WON = "won"
        LOST = "lost"
        PREVENTED = "prevented"

    class Stage(models.TextChoices):
        """What a status means for everything else: the payment, its recipients, and what was paid for."""

        WARNING = "warning"
        OPEN = "open"
        WON = "won"
        LOST = "lost"
        CLOSED = "closed", "closed without a chargeback"

    _DECIDED = frozenset({Status.WON, Status.LOST})
    _REVIEWED = _DECIDED | {Status.UNDER_REVIEW, Status.PREVENTED}
    _APPEALED = frozenset({Status.APPEAL_NEEDS_RESPONSE, Status.APPEAL_UNDER_REVIEW})
    MOVES = {
        Status.WARNING_NEEDS_RESPONSE: _REVIEWED
        | {Status.WARNING_UNDER_REVIEW, Status.WARNING_CLOSED, Status.NEEDS_RESPONSE},
        Status.WARNING_UNDER_REVIEW: _REVIEWED | {Status.WARNING_CLOSED, Status.NEEDS_RESPONSE},
        # An inquiry that was closed may still become a chargeback.
        Status.WARNING_CLOSED: _REVIEWED | {Status.NEEDS_RESPONSE},
        Status.NEEDS_RESPONSE: _REVIEWED | _APPEALED,
        Status.UNDER_REVIEW: _DECIDED | _APPEALED,
        Status.APPEAL_NEEDS_RESPONSE: _DECIDED | {Status.APPEAL_UNDER_REVIEW},
        Status.APPEAL_UNDER_REVIEW: _DECIDED,
        # A bank may change its mind; an older answer that comes late never leads back to an open dispute.
        Status.LOST: _APPEALED | {Status.WON},
        Status.WON: frozenset({Status.LOST}),
        Status.PREVENTED: frozenset(),
    }

    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, related_name="disputes")
    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=120)
    amount = AmountField(help_text="The claim, in minor units of `currency`.")
    amount_held = AmountField(default=0, help_text="What of the payment it holds or has taken.")
    currency = CurrencyField()
    fee = AmountField(default=0, help_text="What the provider took for it, beside the amount.")
    fee_returned = AmountField(default=0)
    fee_currency = CurrencyField(blank=True)
    reason = models.CharField(max_length=60, blank=True, help_text="By the provider's name: fraudulent, duplicate, …")
    status = models.CharField(max_length=30, choices=Status)
    told = models.CharField(
        max_length=10, choices=Stage, blank=True, help_text="The stage that the payable was last told of."
    )
    evidence_due_by = models.DateTimeField(null=True, blank=True)
    evidence = models.TextField(blank=True, help_text="What we answered.")
    answers = models.PositiveSmallIntegerField(
        default=0, help_text="How many answers the provider was sent; each is a request under a key of its own."
    )
    opened_at = models.DateTimeField(help_text="By the provider's clock.")
    answered_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True, help_text="Since when it holds a part of the payment.")
    funds_withdrawn_at = models.DateTimeField(null=True, blank=True)
    funds_reinstated_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(help_text="When the provider was last asked about it.")

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="dispute_once_per_provider_id"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_amount_positive"),
            models.CheckConstraint(condition=Q(amount_held__gte=0), name="dispute_held_not_negative"),
            models.CheckConstraint(
                condition=Q(amount_held=0) | Q(held_at__isnull=False), name="dispute_held_has_a_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["evidence_due_by"], condition=Q(status__in=AWAITING_ANSWER), name="dispute_awaiting_answer"
            ),
            models.Index(
                fields=["checked_at"], condition=~Q(status__in=["won", "lost", "prevented"]), name="dispute_undecided"
            ),
        ]

    def __str__(self) -> str:
        return f"{show(self.amount, self.currency)} ({words.within(self.status)})"

    @property
    def stage(self) -> Dispute.Stage:
        if self.status in DISPUTED:
            return self.Stage.OPEN
        if self.status == self.Status.PREVENTED:
            # Settled with the payer before it became a chargeback; the money may have gone all the same.
            gone = self.funds_withdrawn_at and not self.funds_reinstated_at
            return self.Stage.LOST if gone else self.Stage.CLOSED
        return _STAGES[self.Status(self.status)]

    @property
    def needs_answer(self) -> bool:
        return self.status in AWAITING_ANSWER

    @property
    def answer_key(self) -> str:
        """The provider's key for the answer that was given last: `answers` is counted up before the call."""
        return f"dispute-{self.pk}-{self.answers}"

    def urgency(self, now: datetime) -> str:
        """ "overdue" or "soon" where an answer is asked for and the time runs out; else nothing."""
        if not self.needs_answer or self.evidence_due_by is None:
            return ""
        if self.evidence_due_by <= now:
            return "overdue"
        return "soon" if self.evidence_due_by <= now + DUE_SOON else ""


_STAGES = {
    Dispute.Status.WARNING_NEEDS_RESPONSE: Dispute.Stage.WARNING,
    Dispute.Status.WARNING_UNDER_REVIEW: Dispute.Stage.WARNING,
    Dispute.Status.WARNING_CLOSED: Dispute.Stage.CLOSED,
    Dispute.Status.WON: Dispute.Stage.WON,
    Dispute.Status.LOST: Dispute.Stage.LOST,
}


class SandboxDispute(BaseModel):
    """A dispute in the sandbox provider's own book."""

    intent = models.ForeignKey("payments.SandboxIntent", on_delete=models.CASCADE, related_name="disputes")
    amount = AmountField()
    status = models.CharField(max_length=30)
    reason = models.CharField(max_length=60)
    evidence = models.TextField(blank=True)
    due_by = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    reinstated_at = models.DateTimeField(null=True, blank=True)
    webhook_due_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["webhook_due_at"], condition=~Q(webhook_due_at=None), name="sandbox_dispute_webhook")
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} ({self.status})"

    @property
    def provider_id(self) -> str:
        return f"du_sandbox_{self.pk.hex}"
