"""Devices that can be pushed to."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from trufan.lib.models import BaseModel


class Device(BaseModel):
    """A browser (`web`) or an app (`fcm`) of a person. Retired when the push service says that it is gone."""

    class Kind(models.TextChoices):
        WEB = "web"
        FCM = "fcm"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    kind = models.CharField(max_length=5, choices=Kind)
    token = models.TextField(help_text="web: the endpoint's URL; fcm: the registration token.")
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token: it is long.")
    keys = models.JSONField(default=dict, blank=True, help_text="web: `p256dh` and `auth`, base64url.")
    name = models.CharField(max_length=80, blank=True, help_text="As its owner knows it: “Firefox on Linux”.")
    last_seen_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_because = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-last_seen_at"]
        indexes = [
            models.Index(
                fields=["user", "-last_seen_at"], name="device_of_user", condition=models.Q(retired_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} device"
