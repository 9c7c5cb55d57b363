"""Who is owed what of a payment, what was sent to them, what came back, and what they owe us."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import F, Q

from payments.querysets import AccountQuerySet, OfPaymentQuerySet
from trufan.lib import words
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField, CurrencyField, show


class ConnectedAccount(BaseModel):
    """A recipient of shares at a provider. Without a `provider_id` the provider has not heard of it yet."""

    class Status(models.TextChoices):
        PENDING = "pending"
        RESTRICTED = "restricted"
        READY = "ready"
        DISABLED = "disabled"

    venue_id = models.UUIDField(db_index=True, help_text="The tenant whose staff may see the row.")
    name = models.CharField(max_length=160)
    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=120, null=True, blank=True)
    country = models.CharField(max_length=2)
    default_currency = CurrencyField()
    contact_email = models.EmailField(
        blank=True, help_text="Whom the provider writes to about the account; told when it is opened there."
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    requirements = models.JSONField(default=list, blank=True, help_text="What the provider still asks for.")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When the provider was last asked.")

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="account_once_per_provider_id"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "restricted", "ready", "disabled"]), name="account_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def idempotency_key(self) -> str:
        """The provider's key for opening it."""
        return f"account-{self.pk}"

    @property
    def is_ready(self) -> bool:
        return self.status == self.Status.READY


class PaymentSplit(BaseModel):
    """One share of a payment as it was settled; never changed. Without an account it is the platform's own."""

    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, related_name="splits", db_index=False)
    position = models.PositiveSmallIntegerField()
    account = models.ForeignKey(
        ConnectedAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="splits"
    )
    amount = AmountField()
    currency = CurrencyField()
    reason = models.CharField(max_length=20, help_text="sale, fee, tip, …")
    item_id = models.UUIDField(null=True, blank=True, help_text="The line that it is a share of.")

    objects = OfPaymentQuerySet.as_manager()

    class Meta:
        ordering = ["payment", "position"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "position"], name="split_once_per_position"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="split_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{show(self.amount, self.currency)} ({words.within(self.reason)})"


class Transfer(Stateful, BaseModel):
    """All that one recipient is owed of one payment, and what became of it.

    `amount` is the share; `amount_reversed` of it is due back because the buyer got money back, and `amount_indebted`
    of that could not be had from the recipient; `amount_withheld` paid off older debts. What may be sent is the rest.
    """

    class Status(models.TextChoices):
        OWED = "owed"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        CANCELLED = "cancelled"

    MOVES = {
        Status.OWED: frozenset({Status.SENDING, Status.SENT, Status.CANCELLED}),
        Status.SENDING: frozenset({Status.SENT, Status.FAILED, Status.OWED}),
        Status.FAILED: frozenset({Status.OWED}),
        # Nothing was left to send; a refund that comes back may change that.
        Status.CANCELLED: frozenset({Status.OWED}),
        Status.SENT: frozenset(),
    }

    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, related_name="transfers")
    account = models.ForeignKey(ConnectedAccount, on_delete=models.PROTECT, related_name="transfers", db_index=False)
    amount = AmountField()
    amount_reversed = AmountField(default=0)
    amount_indebted = AmountField(default=0)
    amount_withheld = AmountField(default=0)
    amount_sent = AmountField(default=0, help_text="What the provider is asked to move; fixed before the call.")
    currency = CurrencyField()
    dispute = models.ForeignKey(
        "payments.Dispute",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transfers",
        help_text="The dispute that was won, where it brings back what was reversed; empty: the share itself.",
    )
    refund = models.ForeignKey(
        "payments.Refund",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transfers",
        help_text="The refund that came back, where it brings back what was reversed; empty: the share itself.",
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.OWED)
    provider_id = models.CharField(max_length=120, null=True, blank=True)
    failure_message = models.CharField(max_length=255, blank=True)
    round = models.PositiveSmallIntegerField(default=1, help_text="A refused transfer sent again is a new request.")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = OfPaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "account"],
                condition=Q(dispute=None, refund=None),
                name="transfer_once_per_recipient",
            ),
            models.UniqueConstraint(fields=["provider_id"], name="transfer_once_per_provider_id"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(
                condition=Q(amount_reversed__gte=0) & Q(amount_reversed__lte=F("amount")),
                name="transfer_reversed_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(amount_withheld__gte=0)
                & Q(amount__gte=F("amount_reversed") - F("amount_indebted") + F("amount_withheld")),
                name="transfer_never_overdrawn",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(status__in=["owed", "sending"]), name="transfer_due"),
            models.Index(fields=["account", "-created_at"], name="transfer_account"),
            models.Index(fields=["-created_at", "-id"], name="transfer_newest"),
        ]

    def __str__(self) -> str:
        return f"{show(self.amount, self.currency)} ({words.within(self.status)})"

    @property
    def idempotency_key(self) -> str:
        """The gateway's key for this round: the same however often the call is made."""
        return f"transfer-{self.pk}-{self.round}"

    @property
    def is_share(self) -> bool:
        """Whether it is the recipient's share itself, and not what brings a part of it back."""
        return self.dispute_id is None and self.refund_id is None

    @property
    def sendable(self) -> int:
        """What is still the recipient's to get by this transfer, before it was sent."""
        return self.amount - self.amount_reversed + self.amount_indebted - self.amount_withheld

    @property
    def is_out(self) -> bool:
        """Whether the provider moves or has moved it, so that taking some back is a movement of its own."""
        return self.status in (self.Status.SENDING, self.Status.SENT)


