"""Quotes and reservations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self, cast
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext

from orders.models import Order, OrderItem, new_number
from orders.pricing import Terms
from orders.sellable import CartLine, Offer, Pieces, Sellable
from parking.booking.querysets import ReservationQuerySet
from parking.lots.models import ONE, ParkingCapacity, ParkingLot
from parking.spaces.models import SpaceUse
from parking.vehicles.models import PlatedModel
from trufan.lib.errors import DomainError
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField


class ParkingOffer(PlatedModel, BaseModel, Sellable):
    """A quote: one space of a kind for a window, at a price that holds until `expires_at`."""

    sellable_type = "parking"

    #: How many spaces there were for it when it was read for a cart.
    spaces_left: int | None = None

    capacity = models.ForeignKey(ParkingCapacity, on_delete=models.PROTECT, related_name="offers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="parking_offers"
    )
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    price = AmountField(help_text="Minor units of the venue's currency, before fees and tax.")
    parts = models.JSONField(default=list, help_text='`[{"kind", "words", "amount"}, …]`, which add up to the price.')
    words = models.JSONField(default=list, help_text="Why it costs that, in sentences.")
    tariff = models.JSONField(help_text="By which it was reckoned.")
    multiplier_ppm = models.PositiveIntegerField(default=ONE)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="offer_ends_after_start"),
            models.CheckConstraint(condition=Q(price__gte=0), name="offer_price_not_negative"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="offer_expiry"),
            models.Index(fields=["ends_at"], condition=~Q(plate=""), name="offer_plate_to_erase"),
        ]

    def __str__(self) -> str:
        return f"{self.capacity_id} from {self.starts_at} until {self.ends_at}"

    # -- Sellable: the rules stand in selling.py --

    @classmethod
    def for_sale(cls, ids: Iterable[UUID], now: datetime) -> dict[UUID, Self]:
        from parking.booking.selling import for_sale

        return cast("dict[UUID, Self]", for_sale(cls, ids, now))

    @property
    def for_event(self) -> UUID | None:
        return self.event_id

    @classmethod
    def of_event(cls, event_id: UUID) -> models.QuerySet:
        return cls._default_manager.order_by().filter(event=event_id).values_list("pk", flat=True)

    @classmethod
    def lock(cls, ids: Iterable[UUID]) -> list[Self]:
        from parking.booking.selling import lock

        return cast("list[Self]", lock(cls, ids))

    @property
    def left(self) -> int:
        from parking.booking.selling import left

        return left(self)

    def offer(self, line: CartLine, now: datetime) -> Offer:
        from parking.booking.selling import make_offer

        return make_offer(self, line, now)

    @classmethod
    def reserve(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from parking.booking.selling import reserve

        reserve(items, now)

    @classmethod
    def release(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from parking.booking.selling import release

        release(items, now)

    @classmethod
    def fulfil(cls, order: Order, items: Sequence[OrderItem], now: datetime) -> None:
        from parking.booking.confirming import confirm

        confirm(order, items, now)

    @classmethod
    def choose(cls, asked: Sequence[Pieces], *, by_buyer: bool) -> list[Pieces | DomainError]:
        from parking.booking.returns import choose

        return choose(asked, by_buyer=by_buyer)

    @classmethod
    def refund_terms(cls, items: Sequence[OrderItem], now: datetime) -> list[Terms | DomainError]:
        from parking.booking.returns import terms

        return terms(items, now)

    @classmethod
    def freeze(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from parking.booking.returns import freeze

        freeze(items, now)

    @classmethod
    def thaw(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from parking.booking.returns import thaw

        thaw(items)

    @classmethod
    def suspend(cls, pieces: Sequence[Pieces], now: datetime) -> None:
        from parking.booking.returns import suspend

        suspend(pieces, now)

    @classmethod
    def resume(cls, pieces: Sequence[Pieces]) -> None:
        from parking.booking.returns import resume

        resume(pieces)

    @classmethod
    def revoke(cls, order: Order, pieces: Sequence[Pieces], now: datetime) -> None:
        from parking.booking.returns import revoke

        revoke(pieces, now)


class ParkingReservation(Stateful, PlatedModel, BaseModel):
    """A space that is paid for, from `starts_at` until `ends_at`; its code and its plate open the gate."""

    class Status(models.TextChoices):
        CONFIRMED = "confirmed"
        INSIDE = "inside"
        # Driven out, and may come in again until its end.
        OUTSIDE = "outside"
        COMPLETED = "completed"
        CANCELLED = "cancelled"
        NO_SHOW = "no_show"

    MOVES = {
        Status.CONFIRMED: frozenset({Status.INSIDE, Status.CANCELLED, Status.NO_SHOW}),
        Status.INSIDE: frozenset({Status.OUTSIDE, Status.COMPLETED}),
        Status.OUTSIDE: frozenset({Status.INSIDE, Status.COMPLETED}),
        Status.COMPLETED: frozenset(),
        Status.CANCELLED: frozenset(),
        # Late, but here: where there is still room.
        Status.NO_SHOW: frozenset({Status.INSIDE, Status.CANCELLED}),
    }
    #: While it is one of these, its window is its holder's.
    LIVE = (Status.CONFIRMED, Status.INSIDE, Status.OUTSIDE)

    number = models.CharField(max_length=12, unique=True, default=new_number, editable=False)
    capacity = models.ForeignKey(ParkingCapacity, on_delete=models.PROTECT, related_name="reservations", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parking_reservations")
    order_item = models.OneToOneField(OrderItem, on_delete=models.PROTECT, related_name="parking_reservation")
    use = models.OneToOneField(SpaceUse, on_delete=models.PROTECT, related_name="reservation")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parking_reservations",
        db_index=False,
    )
    holder_name = models.CharField(max_length=160, blank=True)
    event = models.ForeignKey("events.Event", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    price = AmountField(help_text="What the present window costs, before fees and tax.")
    tariff = models.JSONField(help_text="By which it was reckoned, and changes are.")
    multiplier_ppm = models.PositiveIntegerField(default=ONE)
    code_version = models.PositiveSmallIntegerField(default=1, help_text="A code of an older version is refused.")
    status = models.CharField(max_length=12, choices=Status, default=Status.CONFIRMED, editable=False)
    entries = models.PositiveSmallIntegerField(default=0, editable=False, help_text="How often it was driven in.")
    frozen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when it opens nothing because its money is disputed."
    )
    returning_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when its refund is on its way; it opens nothing then."
    )

    objects = ReservationQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="reservation_ends_after_start"),
            models.CheckConstraint(
                condition=Q(status__in=["confirmed", "inside", "outside", "completed", "cancelled", "no_show"]),
                name="reservation_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "-starts_at"], name="reservation_holder"),
            models.Index(fields=["capacity", "status", "starts_at"], name="reservation_capacity"),
            models.Index(
                fields=["plate_key", "starts_at"],
                condition=Q(status__in=["confirmed", "inside", "outside", "no_show"]) & ~Q(plate_key=""),
                name="reservation_plate",
            ),
            models.Index(fields=["starts_at"], condition=Q(status="confirmed"), name="reservation_to_come"),
            models.Index(fields=["ends_at"], condition=Q(status="outside"), name="reservation_outside"),
            models.Index(fields=["ends_at"], condition=~Q(plate=""), name="reservation_plate_to_erase"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def venue_id(self) -> UUID:
        """The tenant."""
        return self.capacity.lot.venue_id

    @property
    def lot(self) -> ParkingLot:
        return self.capacity.lot


class ReservationChange(Stateful, PlatedModel, BaseModel):
    """Another window or kind for a reservation. What costs more waits for its charge, and holds the space meanwhile.

    It holds what the reservation does not have yet: uses whose `item_id` is its key.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        APPLIED = "applied"
        LAPSED = "lapsed"

    MOVES = {
        Status.PENDING: frozenset({Status.APPLIED, Status.LAPSED}),
        Status.APPLIED: frozenset(),
        # Its money may come late: then it is applied if there is still room.
        Status.LAPSED: frozenset({Status.APPLIED}),
    }

    reservation = models.ForeignKey(ParkingReservation, on_delete=models.PROTECT, related_name="changes")
    capacity = models.ForeignKey(ParkingCapacity, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    price = AmountField(help_text="What the new window costs, before fees and tax.")
    difference = AmountField(help_text="To pay on top; below nothing: what goes back. Before fees and tax.")
    parts = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING, editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="change_ends_after_start"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "applied", "lapsed"]), name="change_status_known"
            ),
            models.UniqueConstraint(fields=["reservation"], condition=Q(status="pending"), name="change_one_at_a_time"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(status="pending"), name="change_expiry")]

    def __str__(self) -> str:
        return gettext("Change of {reservation}").format(reservation=self.reservation)

    @property
    def venue_id(self) -> UUID:
        return self.reservation.venue_id
