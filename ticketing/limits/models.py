"""The row at which two orders of one person wait for each other."""

from __future__ import annotations

from django.db import models

from events.models import Event
from trufan.lib.models import BaseModel


class LimitedBuyer(BaseModel):
    """One way to know a person who bought for an event with limits: an account, an e-mail address, a phone.

    It counts nothing: how much somebody has is said by the lines of their orders alone, which nothing can drift from.
    Whoever asks that locks the row first, so that of two orders at once the second sees the first.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    person_key = models.CharField(max_length=64, help_text="A keyed digest: it names nobody.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "person_key"], name="limitedbuyer_once")]

    def __str__(self) -> str:
        return self.person_key[:8]
