"""Events that belong together: one show on many dates."""

from __future__ import annotations

from django.db import models

from events.series.querysets import EventSeriesQuerySet
from trufan.lib.models import BaseModel
from venues.models import Venue


class EventSeries(BaseModel):
    """The events that were copied from one another. Each is an event of its own; the series is what they share."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="event_series", db_index=False)
    name = models.CharField(max_length=160)

    objects = EventSeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "event series"
        ordering = ["-created_at", "id"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="eventseries_has_a_name")]
        indexes = [models.Index(fields=["venue", "-created_at"], name="eventseries_venue")]

    def __str__(self) -> str:
        return self.name
