"""Money that came, money that went back, and what the providers told us."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from payments.dispute_models import Dispute as Dispute
from payments.dispute_models import SandboxDispute as SandboxDispute
from payments.ledger_models import JournalEntry as JournalEntry
from payments.ledger_models import LedgerLine as LedgerLine
from payments.payable import Payable, payable_model
from payments.querysets import OPEN, RETRYABLE, PaymentQuerySet, RefundQuerySet
from payments.reconciliation_models import ReconciliationFinding as ReconciliationFinding
from payments.reconciliation_models import ReconciliationRun as ReconciliationRun
from payments.share_models import ConnectedAccount as ConnectedAccount
from payments.share_models import DebtRepayment as DebtRepayment
from payments.share_models import PaymentSplit as PaymentSplit
from payments.share_models import RecipientDebt as RecipientDebt
from payments.share_models import RefundShare as RefundShare
from payments.share_models import SandboxAccount as SandboxAccount
from payments.share_models import SandboxReversal as SandboxReversal
from payments.share_models import SandboxTransfer as SandboxTransfer
from payments.share_models import Transfer as Transfer
from payments.share_models import TransferReversal as TransferReversal
from trufan.lib import words
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField, CurrencyField, show

#: Why a payment is held: what the provider has is not what we asked for.
AMOUNT_MISMATCH = "amount_mismatch"
#: The provider of what the venue's own staff took, in cash or on their own card terminal: no gateway has any of it.
TILL = "till"


class Payment(Stateful, BaseModel):
    """One attempt to charge for one payable. `created` until the gateway first answered."""

    class Status(models.TextChoices):
        CREATED = "created"
        REQUIRES_ACTION = "requires_action"
        PROCESSING = "processing"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    MOVES = {
        Status.CREATED: frozenset(
            {Status.REQUIRES_ACTION, Status.PROCESSING, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}
        ),
        Status.REQUIRES_ACTION: frozenset({Status.PROCESSING, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}),
        Status.PROCESSING: frozenset({Status.REQUIRES_ACTION, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}),
        # A provider may still collect what it called failed or what we cancelled a moment too late; and what failed may
        # be tried again by its payer (`can_retry`), until it is cancelled.
        Status.FAILED: frozenset({Status.REQUIRES_ACTION, Status.PROCESSING, Status.SUCCEEDED, Status.CANCELLED}),
        Status.CANCELLED: frozenset({Status.SUCCEEDED}),
        Status.SUCCEEDED: frozenset(),
    }

    payable_type = models.CharField(max_length=30)
    payable_id = models.UUIDField()
    venue_id = models.UUIDField(help_text="The tenant whose staff may see the row.")
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        db_index=False,
    )
    reference = models.CharField(max_length=40, help_text="What is paid for, in the payer's words: the order's number.")
    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=120, null=True, blank=True)
    payment_method = models.CharField(max_length=80, blank=True)
    client_secret = models.CharField(max_length=200, blank=True)
    amount = AmountField()
    amount_refunded = AmountField(default=0)
    amount_disputed = AmountField(default=0, help_text="What disputes hold of it, or have taken for good.")
    currency = CurrencyField()
    status = models.CharField(max_length=20, choices=Status, default=Status.CREATED)
    counted = models.BooleanField(
        default=False, help_text="Whether `amount_paid` of the payable includes it; a second payment does not count."
    )
    failure_code = models.CharField(max_length=60, blank=True)
    failure_message = models.CharField(max_length=255, blank=True)
    can_retry = models.BooleanField(
        default=False,
        help_text="It failed, but the payer may still pay it by another card: the provider keeps it open.",
    )
    asked_amount = AmountField(
        null=True,
        blank=True,
        help_text="What the provider was asked to change the amount to, until its answer is known.",
    )
    round = models.PositiveSmallIntegerField(
        default=1, help_text="How many keys creating it took: one that replays an error is not used again."
    )
    changes = models.PositiveSmallIntegerField(
        default=0, help_text="How many changes the provider was asked for; each is a request under a key of its own."
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When the gateway was last asked about it."
    )

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="payment_once_per_provider_id"),
            models.UniqueConstraint(
                fields=["payable_type", "payable_id"],
                condition=Q(status__in=OPEN),
                name="payment_one_open_per_payable",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(amount_refunded__gte=0) & Q(amount_refunded__lte=F("amount")),
                name="payment_refunded_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(amount_disputed__gte=0) & Q(amount_disputed__lte=F("amount")),
                name="payment_disputed_within_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["payable_type", "payable_id"], name="payment_payable"),
            models.Index(fields=["venue_id", "-created_at"], name="payment_venue"),
            models.Index(fields=["payer", "-created_at"], name="payment_payer"),
            # What was taken since midnight, of a venue.
            models.Index(fields=["venue_id", "settled_at"], name="payment_settled"),
            models.Index(fields=["-created_at", "-id"], name="payment_newest"),
            models.Index(fields=["reference"], opclasses=["varchar_pattern_ops"], name="payment_reference"),
            models.Index(
                fields=["checked_at"],
                condition=Q(status__in=OPEN),
                name="payment_open",
            ),
            models.Index(fields=["checked_at"], condition=RETRYABLE, name="payment_retryable"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {show(self.amount, self.currency)} ({words.within(self.status)})"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def at_till(self) -> bool:
        """Whether the venue took the money itself."""
        return self.provider == TILL

    @property
    def is_held(self) -> bool:
        """Whether the provider has another amount than ours, and a person is to decide."""
        return self.failure_code == AMOUNT_MISMATCH and self.status != self.Status.SUCCEEDED

    @property
    def is_live(self) -> bool:
        """Whether the payer may still bring it to something at the provider."""
        return self.is_open or (self.status == self.Status.FAILED and self.can_retry)

    @property
    def amount_gone(self) -> int:
        """What left again, by refunds and disputes. A refund that crossed a dispute may send money back twice."""
        return min(self.amount, self.amount_refunded + self.amount_disputed)

    @property
    def idempotency_key(self) -> str:
        """The gateway's key for this attempt: known before the call, the same however often it is made."""
        return f"payment-{self.pk}" if self.round == 1 else f"payment-{self.pk}-{self.round}"

    @property
    def change_key(self) -> str:
        """The gateway's key for the change that was asked for last: `changes` is counted up before the call."""
        return f"{self.idempotency_key}-change-{self.changes}"

    def payable(self, *, lock: bool = False) -> Payable:
        """What is paid for; with `lock`, its row is held until the transaction ends."""
        model = payable_model(self.payable_type)
        rows: Any = model._default_manager.all()
        if model.payable_relations:
            rows = rows.select_related(*model.payable_relations)
        return (rows.select_for_update(of=("self",)) if lock else rows).get(pk=self.payable_id)


