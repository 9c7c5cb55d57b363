"""Vehicles that a fan keeps."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from parking.vehicles import plates
from trufan.lib.models import BaseModel


class PlatedModel(models.Model):
    """A row about a car. `plate` is as it was given; `plate_key` is what it is found by. Both are erased in time."""

    plate = models.CharField(max_length=plates.MAX_LENGTH, blank=True)
    plate_key = models.CharField(max_length=plates.MAX_LENGTH, blank=True, editable=False)

    class Meta:
        abstract = True

    def set_plate(self, given: str) -> None:
        """Take the plate, tidied, and what it is found by. Raises `Invalid`."""
        self.plate = plates.tidy(given) if given else ""
        self.plate_key = plates.key(self.plate)


class Vehicle(PlatedModel, BaseModel):
    """A fan's car."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="vehicles", db_index=False
    )
    name = models.CharField(max_length=60, blank=True, help_text="What its owner calls it.")
    height_cm = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Centimetres.")
    is_electric = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["user", "-is_default", "name", "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "plate_key"], name="vehicle_once_per_plate"),
            models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="vehicle_one_default"),
            models.CheckConstraint(condition=~Q(plate_key=""), name="vehicle_has_a_plate"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.plate})" if self.name else self.plate
