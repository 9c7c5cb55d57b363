"""Tips that come after the sale, and ratings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from orders.errors import TipNotTaken
from orders.receipts.due import Receipted
from payments.payable import Share, money_checks
from trufan.lib.errors import DomainError
from trufan.lib.models import BaseModel, Stateful

if TYPE_CHECKING:
    from orders.models import Order
    from payments.models import Dispute, Payment, Refund

COMMENT_LENGTH = 1000


class OrderTip(Stateful, BaseModel, Receipted):
    """A tip that the buyer adds after paying, at most one an order at a time: a payment of its own, all of it theirs
    who served."""

    payable_type = "tip"
    payable_relations = ("order__venue",)
    receipt_kind = "tip"

    class Status(models.TextChoices):
        PENDING = "pending"
        PAID = "paid"
        REFUNDED = "refunded"
        CANCELLED = "cancelled"

    MOVES = {
        Status.PENDING: frozenset({Status.PAID, Status.CANCELLED}),
        Status.PAID: frozenset({Status.REFUNDED}),
        # Its refund may come back.
        Status.REFUNDED: frozenset({Status.PAID}),
        Status.CANCELLED: frozenset(),
    }

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="tips")
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING, editable=False)

    class Meta:
        verbose_name = "tip"
        ordering = ["-created_at", "-id"]
        constraints = [
            *money_checks("tip"),
            models.CheckConstraint(condition=Q(amount_total__gt=0), name="tip_positive"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "paid", "refunded", "cancelled"]), name="tip_status_known"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(status__in=["pending", "paid"]), name="tip_one_an_order"
            ),
        ]
        indexes = [models.Index(fields=["paid_at"], condition=Q(receipts_due=True), name="tip_receipts_due")]

    def __str__(self) -> str:
        return gettext("Tip on {order}").format(order=self.order)

    @property
    def venue_id(self) -> UUID:
        return self.order.venue_id

    # -- Payable --

    @property
    def payment_venue_id(self) -> UUID:
        return self.order.venue_id

    @property
    def payment_reference(self) -> str:
        return self.order.number

    def refuse_payment(self, now: datetime) -> DomainError | None:
        from orders.aftersale.window import refuse_late

        if self.status != self.Status.PENDING:
            return TipNotTaken(gettext("This tip is {status}.").format(status=self.status))
        return refuse_late(self.order, now)

    def shares(self) -> list[Share]:
        from orders.aftersale.tipping import shares_of

        return shares_of(self)

    def on_paid(self, payment: Payment, now: datetime) -> None:
        from orders.aftersale.tipping import settle

        settle(self, payment, now)

    def on_payment_failed(self, payment: Payment, now: datetime) -> None:
        from orders.aftersale.tipping import note_failed_payment

        note_failed_payment(self, payment)

    def on_refunded(self, refund: Refund, now: datetime) -> None:
        from orders.aftersale.tipping import give_back

        give_back(self, refund)

    def on_disputed(self, dispute: Dispute, now: datetime) -> None:
        from orders.aftersale.tipping import note

        note(self, f"tip.dispute_{dispute.stage}", dispute=dispute.pk)

    def on_refund_failed(self, refund: Refund, now: datetime) -> None:
        from orders.aftersale.tipping import note

        note(self, "tip.refund_failed", refund=refund.pk)

    def on_refund_retried(self, refund: Refund, again: Refund, now: datetime) -> None:
        from orders.aftersale.tipping import note

        note(self, "tip.refund_retried", refund=refund.pk, again=again.pk)

    def on_refund_came_back(self, refund: Refund, now: datetime) -> None:
        from orders.aftersale.tipping import keep_after_all

        keep_after_all(self, refund)

    def on_refund_by_house(self, refund: Refund, now: datetime) -> None:
        from orders.aftersale.tipping import note

        note(self, "tip.refund_by_house", refund=refund.pk)

    @property
    def receipt_order(self) -> Order:
        return self.order

    def receipt_contents(self) -> dict[str, Any]:
        from orders.receipts.contents import of_tip

        return of_tip(self)


class OrderRating(BaseModel):
    """How many stars, from one to five, the buyer gave an outlet's part of an order, or all of it (no `outlet`)."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="ratings", db_index=False)
    outlet = models.ForeignKey("orders.Outlet", on_delete=models.PROTECT, null=True, blank=True, related_name="ratings")
    stars = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True, max_length=COMMENT_LENGTH)

    class Meta:
        verbose_name = "rating"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="rating_stars"),
            models.UniqueConstraint(fields=["order", "outlet"], name="rating_once_per_outlet"),
            models.UniqueConstraint(fields=["order"], condition=Q(outlet=None), name="rating_once_of_the_whole"),
        ]

    def __str__(self) -> str:
        return gettext("{stars} of 5 for {order}").format(stars=self.stars, order=self.order)

    @property
    def venue_id(self) -> UUID:
        return self.order.venue_id