class Refund(Stateful, BaseModel):
    """Money on its way back. A pending one already counts against what is left of the payment.

    `came_back`: it had succeeded, and its bank returned it. The money is the house's again; paying it once more is
    another refund, which `replaces` this one.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CAME_BACK = "came_back"

    MOVES = {
        Status.PENDING: frozenset({Status.SUCCEEDED, Status.FAILED}),
        Status.FAILED: frozenset({Status.PENDING}),
        Status.SUCCEEDED: frozenset({Status.CAME_BACK}),
        Status.CAME_BACK: frozenset(),
    }

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount = AmountField()
    currency = CurrencyField()
    reason = models.CharField(max_length=255)
    lines = models.JSONField(
        default=dict,
        blank=True,
        help_text="What of it goes for which line, in minor units by the line's id; the rest is of the whole payment.",
    )
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    provider_id = models.CharField(max_length=120, null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    failure_message = models.CharField(max_length=255, blank=True)
    round = models.PositiveSmallIntegerField(
        default=1, help_text="A refused refund that is asked for again is a new request to the provider."
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(fields=["provider_id"], name="refund_once_per_provider_id"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(status="pending"), name="refund_due"),
            models.Index(fields=["settled_at"], name="refund_settled"),
            models.Index(fields=["payment"], condition=Q(status="failed"), name="refund_failed"),
        ]

    def __str__(self) -> str:
        return f"{show(self.amount, self.currency)} ({words.within(self.status)})"

    @property
    def may_retry(self) -> bool:
        """Whether its money is still the house's, and nobody has sent it again."""
        if self.status == self.Status.CAME_BACK:
            return not hasattr(self, "replaced_by")
        return self.status == self.Status.FAILED

    @property
    def idempotency_key(self) -> str:
        """The gateway's key for this round: the same however often the call is made."""
        return f"refund-{self.pk}-{self.round}"


class WebhookEvent(BaseModel):
    """What a provider told us: kept first and once, processed after, as often as it takes."""

    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=120)
    type = models.CharField(max_length=80)
    payload = models.JSONField()
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="webhook_events",
        help_text="The payment it told of, known once it was processed.",
    )
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["provider", "provider_id"], name="webhook_stored_once")]
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(processed_at=None), name="webhook_due")]

    def __str__(self) -> str:
        return f"{self.type} {self.provider_id}"


def new_secret() -> str:
    """What proves that a browser was handed this intent: 128 random bits."""
    return secrets.token_urlsafe(16)


class SandboxIntent(BaseModel):
    """The sandbox provider's own book: what a real provider would keep on its side of the wire."""

    key = models.CharField(max_length=120, unique=True, help_text="The idempotency key it was made under.")
    reference = models.UUIDField(db_index=True, help_text="The caller's own id of the payment, told again in webhooks.")
    secret = models.CharField(max_length=40, default=new_secret)
    amount = AmountField()
    currency = CurrencyField()
    status = models.CharField(max_length=20)
    payment_method = models.CharField(max_length=80, blank=True)
    failure_code = models.CharField(max_length=60, blank=True)
    webhook_due_at = models.DateTimeField(null=True, blank=True)
    webhook_state = models.CharField(max_length=20, blank=True, help_text="The status that the webhook will tell.")

    class Meta:
        indexes = [
            models.Index(fields=["webhook_due_at"], condition=~Q(webhook_due_at=None), name="sandbox_webhook_due")
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} ({self.status})"

    @property
    def provider_id(self) -> str:
        return f"pi_sandbox_{self.pk.hex}"

    @property
    def client_secret(self) -> str:
        return f"{self.provider_id}_secret_{self.secret}"


class SandboxRefund(BaseModel):
    """A refund in the sandbox provider's own book."""

    key = models.CharField(max_length=120, unique=True)
    intent = models.ForeignKey(SandboxIntent, on_delete=models.CASCADE, related_name="refunds")
    amount = AmountField()
    status = models.CharField(max_length=12)

    def __str__(self) -> str:
        return self.provider_id

    @property
    def provider_id(self) -> str:
        return f"re_sandbox_{self.pk.hex}"
