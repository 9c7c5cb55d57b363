"""An exchange: tickets of one order for those of another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from ticketing.exchanges.querysets import TicketExchangeQuerySet
from trufan.lib.models import BaseModel, Stateful
from trufan.lib.money import AmountField


class TicketExchange(Stateful, BaseModel):
    """Open until the new order is paid, or ends otherwise; the old tickets stay good so long."""

    class Status(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        LAPSED = "lapsed"

    MOVES = {
        Status.OPEN: frozenset({Status.DONE, Status.LAPSED}),
        # An order whose hold ran out may still be paid, if there is stock.
        Status.LAPSED: frozenset({Status.DONE}),
        Status.DONE: frozenset(),
    }

    old_order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="exchanges")
    new_order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="exchange")
    tickets = models.ManyToManyField("ticketing.Ticket", related_name="exchanges", help_text="Those that go back.")
    terms = models.JSONField(help_text='What is kept of them: `{"keep_fees", "keep_amount"}` by line.')
    expected_back = AmountField(default=0, help_text="What of the old tickets goes back, as it was said when asked.")
    expected_kept = AmountField(default=0, help_text="What of them is kept.")
    by_buyer = models.BooleanField(default=True, help_text="Under the event's policy; else staff did it for them.")
    refund = models.OneToOneField(
        "orders.OrderRefund", on_delete=models.PROTECT, null=True, blank=True, related_name="exchange"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = TicketExchangeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="done", refund__isnull=False) | ~Q(status="done") & Q(refund=None),
                name="exchange_done_by_a_refund",
            ),
            models.CheckConstraint(condition=Q(status__in=["open", "done", "lapsed"]), name="exchange_status_known"),
        ]

    def __str__(self) -> str:
        return gettext("{old} for {new}").format(old=self.old_order, new=self.new_order)
