"""The numbers that short messages come from and go to, and what people wrote to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext

from trufan.lib.models import BaseModel


class SmsNumber(BaseModel):
    """A number of ours. A venue's messages come from its oldest active one; what comes to it is about the venue."""

    number = models.CharField(max_length=16, unique=True, help_text="With country code: +12125550100.")
    venue_id = models.UUIDField(null=True, blank=True, help_text="Whose it is; empty: the platform's.")
    is_active = models.BooleanField(default=True, help_text="Whether messages are sent from it.")

    class Meta:
        ordering = ["number"]
        verbose_name = "SMS number"
        indexes = [models.Index(fields=["venue_id", "created_at"], name="sms_number_venue")]

    def __str__(self) -> str:
        return self.number


class InboundMessage(BaseModel):
    """What somebody wrote to a number of ours. A row first; then it is acted on once, and its answer is kept.

    `taken_until` is a lease: whoever died with it lets the same message, delivered again, be acted on again.
    """

    class Meaning(models.TextChoices):
        NONE = "", "not read yet"
        STOP = "stop", "no more messages"
        START = "start", "messages again"
        HELP = "help"
        COMMAND = "command"
        UNKNOWN = "unknown", "not understood"
        IGNORED = "ignored", "not answered"

    sid = models.CharField(max_length=64, unique=True, help_text="The provider's id: the same message comes once.")
    sender = models.CharField(max_length=40, blank=True, help_text="E.164, or whatever the provider says.")
    recipient = models.CharField(max_length=40, blank=True, help_text="The number of ours.")
    venue_id = models.UUIDField(null=True, blank=True, help_text="The venue whose number it is.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who has proven that the number is theirs.",
    )
    body = models.TextField(blank=True)
    opt_out = models.CharField(max_length=10, blank=True, help_text="What the provider itself did: STOP, START, HELP.")
    meaning = models.CharField(max_length=10, choices=Meaning, blank=True)
    word = models.CharField(max_length=20, blank=True, help_text="The command, as it is registered.")
    answer = models.TextField(blank=True)
    segments = models.PositiveSmallIntegerField(default=0, help_text="Of the answer.")
    taken_until = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["venue_id", "-created_at"], name="inbound_venue"),
            models.Index(fields=["sender", "-created_at"], name="inbound_sender"),
            models.Index(fields=["user"], name="inbound_user", condition=models.Q(user__isnull=False)),
            models.Index(
                fields=["created_at"], name="inbound_to_forget", condition=~models.Q(body="", sender="", answer="")
            ),
        ]

    def __str__(self) -> str:
        return gettext("message of {when}").format(when=date_format(self.created_at, "d M Y, H:i"))
