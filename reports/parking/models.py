"""The rollup of parking."""

from __future__ import annotations

from django.db import models

from reports.rollups.base import DayRow
from trufan.lib.money import AmountField
from trufan.lib.words import lazy as _


class ParkingDay(DayRow):
    """Stays and takings of one kind of space. Stays that go on are added when it is read: no clock is in the rows."""

    lot_id = models.UUIDField()
    kind = models.CharField(max_length=12)
    stays = models.BigIntegerField(default=0, help_text=_("That began on the day."))
    ended = models.BigIntegerField(default=0, help_text=_("Of them, those that are over."))
    length = models.BigIntegerField(default=0, help_text=_("Seconds of those, whole, whichever days they lie on."))
    car_seconds = models.BigIntegerField(default=0, help_text=_("That cars of ended stays stood there on the day."))
    taken = AmountField(default=0, help_text=_("By the rule of `parking.figures.takings`."))

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of a lot"
        verbose_name_plural = "days of lots"
        indexes = [models.Index(fields=["venue_id", "day"], name="parkingday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.lot_id}"
