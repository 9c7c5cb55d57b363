"""A move of an event that lets its buyers choose, and what each of them chose."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from events.models import Event
from orders.moves.querysets import EventMoveQuerySet
from orders.pricing import Terms
from trufan.lib import words
from trufan.lib.models import BaseModel


class EventMove(BaseModel):
    """From when to when an event was moved, and on what terms its buyers may give back until `answer_by`."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="moves")
    was_starts_at = models.DateTimeField()
    was_ends_at = models.DateTimeField()
    was_doors_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    answer_by = models.DateTimeField(help_text="Who has not answered by then keeps the tickets.")
    also = models.JSONField(
        default=list, blank=True, help_text='What goes back besides the tickets: `["parking", "product"]`.'
    )
    keep_fees = models.BooleanField(default=False, help_text="Whether the service fees of the tickets are kept.")
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = EventMoveQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(answer_by__gt=models.F("created_at")), name="eventmove_leaves_time"),
        ]

    def __str__(self) -> str:
        return str(self.event)

    @property
    def terms(self) -> Terms:
        """What is kept of a ticket."""
        return Terms(keep_fees=self.keep_fees)

    def is_open(self, now: datetime) -> bool:
        """Whether a buyer may still answer."""
        return now <= self.answer_by and self.event.status == Event.Status.PUBLISHED


class MoveAnswer(BaseModel):
    """What the buyer of one order chose; keeping may still become giving back, and not the other way."""

    class Answer(models.TextChoices):
        KEEP = "keep"
        REFUND = "refund"

    move = models.ForeignKey(EventMove, on_delete=models.CASCADE, related_name="answers", db_index=False)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="move_answers")
    answer = models.CharField(max_length=10, choices=Answer)
    refund = models.OneToOneField(
        "orders.OrderRefund", on_delete=models.PROTECT, null=True, blank=True, related_name="move_answer"
    )
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["-answered_at"]
        constraints = [
            models.UniqueConstraint(fields=["move", "order"], name="moveanswer_once_per_order"),
            models.CheckConstraint(
                condition=Q(answer="refund", refund__isnull=False) | Q(answer="keep", refund=None),
                name="moveanswer_refunded_by_a_refund",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {words.within(self.answer)}"
