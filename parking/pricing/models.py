"""How a lot's prices moved, and why."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q

from parking.lots.models import ParkingCapacity
from trufan.lib.models import BaseModel


class PriceChange(BaseModel):
    """One move of the multiplier of one kind of space: never changed, never deleted."""

    capacity = models.ForeignKey(
        ParkingCapacity, on_delete=models.PROTECT, related_name="price_changes", db_index=False
    )
    at = models.DateTimeField()
    old_ppm = models.PositiveIntegerField()
    new_ppm = models.PositiveIntegerField()
    causes = models.JSONField(default=list, help_text="Words of a program: `occupancy_high`, `event_near`, `cap`, …")
    facts = models.JSONField(default=dict, help_text="What was seen: occupied, spaces, hours to doors, arrivals.")
    words = models.TextField(help_text="The same for people.")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(old_ppm__gt=0, new_ppm__gt=0), name="pricechange_positive"),
        ]
        indexes = [models.Index(fields=["capacity", "-at"], name="pricechange_capacity")]

    def __str__(self) -> str:
        return f"{self.old_ppm / 10_000:g} % to {self.new_ppm / 10_000:g} %"

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.capacity.lot.venue_id
