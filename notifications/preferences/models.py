"""What a person wants to hear, how, when and in which language; and the record of every time they said so."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext

from notifications import kinds
from trufan.lib import words
from trufan.lib.models import BaseModel


class MessageSettings(BaseModel):
    """One row for a person who has said anything; who has none gets the defaults."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_settings")
    language = models.CharField(max_length=10, blank=True, help_text="Of `settings.LANGUAGES`; empty: the default.")
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name that the quiet hours are told by.")
    quiet_from = models.TimeField(null=True, blank=True, help_text="Local time; both or neither.")
    quiet_until = models.TimeField(null=True, blank=True, help_text="Local time; before `quiet_from`: over midnight.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="message_settings_quiet_both",
            )
        ]

    def __str__(self) -> str:
        return f"messages of {self.user_id}"


class Preference(BaseModel):
    """One choice: messages of this kind by this channel, yes or no. Without a row the kind's own default holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="message_preferences", db_index=False
    )
    kind = models.CharField(max_length=20)
    channel = models.CharField(max_length=10)
    wanted = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "channel"], name="preference_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=list(kinds.KINDS), channel__in=list(kinds.CHANNELS)),
                name="preference_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}: {'yes' if self.wanted else 'no'}"


class Consent(BaseModel):
    """A record, never changed: who said yes or no to what, when, where and from which address."""

    class Source(models.TextChoices):
        APP = "app", "in the app"
        LINK = "link", "a link in a mail"
        ONE_CLICK = "one_click", "the mail program's button"
        SMS = "sms", "a short message"
        STAFF = "staff", "told to staff"
        COMPLAINT = "complaint", "called a mail spam"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=254, blank=True, help_text="The address or number; empty: all of the user's.")
    kind = models.CharField(max_length=20, blank=True, help_text="Empty: every kind.")
    wanted = models.BooleanField()
    source = models.CharField(max_length=10, choices=Source)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    words = models.TextField(blank=True, help_text="What was said, where it was said in words (STOP).")

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="consent_user"),
            models.Index(fields=["channel", "address"], name="consent_address"),
        ]

    def __str__(self) -> str:
        return gettext("{answer} to {what} by {channel}").format(
            answer=gettext("yes") if self.wanted else gettext("no"),
            what=words.within(self.kind or "everything"),
            channel=words.within(self.channel),
        )