class TransferReversal(Stateful, BaseModel):
    """A part of a sent transfer on its way back, because of a refund or a dispute."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        INDEBTED = "indebted"
        VOID = "void"

    MOVES = {
        # Void: nothing has to come back, as the transfer never reached its recipient, the refund came back, or the
        # dispute was won.
        Status.PENDING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.INDEBTED, Status.VOID}),
        Status.FAILED: frozenset({Status.PENDING, Status.VOID}),
        Status.SUCCEEDED: frozenset(),
        Status.INDEBTED: frozenset(),
        Status.VOID: frozenset(),
    }

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="reversals", db_index=False)
    refund = models.ForeignKey("payments.Refund", on_delete=models.PROTECT, null=True, related_name="reversals")
    dispute = models.ForeignKey("payments.Dispute", on_delete=models.PROTECT, null=True, related_name="reversals")
    amount = AmountField()
    currency = CurrencyField()
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    provider_id = models.CharField(max_length=120, null=True, blank=True)
    failure_message = models.CharField(max_length=255, blank=True)
    round = models.PositiveSmallIntegerField(default=1, help_text="A refused reversal asked again is a new request.")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["transfer", "refund"], name="reversal_once_per_refund"),
            models.UniqueConstraint(fields=["provider_id"], name="reversal_once_per_provider_id"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="reversal_amount_positive"),
        ]
        indexes = [models.Index(fields=["next_attempt_at"], condition=Q(status="pending"), name="reversal_due")]

    def __str__(self) -> str:
        return f"{show(self.amount, self.currency)} ({words.within(self.status)})"

    @property
    def idempotency_key(self) -> str:
        """The gateway's key for this round: the same however often the call is made."""
        return f"reversal-{self.pk}-{self.round}"


class RefundShare(BaseModel):
    """What one party to a payment gave to a refund: a recipient by its transfer, the platform without one."""

    refund = models.ForeignKey("payments.Refund", on_delete=models.PROTECT, related_name="shares")
    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="refund_shares"
    )
    item_id = models.UUIDField(
        null=True, blank=True, help_text="The line that went back; empty: in proportion to the whole payment."
    )
    amount = AmountField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="refundshare_amount_positive")]

    def __str__(self) -> str:
        return f"{self.amount} of {self.refund_id}"


class RecipientDebt(BaseModel):
    """What a recipient should have given back and could not; later shares pay it off, oldest first."""

    account = models.ForeignKey(ConnectedAccount, on_delete=models.PROTECT, related_name="debts")
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="debts")
    refund = models.ForeignKey("payments.Refund", on_delete=models.PROTECT, null=True, related_name="+")
    dispute = models.ForeignKey("payments.Dispute", on_delete=models.PROTECT, null=True, related_name="debts")
    amount = AmountField()
    amount_repaid = AmountField(default=0)
    amount_forgiven = AmountField(default=0, help_text="No longer owed: its dispute was won, or its refund came back.")
    currency = CurrencyField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="debt_amount_positive"),
            models.CheckConstraint(
                condition=Q(amount_repaid__gte=0, amount_forgiven__gte=0)
                & Q(amount__gte=F("amount_repaid") + F("amount_forgiven")),
                name="debt_repaid_within_amount",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "currency"],
                condition=Q(amount__gt=F("amount_repaid") + F("amount_forgiven")),
                name="debt_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    @property
    def amount_left(self) -> int:
        return self.amount - self.amount_repaid - self.amount_forgiven


class DebtRepayment(BaseModel):
    """So much of a debt, paid off by withholding it from a later transfer."""

    debt = models.ForeignKey(RecipientDebt, on_delete=models.PROTECT, related_name="repayments")
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="repayments")
    amount = AmountField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="repayment_amount_positive")]

    def __str__(self) -> str:
        return f"{self.amount} {self.debt.currency}"


def new_account_secret() -> str:
    """What proves that a browser was handed this onboarding link: 128 random bits."""
    return secrets.token_urlsafe(16)


class SandboxAccount(BaseModel):
    """A recipient in the sandbox provider's own book."""

    key = models.CharField(max_length=120, unique=True)
    secret = models.CharField(max_length=40, default=new_account_secret)
    status = models.CharField(max_length=12, default="restricted")
    paid_out = AmountField(default=0, help_text="What has left the balance for the recipient's bank.")

    def __str__(self) -> str:
        return self.provider_id

    @property
    def provider_id(self) -> str:
        return f"acct_sandbox_{self.pk.hex}"


class SandboxTransfer(BaseModel):
    """Money that the sandbox moved to a recipient's balance."""

    key = models.CharField(max_length=120, unique=True)
    intent = models.ForeignKey(
        "payments.SandboxIntent",
        on_delete=models.CASCADE,
        null=True,
        related_name="transfers",
        help_text="The charge that it came out of; empty: the platform's balance.",
    )
    account = models.ForeignKey(SandboxAccount, on_delete=models.CASCADE, related_name="transfers")
    amount = AmountField()
    currency = CurrencyField()

    def __str__(self) -> str:
        return self.provider_id

    @property
    def provider_id(self) -> str:
        return f"tr_sandbox_{self.pk.hex}"


class SandboxReversal(BaseModel):
    """Money that the sandbox moved back from a recipient's balance."""

    key = models.CharField(max_length=120, unique=True)
    transfer = models.ForeignKey(SandboxTransfer, on_delete=models.CASCADE, related_name="reversals")
    amount = AmountField()

    def __str__(self) -> str:
        return self.provider_id

    @property
    def provider_id(self) -> str:
        return f"trr_sandbox_{self.pk.hex}"
