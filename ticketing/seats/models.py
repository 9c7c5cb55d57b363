"""The seats of an event: one row for each, so that the database itself refuses to sell one twice."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from events.models import Event
from orders.models import OrderItem
from ticketing.models import Ticket, TicketType
from ticketing.seats.querysets import EventSeatingQuerySet, EventSeatQuerySet
from trufan.lib.models import BaseModel, Stateful
from venues.models import Seat, SeatingPlan


class EventSeating(BaseModel):
    """By which plan an event is seated, and which ticket type each part of the plan is sold as."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="seating")
    plan = models.ForeignKey(SeatingPlan, on_delete=models.PROTECT, related_name="event_seatings")
    plan_version = models.PositiveIntegerField(help_text="The plan's version when its seats were taken over.")
    prices = models.JSONField(
        default=list, help_text="The rules that give each seat its ticket type, as staff wrote them; later ones win."
    )
    version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Grows with each new plan or price rule: the map is another one then."
    )
    changes = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Grows after each commit that took or freed seats."
    )

    objects = EventSeatingQuerySet.as_manager()

    class Meta:
        verbose_name = "seating of an event"
        verbose_name_plural = "seatings of events"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="eventseating_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.event}, {self.plan}"


class EventSeat(Stateful, BaseModel):
    """One seat of one event. What it copies of the plan stays as it is until the event takes the plan over anew.

    Whatever moves a seat locks the row of its ticket type first: see `locking.py`.
    """

    class Status(models.TextChoices):
        FREE = "free"
        HELD = "held"
        SOLD = "sold"
        #: Not for sale: nobody sits there; kept by the house for its guests.
        BLOCKED = "blocked"
        HOUSE = "house"

    MOVES = {
        Status.FREE: frozenset({Status.HELD, Status.SOLD, Status.BLOCKED, Status.HOUSE}),
        Status.HELD: frozenset({Status.FREE, Status.SOLD}),
        Status.SOLD: frozenset({Status.FREE}),
        Status.BLOCKED: frozenset({Status.FREE, Status.HOUSE}),
        Status.HOUSE: frozenset({Status.FREE, Status.BLOCKED}),
    }

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="seats", db_index=False)
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="event_seats")
    position = models.PositiveIntegerField(help_text="Where it stands on the map, from 0: by section, row, and number.")
    label = models.CharField(max_length=40)
    section = models.CharField(max_length=40)
    row = models.CharField(max_length=12)
    number = models.CharField(max_length=12)
    row_order = models.PositiveSmallIntegerField()
    seat_order = models.PositiveSmallIntegerField()
    x = models.FloatField()
    y = models.FloatField()
    accessible = models.BooleanField(default=False)
    companion = models.BooleanField(default=False)
    restricted_view = models.BooleanField(default=False)
    goes_with = models.PositiveIntegerField(
        null=True, blank=True, help_text="The position of the wheelchair place whose companion sits here."
    )
    ticket_type = models.ForeignKey(
        TicketType, on_delete=models.PROTECT, null=True, blank=True, related_name="seats",
        help_text="What it is sold as; nothing: it is not sold.",
    )  # fmt: skip
    status = models.CharField(max_length=10, choices=Status, default=Status.FREE, editable=False)
    #: A changed order drops its line before it lets go of the seats: the database looks at the end.
    order_item = models.ForeignKey(
        OrderItem, on_delete=models.DO_NOTHING, null=True, blank=True, editable=False, related_name="seats"
    )
    ticket = models.OneToOneField(
        Ticket, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="event_seat"
    )
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is blocked, or for whom it is kept.")

    objects = EventSeatQuerySet.as_manager()

    class Meta:
        verbose_name = "seat of an event"
        verbose_name_plural = "seats of events"
        ordering = ["event", "position"]
        constraints = [
            models.UniqueConstraint(fields=["event", "seat"], name="eventseat_once_per_event"),
            models.UniqueConstraint(fields=["event", "label"], name="eventseat_once_per_label"),
            models.UniqueConstraint(fields=["event", "position"], name="eventseat_once_per_position"),
            models.CheckConstraint(
                condition=Q(status__in=["free", "blocked", "house"], order_item=None, ticket=None)
                | Q(status="held", order_item__isnull=False, ticket=None, ticket_type__isnull=False)
                | Q(status="sold", order_item__isnull=False, ticket__isnull=False, ticket_type__isnull=False),
                name="eventseat_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["free", "held", "sold"], reason="")
                | Q(status__in=["blocked", "house"]) & ~Q(reason=""),
                name="eventseat_kept_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ticket_type", "position"], name="eventseat_free", condition=Q(status="free"),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.label
