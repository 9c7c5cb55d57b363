"""Where a venue wants to be told what happens, what was told there, and how each attempt went."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from notifications.webhooks.querysets import WebhookEndpointQuerySet, WebhookMessageQuerySet
from trufan.lib.models import BaseModel, Stateful

#: How many endpoints a venue may have.
LIMIT = 20


class WebhookEndpoint(BaseModel):
    """One address of a venue's own system. Its secrets are sealed; the former one signs along after a rotation.

    Removing one hides it: its row goes once nothing refers to it any more, never under a sale that announces to it.
    """

    class OffReason(models.TextChoices):
        BY_STAFF = "by_staff", "switched off by staff"
        FAILING = "failing", "failed for days"
        GONE = "gone", "said that it is gone"
        REMOVED = "removed", "removed"

    class Health(models.TextChoices):
        ACTIVE = "active"
        FAILING = "failing"
        OFF = "off"

    venue_id = models.UUIDField(help_text="The tenant.")
    slot = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="Which of the venue's places it takes, from 1: the limit holds by this."
    )
    url = models.CharField(max_length=500, verbose_name="address", help_text="An https address of your own system.")
    description = models.CharField(max_length=200, blank=True)
    event_types = models.JSONField(default=list, blank=True, help_text="What it is told of; empty: everything.")
    secret = models.TextField(editable=False)
    former_secret = models.TextField(blank=True, editable=False)
    former_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=10, choices=OffReason, blank=True, editable=False)
    off_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_success_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_failure_at = models.DateTimeField(null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The first failure since the last success."
    )
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Attempts in a row that failed.")
    warned_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the managers were told that it fails."
    )
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = "webhook endpoint"
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["venue_id", "slot"], name="webhook_endpoint_slot"),
            models.CheckConstraint(
                condition=Q(removed_at=None, slot__isnull=False, slot__range=(1, LIMIT))
                | Q(removed_at__isnull=False, slot=None),
                name="webhook_endpoint_limit",
            ),
            models.CheckConstraint(condition=Q(removed_at=None) | Q(is_active=False), name="webhook_endpoint_removed"),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def health(self) -> str:
        """`active`, `failing` while the latest attempts failed, or `off`."""
        if not self.is_active:
            return self.Health.OFF
        return self.Health.FAILING if self.failing_since else self.Health.ACTIVE

    def wants(self, kind: str) -> bool:
        """Whether it asked to be told of that."""
        return not self.event_types or kind in self.event_types

    def former_signs(self, at: datetime) -> bool:
        """Whether the secret from before the last rotation still signs along."""
        return bool(self.former_secret) and self.former_secret_until is not None and at < self.former_secret_until


class WebhookMessage(Stateful, BaseModel):
    """One thing that happened, for one endpoint. `body` is what is posted, the same bytes at every attempt.

    `sending` is a lease: a worker that dies lets it lapse, and the message is sent again under the same id.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        DELIVERED = "delivered"
        FAILED = "failed"

    MOVES = {
        Status.PENDING: frozenset({Status.SENDING, Status.FAILED}),
        Status.SENDING: frozenset({Status.DELIVERED, Status.PENDING, Status.FAILED}),
        # By hand, once more.
        Status.DELIVERED: frozenset({Status.PENDING}),
        Status.FAILED: frozenset({Status.PENDING}),
    }

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="messages", db_index=False)
    type = models.CharField(max_length=60)
    body = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since it was announced, or last sent by hand.")
    next_attempt_at = models.DateTimeField(help_text="Not to be tried before; while sending, when the lease ends.")
    handed_at = models.DateTimeField(null=True, blank=True, help_text="When a sweep last gave it to a worker.")
    lease = models.UUIDField(null=True, blank=True, help_text="Which worker's turn it is, while sending.")
    delivered_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="Why the last attempt failed, or nobody tries.")

    objects = WebhookMessageQuerySet.as_manager()

    class Meta:
        verbose_name = "webhook message"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["pending", "sending", "delivered", "failed"]), name="webhook_message_status"
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_attempt_at"],
                condition=Q(status__in=["pending", "sending"]),
                name="webhook_message_due",
            ),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(status__in=["pending", "sending"]),
                name="webhook_message_queue",
            ),
            models.Index(fields=["endpoint", "-created_at"], name="webhook_message_endpoint"),
            models.Index(fields=["created_at"], name="webhook_message_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.message_id}"

    @property
    def message_id(self) -> str:
        """What the receiver knows it by: the header `webhook-id`."""
        return f"msg_{self.pk.hex}"


class WebhookAttempt(BaseModel):
    """One post of one message that ended while somebody was there to see it."""

    message = models.ForeignKey(WebhookMessage, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    duration_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: no answer.")
    answer = models.TextField(blank=True, help_text="How the answer began.")
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "webhook attempt"
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return gettext("Attempt {number}: {result}").format(number=self.number, result=self.status_code or self.error)
