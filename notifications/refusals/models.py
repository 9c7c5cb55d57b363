"""Addresses that are not to be written to: they bounced, complained, or their owner said stop."""

from __future__ import annotations

from django.db import models

from trufan.lib.models import BaseModel


class Suppression(BaseModel):
    """No more of this to this address, until lifted. Asked each time a message is about to leave."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        STOPPED = "stopped", "answered STOP"
        UNSUBSCRIBED = "unsubscribed"
        BY_STAFF = "by_staff", "told to staff"

    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=254, help_text="Lower case, or E.164.")
    kind = models.CharField(max_length=20, blank=True, help_text="Empty: every kind.")
    reason = models.CharField(max_length=15, choices=Reason)
    detail = models.TextField(blank=True, help_text="What the provider or the person said.")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "address", "kind"], name="suppression_once"),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_reason_display()}"
