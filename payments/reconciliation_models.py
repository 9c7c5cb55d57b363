"""What came of holding our books against a provider's."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from payments.querysets import FindingQuerySet
from trufan.lib import words
from trufan.lib.models import BaseModel


class ReconciliationRun(BaseModel):
    """One comparison with one provider. Without `finished_at` it is under way, or died."""

    provider = models.CharField(max_length=20)
    since = models.DateTimeField(help_text="What was made before that was not looked at.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked = models.PositiveIntegerField(default=0, help_text="How many charges, refunds and transfers were compared.")
    mended = models.PositiveIntegerField(default=0, help_text="How many of ours were brought to where theirs stand.")
    found = models.PositiveIntegerField(default=0, help_text="How many only a person can decide.")
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=255, blank=True, help_text="Why it came to no end.")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider"], condition=Q(finished_at=None), name="reconciliation_one_under_way"
            )
        ]
        indexes = [models.Index(fields=["provider", "-created_at"], name="reconciliation_latest")]

    def __str__(self) -> str:
        return gettext("{provider} since {since} UTC").format(
            provider=self.provider, since=f"{self.since:%Y-%m-%d %H:%M}"
        )


class ReconciliationFinding(BaseModel):
    """A difference that only a person can decide. One row while it is open, however many runs see it."""

    run = models.ForeignKey(
        ReconciliationRun,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings",
        help_text="The run that saw it first; none where a person asked about one payment.",
    )
    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=40, help_text="charge_amount_differs, refund_unknown_here, …")
    reference = models.CharField(max_length=120, help_text="The provider's id of it.")
    payment = models.ForeignKey(
        "payments.Payment", on_delete=models.PROTECT, null=True, blank=True, related_name="findings"
    )
    venue_id = models.UUIDField(null=True, blank=True, help_text="The tenant whose staff may see the row.")
    ours = models.CharField(max_length=255)
    theirs = models.CharField(max_length=255)
    seen_at = models.DateTimeField(help_text="When it was last seen.")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: a later run found no difference any more.",
    )
    note = models.CharField(max_length=255, blank=True, help_text="What the person decided.")

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "kind", "reference"], condition=Q(resolved_at=None), name="finding_once_while_open"
            )
        ]
        indexes = [models.Index(fields=["venue_id", "-created_at"], name="finding_venue")]

    def __str__(self) -> str:
        return f"{words.within(self.kind)}: {self.reference}"
