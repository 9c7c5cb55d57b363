"""What one outlet owes one order: made, handed over, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from trufan.lib.models import BaseModel, Stateful

if TYPE_CHECKING:
    from orders.kitchen.queue import Line

_IS_OPEN = Q(status__in=["placed", "accepted", "preparing", "ready", "out_for_delivery"])


class Fulfilment(Stateful, BaseModel):
    """The lines of one order that one outlet makes. Each state keeps the time it was reached."""

    class Status(models.TextChoices):
        PLACED = "placed"
        ACCEPTED = "accepted"
        PREPARING = "preparing"
        READY = "ready"
        PICKED_UP = "picked_up"
        OUT_FOR_DELIVERY = "out_for_delivery"
        DELIVERED = "delivered"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    class Method(models.TextChoices):
        PICKUP = "pickup"
        SEAT = "seat"

    #: Not yet handed over, refused or cancelled: what stands in the queue.
    OPEN = (Status.PLACED, Status.ACCEPTED, Status.PREPARING, Status.READY, Status.OUT_FOR_DELIVERY)
    #: Of those, what is still to be made.
    TO_MAKE = (Status.PLACED, Status.ACCEPTED, Status.PREPARING)
    _ENDS = frozenset({Status.REFUSED, Status.CANCELLED})
    #: On, or one step back after a slip of the finger. Refused and cancelled stay so: their money is on its way.
    MOVES = {
        Status.PLACED: frozenset({Status.ACCEPTED, Status.PREPARING, Status.READY}) | _ENDS,
        Status.ACCEPTED: frozenset({Status.PREPARING, Status.READY, Status.PLACED}) | _ENDS,
        Status.PREPARING: frozenset({Status.READY, Status.ACCEPTED, Status.PLACED}) | _ENDS,
        Status.READY: frozenset(
            {
                Status.PICKED_UP, Status.OUT_FOR_DELIVERY, Status.CANCELLED,
                Status.PREPARING, Status.ACCEPTED, Status.PLACED,
            }
        ),
        Status.OUT_FOR_DELIVERY: frozenset({Status.DELIVERED, Status.CANCELLED, Status.READY}),
        Status.PICKED_UP: frozenset({Status.READY}),
        Status.DELIVERED: frozenset({Status.OUT_FOR_DELIVERY}),
        Status.REFUSED: frozenset(),
        Status.CANCELLED: frozenset(),
    }  # fmt: skip

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="fulfilments", db_index=False)
    outlet = models.ForeignKey("orders.Outlet", on_delete=models.PROTECT, related_name="fulfilments")
    status = models.CharField(max_length=20, choices=Status, default=Status.PLACED, editable=False)
    pickup_number = models.PositiveIntegerField(help_text="Called out at the counter.")
    method = models.CharField(max_length=10, choices=Method, default=Method.PICKUP)
    section = models.CharField(max_length=40, blank=True)
    row = models.CharField(max_length=20, blank=True)
    seat = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=200, blank=True)
    minimum_age = models.PositiveSmallIntegerField(
        default=0, help_text="Years; the highest that any of its lines asks for, checked when it is handed over."
    )
    promised_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    preparing_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    sent_out_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Handed over, refused or cancelled.")
    age_checked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was refused or cancelled.")

    #: As the queue read it: whether it is late, and the lines that are still wanted.
    late: bool = False
    lines: Sequence[Line] = ()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "outlet"], name="fulfilment_once_per_outlet"),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "placed", "accepted", "preparing", "ready", "picked_up", "out_for_delivery", "delivered",
                        "refused", "cancelled",
                    ]
                ),
                name="fulfilment_status_known",
            ),
            # Nobody is called by a number that somebody else waits with.
            models.UniqueConstraint(
                fields=["outlet", "pickup_number"], condition=_IS_OPEN, name="fulfilment_number_while_open"
            ),
        ]  # fmt: skip
        indexes = [
            # The queue of an outlet stays as short as what is not yet done, however many came before.
            models.Index(
                fields=["outlet", "created_at"],
                condition=_IS_OPEN,
                name="fulfilment_queue",
            ),
            models.Index(fields=["-created_at", "-id"], name="fulfilment_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.pickup_number}, {self.outlet}"

    @property
    def needs_age_check(self) -> bool:
        return self.minimum_age > 0

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def was_begun(self) -> bool:
        """Whether its food is made, or was being made when it ended."""
        return self.preparing_at is not None or self.ready_at is not None

    @property
    def place(self) -> str:
        """`Section 112, row A, seat 12`, as far as it was given; empty for what is picked up."""
        parts = (
            (gettext("section {value}"), self.section),
            (gettext("row {value}"), self.row),
            (gettext("seat {value}"), self.seat),
        )
        words = ", ".join(text.format(value=value) for text, value in parts if value)
        return words[:1].upper() + words[1:]

    def place_in(self, language: str) -> str:
        """The same in one language, for what is kept or sent rather than shown."""
        with translation.override(language):
            return self.place

    def is_late(self, now: datetime) -> bool:
        """Promised for earlier, and the buyer does not have it; what waits for them at the counter is not late."""
        waits = self.status == self.Status.READY and self.method == self.Method.PICKUP
        return self.is_open and not waits and self.promised_at < now
