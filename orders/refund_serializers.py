"""Refunds as the API reads and shows them. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext
from rest_framework import serializers

from orders.models import Order, OrderRefund, RefundLine
from orders.refund_plan import AskedLine, Plan
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.serializing import ModelSerializer

MAX_LINES = 50
MAX_TICKETS = 1000


class AskedLineSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="The line, as `items` of the order name it.")
    quantity = serializers.IntegerField(
        min_value=1, max_value=MAX_TICKETS, required=False, help_text="All that is left of the line when left out."
    )
    tickets = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        min_length=1,
        max_length=MAX_TICKETS,
        help_text="Ids of the tickets to void. Left out: unused ones first.",
    )

    def validate_tickets(self, tickets: list[Any]) -> list[Any]:
        if len(set(tickets)) < len(tickets):
            raise serializers.ValidationError(gettext("Name each ticket once."))
        return tickets


class RefundPreviewAskedSerializer(serializers.Serializer):
    """Some lines, or an amount, or neither: then all that is left."""

    # The stubs do not know what `many=True` makes of the class.
    items = AskedLineSerializer(many=True, required=False, min_length=1, max_length=MAX_LINES)  # type: ignore[call-arg]
    amount = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_AMOUNT, help_text="Minor units; for staff. Nothing is taken back."
    )

    def asked(self) -> dict[str, Any]:
        """What the rule is asked for."""
        given = self.validated_data
        lines = given.get("items")
        return {
            "asked": lines
            and [AskedLine(each["id"], each.get("quantity"), tuple(each.get("tickets", ()))) for each in lines],
            "amount": given.get("amount"),
        }


class RefundAskedSerializer(RefundPreviewAskedSerializer):
    reason = serializers.CharField(max_length=200, help_text="Kept with the refund.")


class RefundLineSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="item_id", help_text="The order's line.")
    description = serializers.CharField(source="item.description")
    quantity = serializers.IntegerField()
    tickets = serializers.ListField(child=serializers.UUIDField(), source="things")
    value = serializers.IntegerField(help_text="What these pieces cost, all in.")
    kept = serializers.IntegerField(help_text="What the venue keeps of it.")
    amount = serializers.IntegerField(
        help_text="What goes back of it: less than the rest where money went back by amount before."
    )


class RefundSerializer(ModelSerializer):
    """A refund: `pending` until its money was sent; where the provider refused, `failed` and its lines free again.

    `came_back`: it had gone, and the buyer's bank returned it. `kind` `house`: nobody asked for it, as with money that
    came late or twice.
    """

    status = serializers.ChoiceField(choices=OrderRefund.Status.choices)
    currency = serializers.CharField(source="order.currency")
    items = RefundLineSerializer(many=True, source="lines.all")
    settled_at = serializers.DateTimeField(allow_null=True, help_text="When the last of its money had gone.")

    class Meta:
        model = OrderRefund
        fields = [
            "id", "status", "kind", "amount", "kept", "tip", "currency", "reason", "by_buyer", "items", "created_at",
            "settled_at",
        ]  # fmt: skip
        read_only_fields = fields


class RefundPreviewSerializer(serializers.Serializer):
    """What would go back now, and what is kept."""

    amount = serializers.IntegerField()
    kept = serializers.IntegerField()
    tip = serializers.IntegerField(help_text="The tip, which goes back with the last of the food.")
    currency = serializers.CharField()
    items = RefundLineSerializer(many=True)

    def to_representation(self, plan: Plan) -> dict[str, Any]:
        return {
            "amount": plan.amount,
            "kept": plan.kept,
            "tip": plan.tip,
            "currency": plan.order.currency,
            "items": [
                {
                    "id": str(line.pieces.item.pk),
                    "description": line.pieces.item.description,
                    "quantity": line.pieces.quantity,
                    "tickets": [str(thing) for thing in line.pieces.things],
                    "value": line.value,
                    "kept": line.kept,
                    "amount": line.amount,
                }
                for line in plan.lines
            ],
        }


def shown_refunds(order: Order) -> QuerySet[OrderRefund]:
    """The order's refunds with all that they show, the oldest first, in three queries."""
    lines = RefundLine.objects.select_related("item").order_by("item__position")
    refunds = OrderRefund.objects.filter(order=order).select_related("order").order_by("created_at", "id")
    return refunds.prefetch_related("parts", Prefetch("lines", lines))
