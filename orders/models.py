"""Orders and their lines."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from phonenumber_field.modelfields import PhoneNumberField

from orders.errors import NotPayable
from orders.querysets import OrderQuerySet
from orders.receipts.due import Receipted
from payments.payable import Share, money_checks
from trufan.lib.errors import DomainError
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField
from venues.models import Venue

if TYPE_CHECKING:
    from payments.models import Dispute, Payment, Refund

#: Crockford's base 32: no I, L, O or U, so that a number can be read out over a counter.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number() -> str:
    """Ten characters, 50 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


class Order(Stateful, BaseModel, Receipted):
    """One cart of one buyer at one venue. Pending, it holds its stock until `expires_at`."""

    payable_type = "order"
    payable_relations = ("venue",)
    receipt_kind = "sale"

    class Status(models.TextChoices):
        PENDING = "pending"
        PAID = "paid"
        CANCELLED = "cancelled"
        EXPIRED = "expired"
        REFUNDED = "refunded"

    MOVES = {
        Status.PENDING: frozenset({Status.PAID, Status.CANCELLED, Status.EXPIRED}),
        # Money that came late takes the stock again where there is some.
        Status.EXPIRED: frozenset({Status.PAID}),
        Status.PAID: frozenset({Status.REFUNDED}),
        Status.CANCELLED: frozenset(),
        Status.REFUNDED: frozenset(),
    }

    class Channel(models.TextChoices):
        #: By the buyer; over the counter; given away by the house.
        WEB = "web"
        DOOR = "door"
        COMP = "comp"

    number = models.CharField(max_length=12, unique=True, default=new_number, editable=False)
    channel = models.CharField(
        max_length=8, choices=Channel, default=Channel.WEB, editable=False, help_text="How it was sold."
    )
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="orders", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        db_index=False,
    )
    event = models.ForeignKey(
        "events.Event",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        help_text="What it is bought for, where the buyer or a ticket says so.",
    )
    contact_email = models.EmailField(blank=True)
    contact_phone = PhoneNumberField(blank=True)
    contact_name = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=10, blank=True, help_text="Of `settings.LANGUAGES`; empty: not known.")
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING, editable=False)
    subtotal = AmountField(default=0, help_text="Sum of the lines' prices before discount, fees and tax.")
    discount = AmountField(default=0)
    tax = AmountField(default=0, help_text="All tax, inclusive and exclusive.")
    fees = AmountField(default=0)
    service_charge = AmountField(default=0, help_text="Of the outlets, before tax that comes on top.")
    tip = AmountField(default=0)
    tip_ppm = models.PositiveIntegerField(
        null=True, blank=True, help_text="The tip as millionths of the food without tax; empty: it is an amount."
    )
    delivery = models.JSONField(
        default=dict, blank=True, help_text='Where to: `{"method": "seat", "section", "row", "seat", "note"}`.'
    )
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    #: Lines already in hand, so that the transaction that wrote them does not read them again.
    lines: list[OrderItem] | None = None

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            *money_checks("order"),
            models.CheckConstraint(condition=Q(amount_total__gte=0), name="order_total_not_negative"),
            models.CheckConstraint(
                condition=Q(tip__gte=0, service_charge__gte=0, discount__gte=0), name="order_parts_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "paid", "cancelled", "expired", "refunded"]),
                name="order_status_known",
            ),
            models.CheckConstraint(condition=Q(channel__in=["web", "door", "comp"]), name="order_channel_known"),
            models.CheckConstraint(condition=~Q(channel="comp") | Q(amount_total=0), name="order_comp_is_free"),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="order_user"),
            models.Index(fields=["venue", "status", "-created_at"], name="order_venue_status"),
            models.Index(fields=["expires_at"], condition=Q(status="pending"), name="order_hold"),
            # Serves equality too, and addresses that are only begun, as a search has them.
            models.Index(fields=["contact_email"], opclasses=["varchar_pattern_ops"], name="order_contact"),
            # Lists are read newest first, of a venue and of all.
            models.Index(fields=["venue", "-created_at", "-id"], name="order_venue_newest"),
            models.Index(fields=["-created_at", "-id"], name="order_newest"),
            models.Index(fields=["contact_phone"], name="order_phone", condition=~Q(contact_phone="")),
            models.Index(fields=["paid_at"], condition=Q(receipts_due=True), name="order_receipts_due"),
            # What is forgotten by age, and no longer in the index once it is.
            models.Index(
                fields=["created_at"],
                condition=Q(user=None) & ~Q(contact_email="", contact_phone="", contact_name=""),
                name="order_guest_to_forget",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(status__in=["expired", "cancelled"])
                & ~Q(contact_email="", contact_phone="", contact_name=""),
                name="order_unpaid_to_forget",
            ),
            # Free ones are in no book; reports find those of a day by it.
            models.Index(fields=["venue", "paid_at"], condition=Q(amount_total=0), name="order_free_paid"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_free(self) -> bool:
        return self.amount_total == 0

    def is_overdue(self, now: datetime) -> bool:
        """Pending past its time: anyone may release its hold."""
        return self.status == self.Status.PENDING and self.expires_at is not None and self.expires_at <= now

    def all_lines(self) -> list[OrderItem]:
        """The lines, read once for the life of this object."""
        if self.lines is None:
            self.lines = list(self.items.all())
        return self.lines

    @property
    def is_just_placed(self) -> bool:
        """Whether this object is the one that was placed, and not one that was read."""
        return bool(self.lines) and all(item.in_hand is not None for item in self.lines or ())

    @property
    def discount_by_code(self) -> dict[str, int]:
        """Promo code → what it took off all lines."""
        sums: dict[str, int] = {}
        for part in (part for item in self.all_lines() for part in item.discounts):
            sums[part["code"]] = sums.get(part["code"], 0) + part["amount"]
        return sums

    # -- Payable --

    @property
    def payment_venue_id(self) -> UUID:
        return self.venue_id

    @property
    def payment_reference(self) -> str:
        return self.number

    def refuse_payment(self, now: datetime) -> DomainError | None:
        if self.status != self.Status.PENDING:
            return NotPayable(gettext("This order is {status}; nothing is to be paid.").format(status=self.status))
        if self.is_overdue(now):
            return NotPayable(gettext("The hold on this order ran out. Place it again."))
        return None

    def refuse_refund(self, refund: Refund, now: datetime) -> DomainError | None:
        from orders.refunding import refuse_again

        return refuse_again(self, refund)

    def shares(self) -> list[Share]:
        from orders.sharing import shares_of

        return shares_of(self)

    def on_paid(self, payment: Payment, now: datetime) -> None:
        from orders.completion import settle

        settle(self, payment, now)

    def on_payment_failed(self, payment: Payment, now: datetime) -> None:
        from orders.completion import note_failed_payment

        note_failed_payment(self, payment)

    def on_refunded(self, refund: Refund, now: datetime) -> None:
        from orders.completion import take_back

        take_back(self, refund, now)

    def on_disputed(self, dispute: Dispute, now: datetime) -> None:
        from orders.disputing import take_note

        take_note(self, dispute, now)

    def on_refund_failed(self, refund: Refund, now: datetime) -> None:
        from orders.refund_aftermath import thaw

        thaw(self, refund)

    def on_refund_retried(self, refund: Refund, again: Refund, now: datetime) -> None:
        from orders.refund_aftermath import take_up_again

        take_up_again(self, refund, again, now)

    def on_refund_came_back(self, refund: Refund, now: datetime) -> None:
        from orders.refund_aftermath import note_return

        note_return(self, refund)

    def on_refund_by_house(self, refund: Refund, now: datetime) -> None:
        from orders.refund_aftermath import note_by_house

        note_by_house(self, refund)

    @property
    def receipt_order(self) -> Order:
        return self

    def receipt_contents(self) -> dict[str, Any]:
        from orders.receipts.contents import of_order

        return of_order(self)


class OrderItem(BaseModel):
    """One line: so many of one thing, with every amount it was sold at. `total` is what the buyer pays for it."""

    class Status(models.TextChoices):
        HELD = "held"
        FULFILLED = "fulfilled"
        RELEASED = "released"
        REVOKED = "revoked"

    #: What it is of, as it was read for the cart; at hand only on the objects of an order that is just placed.
    in_hand: Any = None

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField()
    item_type = models.CharField(max_length=20)
    item_id = models.UUIDField()
    description = models.CharField(max_length=255)
    quantity = models.PositiveIntegerField()
    unit_price = AmountField()
    discount = AmountField(default=0)
    discounts = models.JSONField(default=list, blank=True, help_text='By code: `[{"code", "amount"}, …]`.')
    fee = AmountField(default=0)
    service_charge = AmountField(default=0, help_text="Its part of its outlet's charge.")
    net = AmountField(default=0, help_text="Price less discount plus fee and service charge, without any tax.")
    tax = AmountField(default=0)
    tax_lines = models.JSONField(
        default=list, blank=True, help_text='By rate: `[{"name", "rate_ppm", "inclusive", "amount", "net"}, …]`.'
    )
    food_net = AmountField(
        null=True, blank=True, help_text="Its food after discount, without tax: what tips go by; empty: it is no food."
    )
    total = AmountField(default=0, help_text="net + tax.")
    platform_fee = AmountField(default=0, help_text="What the platform gets of the total, fixed when it was ordered.")
    recipient = models.ForeignKey(
        "payments.ConnectedAccount",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose the rest is; empty: the venue's.",
    )
    options = models.JSONField(
        default=dict,
        blank=True,
        help_text='As it was ordered: `{"chosen": [{"id", "group", "name", "quantity", "price_delta"}], "note"}`, and '
        "what its kind adds (`orders.line_fields`).",
    )
    fulfilment = models.ForeignKey(
        "orders.Fulfilment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="items",
        help_text="Who makes it; empty: nobody has to.",
    )
    quantity_refunded = models.PositiveIntegerField(
        default=0, editable=False, help_text="How many of its pieces were taken back."
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.HELD, editable=False)

    class Meta:
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="item_once_per_position"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="item_quantity_positive"),
            models.CheckConstraint(condition=Q(total=models.F("net") + models.F("tax")), name="item_adds_up"),
            models.CheckConstraint(
                condition=Q(quantity_refunded__gte=0, quantity_refunded__lte=models.F("quantity")),
                name="item_refunded_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0) & Q(discount__lte=models.F("unit_price") * models.F("quantity")),
                name="item_discount_within_price",
            ),
            models.CheckConstraint(
                condition=Q(platform_fee__gte=0) & Q(platform_fee__lte=models.F("total")),
                name="item_platform_fee_within_total",
            ),
        ]
        indexes = [models.Index(fields=["item_type", "item_id"], name="item_thing")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.description}"

    @property
    def chosen(self) -> list[dict[str, Any]]:
        """The options picked for each piece: id, group, name, quantity, and the price delta of one pick."""
        return self.options.get("chosen", [])

    @property
    def note(self) -> str:
        """What the buyer wrote to who makes it."""
        return self.options.get("note", "")

    @property
    def asked(self) -> dict[str, Any]:
        """What the cart said in the fields of its kind."""
        return self.options.get("asked", {})

    @property
    def quantity_left(self) -> int:
        """How many of its pieces the buyer still has."""
        return self.quantity - self.quantity_refunded if self.status == self.Status.FULFILLED else 0


# Django finds an app's tables here; those of menu, kitchen, refunds and what comes after stand in their own rooms.
from orders.aftersale.models import OrderRating, OrderTip
from orders.calloffs.models import CallOff, CallOffOrder
from orders.kitchen.models import Fulfilment
from orders.menu.models import Daypart, OpeningHours, Option, OptionGroup, Outlet, Product, ProductVariant
from orders.moves.models import EventMove, MoveAnswer
from orders.promos.models import PromoCode, PromoUse
from orders.receipts.models import Receipt, ReceiptSeries
from orders.refund_models import OrderRefund, RefundLine

__all__ = [
    "CallOff", "CallOffOrder", "Daypart", "EventMove", "Fulfilment", "MoveAnswer", "OpeningHours", "Option",
    "OptionGroup", "Order", "OrderItem", "OrderRating", "OrderRefund", "OrderTip", "Outlet", "Product",
    "ProductVariant", "PromoCode", "PromoUse", "Receipt", "ReceiptSeries", "RefundLine",
]  # fmt: skip
