"""The audit trail: entries written by the rules in their own transactions, sealed into a chain afterwards.

Entries carry a keyed fingerprint of their own content and nothing of their neighbours, so that two sales never wait
for each other's audit rows. A sweep links them later: one `AuditSeal` each, in one sequence (docs/adr/0003).
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models

from trufan.lib.errors import Forbidden
from trufan.lib.ids import uuid7
from trufan.lib.words import lazy as _


class AppendOnly(Forbidden):
    code, message = "append_only", _("What was recorded is never changed or deleted.")


class AppendOnlyQuerySet(models.QuerySet):
    """Rows may be added and read."""

    def update(self, **changes: Any) -> NoReturn:
        raise AppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class AppendOnlyModel(models.Model):
    """A row that can be saved once. Triggers in the database say the same (`protection.py`)."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly


class AuditLog(AppendOnlyModel):
    """Who did what to which thing, and what changed. Never holds personal data beyond address and user agent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField()
    # `audit_actor` below serves the foreign key too; a second index would be written with every sale.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    action = models.CharField(max_length=80, help_text="What was meant: order.refunded, event.published.")
    entity_type = models.CharField(max_length=60)
    entity_id = models.UUIDField(null=True)
    venue_id = models.UUIDField(null=True, help_text="The tenant whose staff may read the entry.")
    old_values = models.JSONField(default=dict)
    new_values = models.JSONField(default=dict)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=255, blank=True)
    correlation_id = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, help_text="Keyed fingerprint (HMAC-SHA256) of all of the above.")

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["entity_type", "entity_id", "-created_at"], name="audit_entity"),
            models.Index(fields=["venue_id", "-created_at"], name="audit_venue"),
            models.Index(fields=["actor", "-created_at"], name="audit_actor"),
            models.Index(fields=["correlation_id"], name="audit_correlation"),
            # Without a venue and by what was done; both grow at their end.
            models.Index(fields=["-created_at", "-id"], name="audit_when"),
            models.Index(fields=["action", "-created_at"], name="audit_action"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.entity_type} {self.entity_id or ''}".strip()


class UnsealedEntry(models.Model):
    """An entry that waits for its seal. The database adds the row with the entry (a trigger), sealing removes it.

    So finding what to seal reads only that, however long the history; and an entry with neither seal nor place in
    this queue has been tampered with.
    """

    # Without a constraint: no foreign key check on every sale, and a deleted entry leaves its place here as a trace.
    entry = models.OneToOneField(
        AuditLog, on_delete=models.DO_NOTHING, primary_key=True, related_name="waiting", db_constraint=False
    )

    class Meta:
        verbose_name = "entry to be sealed"
        verbose_name_plural = "entries to be sealed"

    def __str__(self) -> str:
        return str(self.entry_id)


class AuditSeal(AppendOnlyModel):
    """One link of the chain: the entry's fingerprint joined to the link before it."""

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditLog, on_delete=models.PROTECT, related_name="seal")
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = "audit seal"
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash[:12]}"


class AuditCheck(models.Model):
    """What one reading of the whole trail found (`manage.py verify_audit`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    checked_at = models.DateTimeField()
    is_intact = models.BooleanField()
    sealed = models.BigIntegerField(default=0)
    unsealed = models.BigIntegerField(default=0)
    finding = models.CharField(max_length=300, blank=True, help_text="The first row that is not as it was written.")

    class Meta:
        verbose_name = "audit check"
        ordering = ["-checked_at"]
        indexes = [models.Index(fields=["-checked_at"], name="auditcheck_when")]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M} {'intact' if self.is_intact else self.finding}"
