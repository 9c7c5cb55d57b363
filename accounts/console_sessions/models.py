"""Sessions of the console, one row each, so that people see them and end them."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from accounts.console_sessions.querysets import ConsoleSessionQuerySet
from trufan.lib.models import BaseModel
from trufan.lib.words import lazy as _


class ConsoleSession(BaseModel):
    """A browser that is, or was, signed in to the console. Django's own row holds what the session knows."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="console_sessions", db_index=False
    )
    #: Opens the session to whoever knows it: shown nowhere, and forgotten when the session ends.
    session_key = models.CharField(max_length=40, unique=True, null=True)
    last_seen_at = models.DateTimeField(help_text=_("Written once a minute at most."))
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=40, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=255, blank=True)

    objects = ConsoleSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at"]
        indexes = [
            models.Index(fields=["user", "-last_seen_at"], name="consolesession_user"),
            models.Index(fields=["expires_at"], name="consolesession_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.last_seen_at:%Y-%m-%d %H:%M}"

    def is_live(self, now: datetime) -> bool:
        return self.ended_at is None and self.expires_at > now
