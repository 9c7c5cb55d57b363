"""Marks of what is out of date. Rollups stand in the rooms of their reports."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from reports.attendance.models import AttendanceDay as AttendanceDay
from reports.concessions.models import ConcessionDay as ConcessionDay
from reports.concessions.models import KitchenDay as KitchenDay
from reports.fans.models import BuyerOfOrder as BuyerOfOrder
from reports.fans.models import FanDay as FanDay
from reports.parking.models import ParkingDay as ParkingDay
from reports.payouts.models import PayoutDay as PayoutDay
from reports.promos.models import PromoDay as PromoDay
from reports.returns.models import ReturnDay as ReturnDay
from reports.sales.models import SalesDay as SalesDay
from reports.schedules.models import ReportDelivery as ReportDelivery
from reports.schedules.models import ReportSchedule as ReportSchedule
from reports.taxes.models import TaxDay as TaxDay
from trufan.lib.ids import uuid7
from trufan.lib.words import lazy as _


class StaleMark(models.Model):
    """Something happened at a venue at that moment, and `rollup` does not have it yet.

    Written in the transaction of what happened, never changed, and deleted by who has counted it: a fact that commits
    after a count has its own mark, which that count has not seen.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    rollup = models.CharField(max_length=40)
    venue_id = models.UUIDField()
    at = models.DateTimeField(help_text=_("When it happened: which day it belongs to is the venue's to say."))

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["venue_id", "rollup", "at"], name="stalemark_what")]

    def __str__(self) -> str:
        return f"{self.rollup} {self.at:%Y-%m-%d %H:%M}"
