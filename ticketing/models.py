"""Ticket types, tickets, and what happened to them at the door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self, cast
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower, StrIndex, Substr

from events.models import Event
from orders.models import Order, OrderItem, new_number
from orders.pricing import Terms, unit_fee
from orders.sellable import CartLine, Offer, Pieces, Sellable, beyond
from ticketing import steps
from ticketing.querysets import TicketQuerySet, TicketTypeQuerySet
from trufan.lib.errors import DomainError
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField
from venues import fees


class TicketType(BaseModel, Sellable):
    """One kind of ticket of one event. `held + sold + house + set_aside` never exceeds `quantity`."""

    sellable_type = "ticket"
    counts_stock = keeps_a_line = keeps_house = True
    admits = True
    papers = ("tickets", "calendar")

    class Visibility(models.TextChoices):
        OPEN = "open"
        HIDDEN = "hidden"

    class Availability(models.TextChoices):
        AVAILABLE = "available"
        FEW = "few"
        SOLD_OUT = "sold_out"

    #: "Few" are left at a tenth of the quantity, or at this many.
    FEW_LEFT = 5

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="ticket_types", db_index=False)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    price = AmountField(
        help_text="Minor units of the venue's currency, before fees and tax; what it costs once no release is open."
    )
    min_price = AmountField(
        null=True,
        blank=True,
        help_text="Buyers name the price, at least this; `price` is suggested. Empty: the price is fixed.",
    )
    quantity = models.PositiveIntegerField()
    held = models.PositiveIntegerField(default=0, editable=False)
    sold = models.PositiveIntegerField(default=0, editable=False)
    house = models.PositiveIntegerField(default=0, editable=False, help_text="Kept back by the venue for itself.")
    waiting = models.PositiveIntegerField(default=0, editable=False, help_text="Wanted by people on the waiting list.")
    set_aside = models.PositiveIntegerField(default=0, editable=False, help_text="Came free, and kept for them.")
    sales_start = models.DateTimeField(null=True, blank=True)
    sales_end = models.DateTimeField(null=True, blank=True)
    min_per_order = models.PositiveSmallIntegerField(default=1)
    max_per_order = models.PositiveSmallIntegerField(default=10)
    max_per_person = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Over all orders of one account, e-mail address or phone; empty: no limit."
    )
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.OPEN)
    position = models.PositiveSmallIntegerField(default=0)
    needs_slot = models.BooleanField(default=False, help_text="Its buyers choose one of the event's entry slots.")
    addon_of = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="addons",
        help_text="Sold only on top of one of these. Empty: by itself.",
    )
    gates = models.JSONField(
        default=list, blank=True, help_text="Names of the gates that its tickets open; empty: all of them."
    )

    objects = TicketTypeQuerySet.as_manager()

    #: Set by `with_fees`: whether it is sold only on top of another.
    is_addon: bool
    #: Set by `for_sale`: what of its rarities it has (`ticketing.rarities`).
    has_fees: bool = True
    has_releases: bool = True
    has_room: bool = True
    has_questions: bool = True
    has_seats: bool = True
    has_listeners: bool = True

    class Meta:
        ordering = ["event", "position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="tickettype_price_not_negative"),
            models.CheckConstraint(
                condition=Q(min_price=None) | Q(min_price__gte=0, min_price__lte=F("price")),
                name="tickettype_min_price_within_price",
            ),
            models.CheckConstraint(
                condition=Q(held__gte=0, sold__gte=0, house__gte=0)
                & Q(quantity__gte=F("held") + F("sold") + F("house") + F("set_aside")),
                name="tickettype_never_oversold",
            ),
            models.CheckConstraint(
                condition=Q(set_aside__gte=0) & Q(waiting__gte=F("set_aside")), name="tickettype_set_aside_for_somebody"
            ),
            models.CheckConstraint(
                condition=Q(min_per_order__gte=1) & Q(max_per_order__gte=F("min_per_order")),
                name="tickettype_order_limits",
            ),
            models.CheckConstraint(
                condition=Q(max_per_person=None) | Q(max_per_person__gte=F("min_per_order")),
                name="tickettype_person_limit",
            ),
            models.CheckConstraint(
                condition=Q(sales_start=None) | Q(sales_end=None) | Q(sales_end__gt=F("sales_start")),
                name="tickettype_sales_window",
            ),
            models.UniqueConstraint(fields=["event", "name"], name="tickettype_once_per_name"),
        ]
        indexes = [
            models.Index(fields=["event"], name="tickettype_line", condition=Q(waiting__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name

    def is_on_sale(self, now: datetime) -> bool:
        """Whether the event and this type's own window allow a sale at `now`; stock is another question."""
        return (
            self.event.is_on_sale(now)
            and (self.sales_start is None or self.sales_start <= now)
            and (self.sales_end is None or now < self.sales_end)
        )

    @property
    def availability(self) -> str:
        """How many are left, in a word; sold out when not even the smallest order could be placed."""
        if self.left < self.min_per_order:
            return self.Availability.SOLD_OUT
        return (
            self.Availability.FEW
            if self.left <= max(self.FEW_LEFT, self.quantity // 10)
            else self.Availability.AVAILABLE
        )

    def all_in(self, price: int) -> int:
        """What one at `price` costs with all fees on top, before tax; `prices.all_in` says the same in SQL."""
        venue = self.event.venue
        service_fee = unit_fee(price, venue.ticket_fee_fixed, venue.ticket_fee_ppm)
        return price + service_fee + fees.on_top(venue, self.sellable_type, price)

    # -- Sellable: the rules stand in selling.py and orders/counters.py --

    @classmethod
    def for_sale(cls, ids: Iterable[UUID], now: datetime) -> dict[UUID, Self]:
        from ticketing import rarities

        return cast("dict[UUID, Self]", rarities.read(list(ids)))

    @property
    def for_event(self) -> UUID:
        return self.event_id

    @classmethod
    def of_event(cls, event_id: UUID) -> models.QuerySet:
        return cls.objects.order_by().filter(event=event_id).values_list("pk", flat=True)

    @property
    def left(self) -> int:
        return self.quantity - self.held - self.sold - self.house - self.set_aside

    def offer(self, line: CartLine, now: datetime) -> Offer:
        from ticketing.selling import make_offer

        return make_offer(self, line, now)

    @classmethod
    def reserve(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from orders.counters import hold

        for step in steps.reserving:
            step(items, now)
        hold(cls, items)
        for step in steps.reserved:
            step(items, now)

    @classmethod
    def release(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from orders.counters import let_go

        for step in steps.releasing:
            step(items, now)
        let_go(cls, items)
        for step in steps.released:
            step(items, now)

    @classmethod
    def rehold(cls, before: Sequence[OrderItem], after: Sequence[OrderItem], now: datetime) -> None:
        from orders.counters import hold, let_go

        for step in steps.reholding:
            step(before, after, now)
        cls.lock({item.item_id for item in (*before, *after)})
        let_go(cls, beyond(before, after))
        hold(cls, beyond(after, before))
        for step in steps.reheld:
            step(before, after, now)

    @classmethod
    def fulfil(cls, order: Order, items: Sequence[OrderItem], now: datetime) -> None:
        from ticketing.issuing import issue

        issue(order, items, now)

    @classmethod
    def take(cls, order: Order, items: Sequence[OrderItem], now: datetime) -> None:
        from ticketing.issuing import issue

        for step in steps.reserving:
            step(items, now)
        issue(order, items, now, held=False)

    @classmethod
    def choose(cls, asked: Sequence[Pieces], *, by_buyer: bool) -> list[Pieces | DomainError]:
        from ticketing.returns import choose

        return choose(asked, by_buyer=by_buyer)

    @classmethod
    def returnable(cls, pieces: Pieces) -> int:
        from ticketing.returns import returnable

        return returnable(pieces)

    @classmethod
    def refund_terms(cls, items: Sequence[OrderItem], now: datetime) -> list[Terms | DomainError]:
        from ticketing.returns import terms

        return terms(items, now)

    @classmethod
    def freeze(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from ticketing.freezing import freeze

        freeze(items, now)

    @classmethod
    def thaw(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from ticketing.freezing import thaw

        thaw(items)

    @classmethod
    def suspend(cls, pieces: Sequence[Pieces], now: datetime) -> None:
        from ticketing.returns import suspend

        suspend(pieces, now)

    @classmethod
    def resume(cls, pieces: Sequence[Pieces]) -> None:
        from ticketing.returns import resume

        resume(pieces)

    @classmethod
    def revoke(cls, order: Order, pieces: Sequence[Pieces], now: datetime) -> None:
        from ticketing.returns import void

        void(pieces, order.venue_id, now)


class Ticket(Stateful, BaseModel):
    """One admission. Its QR code is signed when it is asked for, never stored."""

    class Status(models.TextChoices):
        VALID = "valid"
        USED = "used"
        REFUNDED = "refunded"

    MOVES = {
        Status.VALID: frozenset({Status.USED, Status.REFUNDED}),
        Status.USED: frozenset({Status.VALID, Status.REFUNDED}),
        Status.REFUNDED: frozenset(),
    }

    number = models.CharField(max_length=12, unique=True, default=new_number, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    ticket_type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="tickets")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="tickets")
    order_item = models.ForeignKey(OrderItem, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    ordinal = models.PositiveIntegerField(help_text="Which of its line's tickets this is, from 1.")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        db_index=False,
    )
    holder_name = models.CharField(max_length=160, blank=True)
    seat = models.CharField(max_length=40, blank=True, help_text="A seat label such as A-12; empty where people stand.")
    slot = models.ForeignKey(
        "ticketing.EntrySlot",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        help_text="When its holder comes in; empty: any time.",
    )
    code_version = models.PositiveSmallIntegerField(default=1, help_text="A code of an older version is refused.")
    status = models.CharField(max_length=12, choices=Status, default=Status.VALID, editable=False)
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    used_gate = models.CharField(max_length=60, blank=True, editable=False)
    frozen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when it admits nobody because its money is disputed."
    )
    returning_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when its refund is on its way; it admits nobody then."
    )
    door_version = models.BigIntegerField(
        default=0, editable=False, help_text="Written by the database at every change; see manifest/versions.py."
    )

    # What the scans of the ticket come to; written by the door alone (ticketing/door/folding.py).
    inside = models.BooleanField(default=False, editable=False, help_text="Who came with it has not left.")
    entries = models.PositiveSmallIntegerField(default=0, editable=False)
    last_in_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_out_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When it was refunded.")
    # By what the door looks for a name: from its beginning, and from its second word on. Kept by the database.
    holder_key = models.GeneratedField(
        expression=Lower("holder_name"), output_field=models.CharField(max_length=160), db_persist=True
    )
    surname_key = models.GeneratedField(
        expression=Lower(Substr("holder_name", StrIndex("holder_name", Value(" ")) + 1)),
        output_field=models.CharField(max_length=160),
        db_persist=True,
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "ordinal", "id"]
        constraints = [
            models.UniqueConstraint(fields=["order_item", "ordinal"], name="ticket_issued_once"),
            models.UniqueConstraint(
                fields=["event", "seat"],
                condition=Q(status__in=["valid", "used"]) & ~Q(seat=""),
                name="ticket_one_live_per_seat",
            ),
            models.CheckConstraint(
                condition=~Q(status="used") | Q(used_at__isnull=False), name="ticket_used_has_a_time"
            ),
            models.CheckConstraint(condition=Q(status__in=["valid", "used", "refunded"]), name="ticket_status_known"),
            models.CheckConstraint(condition=Q(inside=False) | Q(entries__gte=1), name="ticket_inside_came_in"),
        ]
        indexes = [
            models.Index(fields=["holder", "-created_at"], name="ticket_holder"),
            models.Index(fields=["-created_at", "ordinal", "id"], name="ticket_newest"),
            models.Index(fields=["event", "door_version"], name="ticket_door_version"),
            # Read alone for the numbers of the door: the columns that it counts by are all there.
            models.Index(fields=["event", "status", "ticket_type", "inside", "used_gate"], name="ticket_event_status"),
            models.Index(
                fields=["event", "holder_key"], opclasses=["uuid_ops", "varchar_pattern_ops"], name="ticket_door_name"
            ),
            models.Index(
                fields=["event", "surname_key"],
                opclasses=["uuid_ops", "varchar_pattern_ops"],
                name="ticket_door_surname",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def opens_for(self, user: Any) -> bool:
        """Whether someone who may see the ticket may see its code: its holder, or the buyer who never gave it away."""
        return self.status != self.Status.REFUNDED and self.is_of(user)

    def is_of(self, user: Any) -> bool:
        """The same, whatever became of it."""
        return self.holder_id == self.order.user_id or self.holder_id == user.pk


# Rooms with tables of their own; these refer to the ones above.
from ticketing.attendees.models import Answer as Answer
from ticketing.attendees.models import Attendee as Attendee
from ticketing.attendees.models import Question as Question
from ticketing.boxoffice.models import Comp as Comp
from ticketing.boxoffice.models import DoorSale as DoorSale
from ticketing.boxoffice.models import HouseHold as HouseHold
from ticketing.door.models import CheckInList as CheckInList
from ticketing.door.models import Scan as Scan
from ticketing.exchanges.models import TicketExchange as TicketExchange
from ticketing.limits.models import LimitedBuyer as LimitedBuyer
from ticketing.pricing.models import Bundle as Bundle
from ticketing.pricing.models import BundleLine as BundleLine
from ticketing.pricing.models import TicketRelease as TicketRelease
from ticketing.pricing.models import UnlockCode as UnlockCode
from ticketing.seats.models import EventSeat as EventSeat
from ticketing.seats.models import EventSeating as EventSeating
from ticketing.slots.models import EntrySlot as EntrySlot
from ticketing.transfers.models import TicketTransfer as TicketTransfer
from ticketing.waitingroom.models import WaitingRoom as WaitingRoom
from ticketing.waitingroom.models import WaitingRoomEntry as WaitingRoomEntry
from ticketing.waitingroom.models import WaitingRoomOrder as WaitingRoomOrder
from ticketing.waitlist.models import WaitlistEntry as WaitlistEntry
