"""The table behind switches; `flags.py` reads it, `venues.flags.changing` writes it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from trufan.lib.ids import uuid7


class FlagSetting(models.Model):
    """What an operator chose for one flag; a flag without a row is as it was declared."""

    class Mode(models.TextChoices):
        DEFAULT = "default", "as declared"
        ON = "on", "on for everybody"
        OFF = "off", "off for everybody"
        ONLY = "only", "on only for those chosen"
        EXCEPT = "except", "off only at the venues chosen"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)
    flag = models.CharField(max_length=60, unique=True)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.DEFAULT)
    percent = models.PositiveSmallIntegerField(default=0, help_text="Of the users who are signed in.")
    staff = models.BooleanField(default=False, help_text="For everybody who works at a venue.")
    venue_ids = models.JSONField(default=list)

    class Meta:
        app_label = "trufan_lib"
        verbose_name = "switch"
        verbose_name_plural = "switches"
        constraints = [models.CheckConstraint(condition=Q(percent__lte=100), name="flag_percent_of_a_hundred")]

    def __str__(self) -> str:
        return self.flag
