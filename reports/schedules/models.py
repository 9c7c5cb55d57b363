"""What is sent to whom, when, and what was sent."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from reports.periods import Comparison, Preset
from reports.schedules.querysets import ReportScheduleQuerySet
from trufan.lib.models import BaseModel
from trufan.lib.words import lazy as _
from venues.models import Venue


class ReportSchedule(BaseModel):
    """One report of one venue, sent again and again. Due at `next_run_at`; none while it is paused."""

    class Cadence(models.TextChoices):
        DAILY = "daily", "every day"
        WEEKLY = "weekly", "every week"
        MONTHLY = "monthly", "every month"

    class Weekday(models.IntegerChoices):
        """ISO 8601 less one."""

        MONDAY = 0
        TUESDAY = 1
        WEDNESDAY = 2
        THURSDAY = 3
        FRIDAY = 4
        SATURDAY = 5
        SUNDAY = 6

    class File(models.TextChoices):
        XLSX = "xlsx", "Excel"
        CSV = "csv", "CSV"

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="report_schedules", db_index=False)
    name = models.CharField(max_length=120, help_text=_("What the mail is called."))
    report = models.CharField(max_length=40)
    group_by = models.CharField(max_length=40, blank=True)
    filters = models.JSONField(default=dict, blank=True)
    period = models.CharField(max_length=20, choices=Preset, default=Preset.YESTERDAY)
    compare = models.CharField(max_length=20, choices=Comparison, blank=True)
    file = models.CharField(max_length=4, choices=File, default=File.XLSX)
    cadence = models.CharField(max_length=10, choices=Cadence, default=Cadence.DAILY)
    weekday = models.PositiveSmallIntegerField(
        choices=Weekday, default=Weekday.MONDAY, help_text=_("The day of the week, where it is sent every week.")
    )
    month_day = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("The day of the month, where it is sent every month; in shorter months the last."),
    )
    hour = models.PositiveSmallIntegerField(
        default=7, validators=[MaxValueValidator(23)], help_text=_("By the venue's clock, 0 to 23.")
    )
    recipients = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", help_text=_("Staff who may read the venue's reports.")
    )
    is_active = models.BooleanField(default=True, editable=False)
    next_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_result = models.CharField(max_length=200, blank=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+")

    objects = ReportScheduleQuerySet.as_manager()

    class Meta:
        verbose_name = "report by e-mail"
        verbose_name_plural = "reports by e-mail"
        ordering = ["venue", "name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "name"], name="reportschedule_once_per_name"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="reportschedule_hour"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="reportschedule_weekday"),
            models.CheckConstraint(condition=Q(month_day__range=(1, 31)), name="reportschedule_month_day"),
            models.CheckConstraint(
                condition=Q(is_active=True, next_run_at__isnull=False) | Q(is_active=False, next_run_at=None),
                name="reportschedule_active_is_due",
            ),
        ]
        indexes = [models.Index(fields=["next_run_at"], condition=Q(is_active=True), name="reportschedule_due")]

    def __str__(self) -> str:
        return self.name

    def venue_today(self, now: datetime | None = None) -> date:
        """Which day it is by the venue's clock."""
        return (now or timezone.now()).astimezone(self.venue.zone).date()


class ReportDelivery(BaseModel):
    """A schedule was sent for one due time, once. The mail's file is made of it when the mail leaves."""

    schedule = models.ForeignKey(ReportSchedule, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    due_at = models.DateTimeField()
    since = models.DateField()
    until = models.DateField()
    sent_to = models.PositiveSmallIntegerField(help_text=_("How many people it went to."))

    class Meta:
        verbose_name_plural = "report deliveries"
        ordering = ["-due_at"]
        constraints = [models.UniqueConstraint(fields=["schedule", "due_at"], name="reportdelivery_once_per_due_time")]

    def __str__(self) -> str:
        return f"{self.schedule}, {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.schedule.venue_id
