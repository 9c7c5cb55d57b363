"""The rollup of attendance."""

from __future__ import annotations

from django.db import models

from reports.rollups.base import DayRow
from trufan.lib.words import lazy as _


class AttendanceDay(DayRow):
    """The events that begin on the day: their tickets, and all that happened at their doors, whenever it was.

    A night that ends after midnight is one night. `hour` is of the venue's clock; -1 where nothing happened at a door.
    """

    event_id = models.UUIDField()
    ticket_type_id = models.UUIDField(null=True, blank=True, help_text=_("Empty: of a code that is no ticket."))
    gate = models.CharField(max_length=60, blank=True)
    hour = models.SmallIntegerField(default=-1)
    reason = models.CharField(max_length=20, blank=True, help_text=_("Why they were refused (`Scan.Reason`)."))
    sold = models.BigIntegerField(default=0, help_text=_("Tickets that admit or have admitted someone."))
    arrived = models.BigIntegerField(
        default=0, help_text=_("Of them, those that were used; at the first entry's hour.")
    )
    refused = models.BigIntegerField(default=0, help_text=_("Scans that were refused."))

    class Meta(DayRow.Meta):
        abstract = False
        verbose_name = "day of attendance"
        verbose_name_plural = "days of attendance"
        indexes = [models.Index(fields=["venue_id", "day"], name="attendanceday_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.event_id}"
