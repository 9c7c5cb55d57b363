"""The second factor of a person: an authenticator's secret, and the codes for the day it is lost."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from trufan.lib.models import BaseModel


class SecondFactor(BaseModel):
    """The authenticator that a person has proved to hold; without a row there is none."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.TextField(help_text="Sealed; never shown again.")
    last_step = models.BigIntegerField(default=0, help_text="The newest time step whose code was taken: none is twice.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="Tries since the last good one or the last lock.")
    locks = models.PositiveSmallIntegerField(default=0, help_text="Locks since the last good try; each is longer.")
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "second factor"

    def __str__(self) -> str:
        return f"{self.user_id}"

    def is_locked(self, now: datetime) -> bool:
        return self.locked_until is not None and self.locked_until > now


class RecoveryCode(BaseModel):
    """A code on paper that stands in for the authenticator once; kept only as a keyed hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.user_id} {'used' if self.used_at else 'good'}"
