"""Entry times of an event, each for so many people."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format

from events.models import Event
from ticketing.slots.querysets import EntrySlotQuerySet
from trufan.lib.models import BaseModel


class EntrySlot(BaseModel):
    """A time to come in. `held + sold` never exceeds `capacity`; both count beside those of the ticket types."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="slots", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="Who comes later than this comes too late.")
    capacity = models.PositiveIntegerField()
    held = models.PositiveIntegerField(default=0, editable=False)
    sold = models.PositiveIntegerField(default=0, editable=False)

    objects = EntrySlotQuerySet.as_manager()

    class Meta:
        ordering = ["event", "starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["event", "starts_at"], name="entryslot_once_per_start"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="entryslot_ends_after_start"),
            models.CheckConstraint(
                condition=Q(held__gte=0, sold__gte=0, capacity__gte=F("held") + F("sold")),
                name="entryslot_never_oversold",
            ),
        ]

    def __str__(self) -> str:
        local = self.starts_at.astimezone(self.event.venue.zone)
        return date_format(local, "d M Y, H:i")

    @property
    def left(self) -> int:
        return self.capacity - self.held - self.sold

    @property
    def is_used(self) -> bool:
        """Whether somebody has it, or is buying it."""
        return self.held + self.sold > 0
