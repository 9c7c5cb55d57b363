"""One message to everybody of an audience: a row with a cursor, worked through in batches."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from trufan.lib import words
from trufan.lib.models import BaseModel, Stateful


class Broadcast(Stateful, BaseModel):
    """What is said to whom, and how far that has come. Everybody up to `cursor` has a row in the outbox."""

    class Status(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        DONE = "done", "handed out"
        CANCELLED = "cancelled", "called off"

    MOVES = {
        Status.RUNNING: frozenset({Status.PAUSED, Status.DONE, Status.CANCELLED}),
        Status.PAUSED: frozenset({Status.RUNNING, Status.CANCELLED}),
        # What is handed out may still wait for the morning.
        Status.DONE: frozenset({Status.CANCELLED}),
        Status.CANCELLED: frozenset(),
    }

    venue_id = models.UUIDField(help_text="The tenant whose audience it is.")
    template = models.CharField(max_length=60)
    audience = models.CharField(max_length=40, help_text="A name of `audiences`.")
    audience_id = models.UUIDField(help_text="What the audience is of, such as an event.")
    context = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    dedupe_key = models.CharField(max_length=120, null=True, blank=True, help_text="The same fact is announced once.")
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING, editable=False)
    cursor = models.CharField(max_length=80, blank=True, editable=False, help_text="The last key that was handled.")
    total = models.PositiveIntegerField(null=True, editable=False, help_text="People, counted with the first batch.")
    queued = models.PositiveIntegerField(default=0, editable=False, help_text="People with a row in the outbox.")
    per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="People a minute; empty: as many as the platform allows."
    )
    next_batch_at = models.DateTimeField(help_text="Nobody is handed out before.")
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key"], name="broadcast_announced_once"),
            models.CheckConstraint(
                condition=Q(status__in=["running", "paused", "done", "cancelled"]), name="broadcast_status_known"
            ),
            models.CheckConstraint(condition=Q(per_minute=None) | Q(per_minute__gt=0), name="broadcast_moves_on"),
        ]
        indexes = [
            models.Index(fields=["next_batch_at"], name="broadcast_due", condition=Q(status="running")),
            models.Index(fields=["audience_id", "-created_at"], name="broadcast_audience"),
            models.Index(fields=["venue_id", "-created_at"], name="broadcast_venue"),
        ]

    def __str__(self) -> str:
        return f"{words.within(self.template)} ({words.within(self.status)})"
