"""What the venue keeps back for itself, what it gives away, and what it sells over the counter."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from orders.models import Order
from ticketing.boxoffice.querysets import CompQuerySet, DoorSaleQuerySet, HouseHoldQuerySet
from ticketing.models import TicketType
from trufan.lib.models import BaseModel
from trufan.lib.money import AmountField


class HouseHold(BaseModel):
    """Tickets of one type that are not for sale. `TicketType.house` is what all of a type's still keep."""

    ticket_type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="house_holds")
    label = models.CharField(max_length=80, help_text="For whom: “Artist guests”. Don't name people here.")
    note = models.CharField(max_length=200, blank=True)
    quantity = models.PositiveIntegerField(help_text="How many were kept back.")
    released = models.PositiveIntegerField(default=0, editable=False, help_text="How many went back on sale.")
    given = models.PositiveIntegerField(default=0, editable=False, help_text="How many were given away out of it.")
    released_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When nothing was left of it.")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = HouseHoldQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="household_of_something"),
            models.CheckConstraint(
                condition=Q(released__gte=0, given__gte=0, quantity__gte=F("released") + F("given")),
                name="household_within_quantity",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, quantity__gt=F("released") + F("given"))
                | Q(released_at__isnull=False, quantity=F("released") + F("given")),
                name="household_over_when_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.left} × {self.ticket_type}"

    @property
    def left(self) -> int:
        """How many it still keeps."""
        return self.quantity - self.released - self.given


class Comp(BaseModel):
    """Tickets that the house gave away, as an order of nothing."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="comp")
    house_hold = models.ForeignKey(
        HouseHold,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="comps",
        help_text="What they were given out of; empty: what was on sale.",
    )
    reason = models.CharField(max_length=200, help_text="Kept in the books. Don't name people here.")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = CompQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.order.number


class DoorSale(BaseModel):
    """An order that was sold over the counter: by whom, and how it was paid. The money never left the venue."""

    class Method(models.TextChoices):
        CASH = "cash"
        CARD_TERMINAL = "card_terminal", "card on the venue's terminal"

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="door_sale")
    sold_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    method = models.CharField(max_length=16, choices=Method)
    tendered = AmountField(null=True, blank=True, help_text="What the buyer handed over; empty: the exact sum.")
    terminal_reference = models.CharField(max_length=60, blank=True, help_text="What the terminal printed.")

    objects = DoorSaleQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(method__in=["cash", "card_terminal"]), name="doorsale_method_known"),
            models.CheckConstraint(condition=Q(tendered=None) | Q(method="cash"), name="doorsale_cash_is_tendered"),
            models.CheckConstraint(
                condition=Q(terminal_reference="") | Q(method="card_terminal"), name="doorsale_terminal_has_reference"
            ),
        ]
        indexes = [models.Index(fields=["sold_by", "-created_at"], name="doorsale_seller")]

    def __str__(self) -> str:
        return self.order.number

    @property
    def change(self) -> int:
        """What the buyer got back of what they handed over, in minor units."""
        return 0 if self.tendered is None else self.tendered - self.order.amount_total
