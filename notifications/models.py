"""What is to be said to whom: a row written in the transaction of what happened, delivered after its commit."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from notifications.querysets import NotificationQuerySet
from trufan.lib.models import BaseModel, Stateful


class Notification(Stateful, BaseModel):
    """One message to one address. `sending` is a lease: a crash in the middle lets it lapse and be tried again."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        SMS = "sms"

    class Status(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    MOVES = {
        Status.PENDING: frozenset({Status.SENDING}),
        Status.SENDING: frozenset({Status.SENT, Status.PENDING, Status.FAILED}),
        Status.FAILED: frozenset({Status.PENDING}),
        Status.SENT: frozenset(),
    }

    #: What opens a door to whoever reads it; erased from `context` once the row is sent or has failed for good.
    SECRET_KEYS = frozenset({"link", "code", "token", "access_code"})
    #: In `context`, the names of the secrets that were erased: such a row cannot be sent again.
    ERASED = "_erased"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    venue_id = models.UUIDField(null=True, blank=True, help_text="The tenant whose staff may see the row.")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    recipient = models.CharField(max_length=254)
    template = models.CharField(max_length=60)
    context = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(help_text="Not to be tried before; while sending, when the lease ends.")
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    error = models.TextField(blank=True)
    dedupe_key = models.CharField(max_length=120, null=True, blank=True, help_text="The same fact is said once.")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="notification_said_once")]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="notification_due",
                condition=models.Q(status__in=["pending", "sending"]),
            ),
            models.Index(fields=["venue_id", "-created_at"], name="notification_venue"),
        ]

    def __str__(self) -> str:
        return f"{self.template.replace('_', ' ')} ({self.status})"

    def context_without_secrets(self) -> dict[str, Any]:
        """The context as it may be kept: secrets gone, their names under `ERASED`."""
        secrets = sorted(self.SECRET_KEYS & self.context.keys())
        kept = {key: value for key, value in self.context.items() if key not in secrets}
        return kept | ({self.ERASED: secrets} if secrets else {})

    def can_move(self, to: str) -> bool:
        """What failed for good can be tried again, unless the secrets that its words need are erased."""
        if self.status == self.Status.FAILED and self.ERASED in self.context:
            return False
        return super().can_move(to)
