"""What is to be said to whom: a row written in the transaction of what happened, delivered after its commit."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.fields.json import KeyTransform

from notifications.broadcasts.models import Broadcast as Broadcast
from notifications.preferences.models import Consent as Consent
from notifications.preferences.models import MessageSettings as MessageSettings
from notifications.preferences.models import Preference as Preference
from notifications.push.models import Device as Device
from notifications.querysets import NotificationQuerySet
from notifications.refusals.models import Suppression as Suppression
from notifications.sms.models import InboundMessage as InboundMessage
from notifications.sms.models import SmsNumber as SmsNumber
from notifications.webhooks.models import WebhookAttempt as WebhookAttempt
from notifications.webhooks.models import WebhookEndpoint as WebhookEndpoint
from notifications.webhooks.models import WebhookMessage as WebhookMessage
from notifications.wording.models import MessageTemplate as MessageTemplate
from trufan.lib import words
from trufan.lib.models import BaseModel, Stateful


class Notification(Stateful, BaseModel):
    """One message to one address. `sending` is a lease: a crash in the middle lets it lapse and be tried again.

    A row by `any` channel is for a person: whoever takes it up first turns it into one row for each channel.
    """

    class Channel(models.TextChoices):
        ANY = "any", "as they chose"
        EMAIL = "email", "e-mail"
        SMS = "sms", "SMS"
        PUSH = "push"

    class Status(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        #: Not sent on purpose: the address is stopped, or there is no way to the person. `error` says why.
        WITHHELD = "withheld"

    class Priority(models.IntegerChoices):
        """Who goes first: a link that somebody waits for never stands behind fifty thousand."""

        URGENT = 0
        BULK = 9

    MOVES = {
        Status.PENDING: frozenset({Status.SENDING, Status.WITHHELD}),
        Status.SENDING: frozenset({Status.SENT, Status.PENDING, Status.FAILED, Status.WITHHELD}),
        Status.FAILED: frozenset({Status.PENDING}),
        Status.SENT: frozenset(),
        Status.WITHHELD: frozenset(),
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
    recipient = models.CharField(max_length=254, blank=True, help_text="E-mail address, number, or id of a device.")
    phone = models.CharField(max_length=20, blank=True, help_text="By any channel: the number given with the address.")
    language = models.CharField(max_length=10, blank=True, help_text="Empty: the person's, else the default.")
    template = models.CharField(max_length=60)
    context = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    attachments = models.JSONField(
        default=list, blank=True, help_text="What is attached, made when it leaves: `[name of the maker, id]`."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(help_text="Not to be tried before; while sending, when the lease ends.")
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    provider_status = models.CharField(max_length=20, blank=True, help_text="What the provider said of it later.")
    delivered_at = models.DateTimeField(null=True, blank=True, help_text="When the provider saw it arrive.")
    segments = models.PositiveSmallIntegerField(default=0, help_text="SMS: how many parts it is billed as.")
    error = models.TextField(blank=True)
    dedupe_key = models.CharField(max_length=120, null=True, blank=True, help_text="The same fact is said once.")

    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.URGENT, editable=False)
    broadcast = models.ForeignKey(
        Broadcast, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="notification_said_once")]
        indexes = [
            models.Index(fields=["recipient"], opclasses=["varchar_pattern_ops"], name="notification_recipient"),
            models.Index(
                fields=["priority", "next_attempt_at"],
                name="notification_due",
                condition=models.Q(status__in=["pending", "sending"]),
            ),
            models.Index(
                fields=["broadcast", "status", "next_attempt_at"],
                name="notification_broadcast",
                condition=models.Q(broadcast__isnull=False),
            ),
            models.Index(fields=["venue_id", "-created_at"], name="notification_venue"),
            # What failed lately at a venue, as its dashboard asks.
            models.Index(
                fields=["venue_id", "-created_at"], name="notification_failed", condition=models.Q(status="failed")
            ),
            models.Index(fields=["created_at"], name="notification_age"),
            # Of an order, by its number, as its page and its buyer's story ask.
            models.Index("venue_id", KeyTransform("number", "context"), name="notification_number"),
            models.Index(fields=["provider_id"], name="notification_provider", condition=~models.Q(provider_id="")),
        ]

    def __str__(self) -> str:
        return f"{words.within(self.template)} ({words.within(self.status)})"

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
