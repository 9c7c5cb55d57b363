"""People who wait for tickets that are sold out, in the order in which they came."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.models import Order
from ticketing.models import TicketType
from ticketing.waitlist.querysets import WaitlistEntryQuerySet
from trufan.lib.models import BaseModel, Stateful


class WaitlistEntry(Stateful, BaseModel):
    """One person's place in the line for one ticket type.

    When it is their turn an order is placed for them: its hold is theirs alone, and ends as any hold does.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        OFFERED = "offered"
        #: They bought; they let the offer pass; they left; there is nothing to wait for any more.
        TAKEN = "taken"
        MISSED = "missed"
        LEFT = "left"
        CLOSED = "closed"

    MOVES = {
        Status.WAITING: frozenset({Status.OFFERED, Status.TAKEN, Status.LEFT, Status.CLOSED}),
        Status.OFFERED: frozenset({Status.TAKEN, Status.MISSED}),
        Status.TAKEN: frozenset(),
        Status.MISSED: frozenset(),
        Status.LEFT: frozenset(),
        Status.CLOSED: frozenset(),
    }

    ticket_type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="waitlist")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="waitlist_entries", db_index=False
    )
    quantity = models.PositiveSmallIntegerField(help_text="How many tickets they want.")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING, editable=False)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="What holds their offer."
    )
    offered_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WaitlistEntryQuerySet.as_manager()

    #: Set by `with_position`: 1 for who is next.
    position: int

    class Meta:
        verbose_name = "place on the waiting list"
        verbose_name_plural = "waiting list"
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket_type", "user"], condition=Q(status="waiting"), name="waitlist_one_place_each"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="waitlist_for_something"),
            models.CheckConstraint(
                condition=~Q(status="offered") | Q(order__isnull=False, offered_at__isnull=False),
                name="waitlist_offer_has_an_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ticket_type", "created_at", "id"], name="waitlist_line", condition=Q(status="waiting")
            ),
            models.Index(fields=["user", "-created_at"], name="waitlist_user"),
            models.Index(fields=["offered_at"], name="waitlist_offers", condition=Q(status="offered")),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.ticket_type}"
