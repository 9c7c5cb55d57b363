"""What happens at a venue, when, and for how many."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from events.querysets import EventQuerySet
from trufan.lib.models import BaseModel, Stateful
from venues.models import Venue


class Event(Stateful, BaseModel):
    """One show. `allocated` is how many tickets its ticket types may sell together; it never exceeds `capacity`."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        CANCELLED = "cancelled"
        COMPLETED = "completed"

    class Category(models.TextChoices):
        CONCERT = "concert"
        SPORTS = "sports"
        THEATRE = "theatre"
        COMEDY = "comedy"
        FAMILY = "family"
        CONFERENCE = "conference"
        OTHER = "other"

    MOVES = {
        Status.DRAFT: frozenset({Status.PUBLISHED, Status.CANCELLED}),
        Status.PUBLISHED: frozenset({Status.CANCELLED, Status.COMPLETED}),
        Status.CANCELLED: frozenset(),
        Status.COMPLETED: frozenset(),
    }

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="events", db_index=False)
    series = models.ForeignKey(
        "events.EventSeries",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="events",
        help_text="The events that it was copied to, or from.",
    )
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    category = models.CharField(max_length=20, choices=Category, default=Category.OTHER)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    doors_at = models.DateTimeField(help_text="Before this the door refuses: not yet.")
    capacity = models.PositiveIntegerField()
    allocated = models.PositiveIntegerField(default=0, editable=False)
    configuration = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="event_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(doors_at__lte=models.F("starts_at")), name="event_doors_before_start"
            ),
            models.CheckConstraint(
                condition=models.Q(allocated__lte=models.F("capacity")), name="event_within_capacity"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "published", "cancelled", "completed"]),
                name="event_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "starts_at"], name="event_status_start"),
            models.Index(fields=["venue", "starts_at"], name="event_venue_start"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_on_sale(self, now: datetime) -> bool:
        """Whether tickets may be sold at all at `now`; each ticket type has its own window besides."""
        return self.status == self.Status.PUBLISHED and now < self.ends_at


from events.series.models import EventSeries as EventSeries
