"""Seating plans: where in a venue each seat stands, and where people stand."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from trufan.lib.models import BaseModel
from venues.models import Venue
from venues.seating.querysets import SeatingPlanQuerySet, SeatQuerySet, SeatSectionQuerySet

#: How far from the origin anything may be, in metres: more is a slip of the unit.
REACH = 10_000
#: How rows and seats may count. Twice as many fit the column; `placing.py` parks seats in the upper half.
MAX_ORDER = 16_383
_WITHIN_REACH = [MinValueValidator(-REACH), MaxValueValidator(REACH)]


class SeatingPlan(BaseModel):
    """One way in which a venue is seated. Events are sold by a plan; a plan is retired, never deleted."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="seating_plans", db_index=False)
    name = models.CharField(max_length=80)
    stage_x = models.FloatField(
        default=0, validators=_WITHIN_REACH, help_text="Where the stage's middle is, in metres to the right."
    )
    stage_y = models.FloatField(
        default=0, validators=_WITHIN_REACH, help_text="Where the stage's middle is, in metres down."
    )
    is_active = models.BooleanField(default=True, help_text="Retired plans are kept for the events that used them.")
    version = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often its seats were replaced; 0 for a plan without any yet."
    )

    objects = SeatingPlanQuerySet.as_manager()

    #: Set by `with_counts`: how many sections and seats it has, and how many people may stand.
    section_count: int
    seat_count: int
    standing_count: int

    class Meta:
        ordering = ["venue", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "name"], name="seating_plan_once_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class SeatSection(BaseModel):
    """A part of a plan: a block of seats, or an area where people stand."""

    class Kind(models.TextChoices):
        SEATED = "seated"
        STANDING = "standing"

    plan = models.ForeignKey(SeatingPlan, on_delete=models.CASCADE, related_name="sections", db_index=False)
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0, help_text="Its place in lists; the lowest comes first.")
    kind = models.CharField(max_length=10, choices=Kind)
    capacity = models.PositiveIntegerField(default=0, help_text="How many people may stand there; 0 where they sit.")
    outline = models.JSONField(
        default=list, blank=True, help_text="The corners of its outline as [x, y], in metres; may be empty."
    )

    objects = SeatSectionQuerySet.as_manager()

    #: Set by `with_seat_count`.
    seat_count: int

    class Meta:
        verbose_name = "section"
        ordering = ["plan", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "name"], name="seat_section_once_per_name"),
            models.CheckConstraint(
                condition=Q(kind="seated", capacity=0) | Q(kind="standing", capacity__gte=1),
                name="seat_section_capacity_where_people_stand",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(BaseModel):
    """One seat. Its label is its name throughout the plan, and what keeps it the same seat when seats are replaced."""

    plan = models.ForeignKey(SeatingPlan, on_delete=models.CASCADE, related_name="seats", db_index=False)
    section = models.ForeignKey(SeatSection, on_delete=models.CASCADE, related_name="seats", db_index=False)
    row = models.CharField(max_length=12)
    number = models.CharField(max_length=12)
    label = models.CharField(max_length=40, help_text="Section, row and number in capitals, such as 112-A-12.")
    row_order = models.PositiveSmallIntegerField(help_text="How its row counts from the stage.")
    seat_order = models.PositiveSmallIntegerField(
        help_text="How it counts in its row. Neighbours differ by 1; where more is missing there is a gap."
    )
    x = models.FloatField(help_text="Metres to the right.")
    y = models.FloatField(help_text="Metres down.")
    accessible = models.BooleanField(default=False, help_text="For a wheelchair.")
    companion = models.BooleanField(default=False, help_text="For who comes along with someone in an accessible seat.")
    restricted_view = models.BooleanField(default=False)
    companion_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="companions",
        help_text="The accessible seat that it goes with.",
    )  # fmt: skip

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["section", "row_order", "seat_order"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "label"], name="seat_once_per_label"),
            models.UniqueConstraint(fields=["section", "row_order", "seat_order"], name="seat_once_per_place"),
            models.UniqueConstraint(fields=["section", "row", "number"], name="seat_once_per_number"),
            models.CheckConstraint(condition=~Q(label=""), name="seat_has_a_label"),
            models.CheckConstraint(
                condition=Q(companion_of=None) | Q(companion=True) & ~Q(companion_of=F("id")),
                name="seat_of_a_companion_goes_with_another",
            ),
        ]

    def __str__(self) -> str:
        return self.label
