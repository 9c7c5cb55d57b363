"""The table of devices: scanners, gate cameras and kitchen screens that call the API with a key of their own."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from trufan.lib.models import BaseModel
from trufan.lib.querysets import BaseQuerySet
from trufan.lib.words import lazy as _


class VenueDevice(BaseModel):
    """A machine at a venue. `account` stands for it wherever a person would: in scans, gate answers, the audit trail.

    The account is closed and has no password, so nothing but the key speaks for it. Of the key only a hash is kept.
    """

    class Scope(models.TextChoices):
        SCAN = "scan", _("scan tickets at the door")
        GATE = "gate", _("open the gate of a lot")
        KITCHEN = "kitchen", _("show a kitchen's queue and move it on")

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    venue = models.ForeignKey("venues.Venue", on_delete=models.CASCADE, related_name="devices", db_index=False)
    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="venue_device")
    name = models.CharField(max_length=80)
    scopes = models.JSONField(help_text="What it may do: scan, gate, kitchen.")
    place_id = models.UUIDField(
        null=True, blank=True, help_text="The one event, lot or outlet it works for, by its only scope."
    )
    prefix = models.CharField(max_length=20, unique=True, help_text="The open part of the key, by which it is found.")
    secret_hash = models.CharField(max_length=64)
    former_hash = models.CharField(max_length=64, blank=True)
    former_until = models.DateTimeField(null=True, blank=True, help_text="Until when the key before this one is good.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", help_text="Who answers for it."
    )
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = BaseQuerySet.as_manager()

    class Meta:
        verbose_name = "device"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["venue", "-created_at"], name="venuedevice_venue")]

    def __str__(self) -> str:
        return self.name

    def state(self, now: datetime) -> str:
        if self.revoked_at is not None:
            return self.State.REVOKED
        is_over = self.expires_at is not None and self.expires_at <= now
        return self.State.EXPIRED if is_over else self.State.ACTIVE
