"""Ticket types, tickets, and what happened to them at the door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self, cast
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from events.models import Event
from orders.models import Order, OrderItem, new_number
from orders.pricing import Terms, unit_fee
from orders.sellable import CartLine, Offer, Pieces, Sellable
from ticketing.querysets import ScanQuerySet, TicketQuerySet, TicketTypeQuerySet
from trufan.lib.errors import DomainError
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField
from venues import fees


class TicketType(BaseModel, Sellable):
    """One kind of ticket of one event. `held + sold` never exceeds `quantity`."""

    sellable_type = "ticket"

    class Visibility(models.TextChoices):
        OPEN = "open"
        HIDDEN = "hidden"

    class Availability(models.TextChoices):
        AVAILABLE = "available"
        FEW = "few"
        SOLD_OUT = "sold_out"

    #: "Few" are left at a tenth of the quantity, or at this many.
    FEW_LEFT = 5

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="ticket_types")
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    price = AmountField(help_text="Minor units of the venue's currency, before fees and tax.")
    quantity = models.PositiveIntegerField()
    held = models.PositiveIntegerField(default=0, editable=False)
    sold = models.PositiveIntegerField(default=0, editable=False)
    sales_start = models.DateTimeField(null=True, blank=True)
    sales_end = models.DateTimeField(null=True, blank=True)
    min_per_order = models.PositiveSmallIntegerField(default=1)
    max_per_order = models.PositiveSmallIntegerField(default=10)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.OPEN)
    position = models.PositiveSmallIntegerField(default=0)

    objects = TicketTypeQuerySet.as_manager()

    class Meta:
        ordering = ["event", "position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="tickettype_price_not_negative"),
            models.CheckConstraint(
                condition=Q(held__gte=0) & Q(sold__gte=0) & Q(quantity__gte=F("held") + F("sold")),
                name="tickettype_never_oversold",
            ),
            models.CheckConstraint(
                condition=Q(min_per_order__gte=1) & Q(max_per_order__gte=F("min_per_order")),
                name="tickettype_order_limits",
            ),
            models.CheckConstraint(
                condition=Q(sales_start=None) | Q(sales_end=None) | Q(sales_end__gt=F("sales_start")),
                name="tickettype_sales_window",
            ),
            models.UniqueConstraint(fields=["event", "name"], name="tickettype_once_per_name"),
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

    @property
    def all_in_price(self) -> int:
        """What one costs with all fees on top, before tax; `prices.ALL_IN` says the same in SQL."""
        venue = self.event.venue
        service_fee = unit_fee(self.price, venue.ticket_fee_fixed, venue.ticket_fee_ppm)
        return self.price + service_fee + fees.on_top(venue, self.sellable_type, self.price)

    # -- Sellable: the rules stand in selling.py and orders/counters.py --

    @classmethod
    def for_sale(cls, ids: Iterable[UUID], now: datetime) -> dict[UUID, Self]:
        return cast("dict[UUID, Self]", cls.objects.with_fees().in_bulk(list(ids)))

    @property
    def for_event(self) -> UUID:
        return self.event_id

    @property
    def left(self) -> int:
        return self.quantity - self.held - self.sold

    def offer(self, line: CartLine, now: datetime) -> Offer:
        from ticketing.selling import make_offer

        return make_offer(self, line, now)

    @classmethod
    def reserve(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from orders.counters import hold

        hold(cls, items)

    @classmethod
    def release(cls, items: Sequence[OrderItem], now: datetime) -> None:
        from orders.counters import let_go

        let_go(cls, items)

    @classmethod
    def fulfil(cls, order: Order, items: Sequence[OrderItem], now: datetime) -> None:
        from ticketing.issuing import issue

        issue(order, items, now)

    @classmethod
    def choose(cls, asked: Sequence[Pieces], *, by_buyer: bool) -> list[Pieces | DomainError]:
        from ticketing.returns import choose

        return choose(asked, by_buyer=by_buyer)

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

        void(pieces)


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
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="tickets")
    ticket_type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="tickets")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="tickets")
    order_item = models.ForeignKey(OrderItem, on_delete=models.PROTECT, related_name="tickets")
    ordinal = models.PositiveIntegerField(help_text="Which of its line's tickets this is, from 1.")
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    holder_name = models.CharField(max_length=160, blank=True)
    seat = models.CharField(max_length=40, blank=True, help_text="A seat label such as A-12; empty where people stand.")
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
        ]
        indexes = [
            models.Index(fields=["holder", "-created_at"], name="ticket_holder"),
            models.Index(fields=["event", "status"], name="ticket_event_status"),
        ]

    def __str__(self) -> str:
        return self.number

    def opens_for(self, user: Any) -> bool:
        """Whether someone who may see the ticket may see its code: its holder, or the buyer who never gave it away."""
        if self.status == self.Status.REFUNDED:
            return False
        return self.holder_id == self.order.user_id or self.holder_id == user.pk


class Scan(BaseModel):
    """What happened at the door at one moment: what a scanner saw, or whom a steward let in by hand, and the answer."""

    class Method(models.TextChoices):
        CODE = "code"
        BY_HAND = "by_hand"

    class Result(models.TextChoices):
        ACCEPTED = "accepted"
        REFUSED = "refused"

    class Reason(models.TextChoices):
        NONE = "", "none"
        ALREADY_USED = "already_used"
        WRONG_EVENT = "wrong_event"
        NOT_YET = "not_yet"
        TOO_LATE = "too_late"
        EVENT_CANCELLED = "event_cancelled"
        REFUNDED = "refunded"
        DISPUTED = "disputed"
        REFUND_PENDING = "refund_pending"
        OUTDATED_CODE = "outdated_code"
        FORGED = "forged"
        UNKNOWN = "unknown"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="scans")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, null=True, blank=True, related_name="scans")
    venue_id = models.UUIDField(null=True, blank=True, help_text="The tenant whose staff may see the row.")
    scanned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=80)
    gate = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=10, choices=Method, default=Method.CODE)
    result = models.CharField(max_length=10, choices=Result)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    code_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what was read; empty by hand.")
    scanned_at = models.DateTimeField(help_text="By the scanner's clock.")
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="The scan that let it in."
    )

    objects = ScanQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["scanned_by", "nonce"], name="scan_once_per_nonce"),
            models.CheckConstraint(
                condition=Q(result="accepted", reason="", ticket__isnull=False) | Q(result="refused") & ~Q(reason=""),
                name="scan_refused_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "result", "-created_at"], name="scan_ticket"),
            models.Index(fields=["event", "result", "-created_at"], name="scan_event"),
            models.Index(fields=["venue_id", "-created_at"], name="scan_venue"),
        ]

    def __str__(self) -> str:
        return f"{self.result}: {self.reason.replace('_', ' ')}" if self.reason else self.result
