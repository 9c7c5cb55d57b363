"""What becomes of the orders of an event that was called off: one row for the event, one for each order."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from events.models import Event
from orders.calloffs.querysets import CallOffOrderQuerySet, CallOffQuerySet
from orders.pricing import Terms
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField


class CallOff(Stateful, BaseModel):
    """What goes back besides the tickets, what is kept, and whether all orders were gone through."""

    class Status(models.TextChoices):
        RUNNING = "running"
        DONE = "done"

    MOVES = {
        Status.RUNNING: frozenset({Status.DONE}),
        # Orders that failed are tried again.
        Status.DONE: frozenset({Status.RUNNING}),
    }

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="call_off")
    also = models.JSONField(
        default=list, blank=True, help_text='What goes back besides the tickets: `["parking", "product"]`.'
    )
    keep_fees = models.BooleanField(default=False, help_text="Whether the service fees of the tickets are kept.")
    reason = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CallOffQuerySet.as_manager()

    class Meta:
        verbose_name = "call-off"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["running", "done"]), name="calloff_status_known"),
        ]
        indexes = [models.Index(fields=["created_at"], name="calloff_running", condition=Q(status="running"))]

    def __str__(self) -> str:
        return str(self.event)

    @property
    def terms(self) -> Terms:
        """What is kept of a ticket."""
        return Terms(keep_fees=self.keep_fees)


class CallOffOrder(Stateful, BaseModel):
    """One order of the event: what was asked to go back of it, or why it could not be."""

    class Status(models.TextChoices):
        PENDING = "pending", "to be done"
        REFUNDED = "refunded", "refund asked for"
        NOTHING = "nothing", "nothing to refund"
        FAILED = "failed"

    MOVES = {
        Status.PENDING: frozenset({Status.REFUNDED, Status.NOTHING, Status.FAILED}),
        Status.REFUNDED: frozenset(),
        Status.NOTHING: frozenset(),
        Status.FAILED: frozenset({Status.PENDING}),
    }

    call_off = models.ForeignKey(CallOff, on_delete=models.CASCADE, related_name="orders", db_index=False)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="call_offs")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING, editable=False)
    refund = models.OneToOneField(
        "orders.OrderRefund", on_delete=models.PROTECT, null=True, blank=True, related_name="call_off"
    )
    amount = AmountField(default=0, help_text="What goes back.")
    kept = AmountField(default=0, help_text="What the venue keeps of it.")
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=300, blank=True, help_text="Why nothing could be refunded.")

    objects = CallOffOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "order of a call-off"
        verbose_name_plural = "orders of call-offs"
        ordering = ["order_id"]
        constraints = [
            models.UniqueConstraint(fields=["call_off", "order"], name="callofforder_once"),
            models.CheckConstraint(
                condition=Q(status="refunded", refund__isnull=False) | ~Q(status="refunded") & Q(refund=None),
                name="callofforder_refunded_by_a_refund",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "refunded", "nothing", "failed"]), name="callofforder_status_known"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0, kept__gte=0), name="callofforder_not_negative"),
        ]
        indexes = [models.Index(fields=["call_off", "status", "order"], name="callofforder_status")]

    def __str__(self) -> str:
        return str(self.order)
