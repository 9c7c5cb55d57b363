"""The room before the shop: who came, in which order they are let in, and for which orders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from events.models import Event
from orders.models import Order
from ticketing.waitingroom import lottery
from ticketing.waitingroom.querysets import WaitingRoomEntryQuerySet, WaitingRoomQuerySet
from trufan.lib import sealing
from trufan.lib.models import BaseModel, Stateful


class WaitingRoom(Stateful, BaseModel):
    """The waiting room of one event. While it is not closed, nobody buys the event's tickets without its pass."""

    class Status(models.TextChoices):
        #: People come, and all who do have the same chance.
        OPEN = "open"
        #: The order is drawn, and people are let in.
        ACTIVE = "active"
        #: Switched off: whoever wants to buys at once.
        CLOSED = "closed"

    MOVES = {
        Status.OPEN: frozenset({Status.ACTIVE, Status.CLOSED}),
        Status.ACTIVE: frozenset({Status.CLOSED}),
        Status.CLOSED: frozenset({Status.OPEN, Status.ACTIVE}),
    }

    #: Harder riddles than this keep a phone busy for minutes.
    MOST_BITS = 24

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="waiting_room")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN, editable=False)
    opens_at = models.DateTimeField(help_text="From when people may come.")
    starts_at = models.DateTimeField(help_text="From when they are let in; who came before is drawn by lot.")
    at_once = models.PositiveIntegerField(default=100, help_text="How many may be in the shop at the same time.")
    batch = models.PositiveIntegerField(default=50, help_text="How many are let in at one step, every two seconds.")
    pass_minutes = models.PositiveSmallIntegerField(default=10, help_text="How long a pass is good without an order.")
    orders_per_pass = models.PositiveSmallIntegerField(default=1)
    proof_of_work_bits = models.PositiveSmallIntegerField(
        default=0, help_text="How hard a riddle a browser solves before it may enter; 0: none. 18 take a second or so."
    )
    seed_sealed = models.CharField(max_length=250, editable=False)
    seed_hash = models.CharField(max_length=64, editable=False)
    began_at = models.DateTimeField(null=True, blank=True, editable=False)
    stepped_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WaitingRoomQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__gte=F("opens_at")), name="waitingroom_opens_before_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(at_once__gte=1, batch__gte=1, pass_minutes__gte=1, orders_per_pass__gte=1),
                name="waitingroom_lets_somebody_in",
            ),
            models.CheckConstraint(condition=Q(proof_of_work_bits__lte=24), name="waitingroom_riddles_can_be_solved"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "active", "closed"]), name="waitingroom_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(began_at__isnull=False), name="waitingroom_active_began"
            ),
        ]

    def __str__(self) -> str:
        return self.event.name

    @property
    def is_shut(self) -> bool:
        """Whether a pass is needed."""
        return self.status != self.Status.CLOSED

    @property
    def seed(self) -> str:
        """The secret of the draw; to be shown once `began_at` is there, and not before."""
        return sealing.unseal(self.seed_sealed)

    @property
    def pass_time(self) -> timedelta:
        return timedelta(minutes=self.pass_minutes)

    def turn_of(self, entry_id: UUID, now: datetime) -> int:
        """The number of a place that is taken now."""
        if self.began_at is None and now < self.starts_at:
            return lottery.drawn(self.seed, entry_id)
        return lottery.arrived(now)


class WaitingRoomEntry(Stateful, BaseModel):
    """One person's place, or one device's. Places are rows: whatever restarts, nobody loses theirs."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        #: In the shop, with a pass until `pass_expires_at`.
        ADMITTED = "admitted"
        #: They bought; they went; their pass ran out.
        DONE = "done"
        LEFT = "left"
        EXPIRED = "expired"

    MOVES = {
        Status.WAITING: frozenset({Status.ADMITTED, Status.LEFT}),
        Status.ADMITTED: frozenset({Status.DONE, Status.LEFT, Status.EXPIRED}),
        Status.DONE: frozenset(),
        Status.LEFT: frozenset(),
        Status.EXPIRED: frozenset(),
    }

    room = models.ForeignKey(WaitingRoom, on_delete=models.PROTECT, related_name="entries")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="waiting_room_entries"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING, editable=False)
    turn = models.BigIntegerField(editable=False, help_text="The lowest is next: see `lottery`.")
    proof = models.CharField(max_length=64, blank=True, editable=False, help_text="SHA-256 of the riddle it solved.")
    buyer_key = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Who used the pass first, as a keyed digest."
    )
    admitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    collected_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When they first saw that they were let in."
    )
    pass_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WaitingRoomEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "place in the waiting room"
        verbose_name_plural = "places in waiting rooms"
        ordering = ["turn", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["room", "user"],
                condition=Q(status__in=["waiting", "admitted"]),
                name="waitingroom_one_place_each",
            ),
            models.UniqueConstraint(fields=["proof"], condition=~Q(proof=""), name="waitingroom_riddle_solved_once"),
            models.CheckConstraint(
                condition=~Q(status="admitted") | Q(admitted_at__isnull=False, pass_expires_at__isnull=False),
                name="waitingroom_admitted_with_a_pass",
            ),
            models.CheckConstraint(condition=Q(turn__gte=0), name="waitingroom_turn_not_negative"),
        ]
        indexes = [
            models.Index(fields=["room", "turn", "id"], name="waitingroom_line", condition=Q(status="waiting")),
            models.Index(fields=["room", "pass_expires_at"], name="waitingroom_passes", condition=Q(status="admitted")),
            models.Index(
                fields=["room", "-ended_at"], name="waitingroom_through", condition=Q(admitted_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.room}"

    def has_pass(self, now: datetime) -> bool:
        """Whether they may buy at `now`."""
        return self.status == self.Status.ADMITTED and self.pass_expires_at is not None and now < self.pass_expires_at

    def belongs_to(self, user: Any) -> bool:
        """Whether it is this person's; a guest's place is whoever's has its token."""
        return self.user_id is None or (user is not None and user.is_authenticated and self.user_id == user.pk)


class WaitingRoomOrder(BaseModel):
    """An order that was placed with a pass."""

    entry = models.ForeignKey(WaitingRoomEntry, on_delete=models.PROTECT, related_name="orders")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.order)
