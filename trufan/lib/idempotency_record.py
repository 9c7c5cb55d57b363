"""The table behind `Idempotency-Key`; `idempotency.py` has the rules."""

from django.db import models
from django.utils import timezone

from trufan.lib.ids import uuid7


class IdempotencyRecord(models.Model):
    """One caller's key: what was asked under it and, once known, the first answer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)
    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    leased_until = models.DateTimeField(
        null=True, blank=True, help_text="Who runs the request holds the key until then."
    )
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    response_body = models.TextField(blank=True, default="", help_text="JSON, as it was sent.")

    class Meta:
        app_label = "trufan_lib"
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_one_per_caller")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_created")]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
