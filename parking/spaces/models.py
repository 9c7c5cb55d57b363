"""Who takes a space when: the one table that every count of spaces is made from."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import F, Q

from parking.lots.models import ParkingCapacity, ParkingSpace
from trufan.lib.models import BaseModel


class SpaceUse(BaseModel):
    """So many spaces of one kind, from `starts_at` until `ends_at`.

    A car that `is_inside` takes its space beyond that, until it leaves. What an unpaid cart holds counts until
    `held_until`. A use that is over is not `is_active`: no count ever reads it again.
    """

    class Purpose(models.TextChoices):
        HOLD = "hold", "held for a cart"
        RESERVATION = "reservation"
        SESSION = "session", "car that drove up"
        BLOCK = "block", "blocked"

    capacity = models.ForeignKey(ParkingCapacity, on_delete=models.PROTECT, related_name="uses")
    purpose = models.CharField(max_length=12, choices=Purpose)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    quantity = models.PositiveIntegerField(default=1)
    held_until = models.DateTimeField(null=True, blank=True)
    is_inside = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    space = models.ForeignKey(ParkingSpace, on_delete=models.PROTECT, null=True, blank=True, related_name="uses")
    item_id = models.UUIDField(null=True, blank=True, help_text="The line of the cart that holds it.")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is blocked.")

    class Meta:
        ordering = ["capacity", "starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="use_ends_after_start"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="use_takes_some"),
            models.CheckConstraint(
                condition=Q(purpose__in=["hold", "reservation", "session", "block"]), name="use_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(purpose="hold", held_until__isnull=False) | ~Q(purpose="hold") & Q(held_until=None),
                name="use_held_has_an_end",
            ),
            models.CheckConstraint(condition=Q(is_inside=False) | Q(is_active=True), name="use_inside_is_active"),
            models.UniqueConstraint(
                fields=["space"], condition=Q(is_inside=True, space__isnull=False), name="use_one_car_on_a_space"
            ),
        ]
        indexes = [
            models.Index(fields=["capacity", "ends_at"], condition=Q(is_active=True), name="use_active"),
            models.Index(fields=["capacity"], condition=Q(is_inside=True), name="use_inside"),
            models.Index(fields=["item_id"], condition=Q(is_active=True, item_id__isnull=False), name="use_item"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.capacity_id} ({self.purpose})"

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.capacity.lot.venue_id
