"""Call-offs as the API reads and shows them. Amounts are integers in minor units of the venue's currency."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.calloffs import figures
from orders.calloffs.choosing import other_kinds
from orders.calloffs.models import CallOff, CallOffOrder
from trufan.lib.serializing import ModelSerializer


class KindsField(serializers.ListField):
    """Kinds of lines besides tickets; asked when the first field is made, for then all apps are there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.ChoiceField(choices=other_kinds()), **kwargs)


class ChoicesSerializer(serializers.Serializer):
    """What goes back besides the tickets, and what is kept of these."""

    also = KindsField(
        required=False,
        default=list,
        max_length=10,
        help_text="What was bought with the tickets, or for the event: not once it was used or handed over.",
    )
    keep_fees = serializers.BooleanField(default=False, help_text="The service fees of the tickets stay.")


class CallOffAskedSerializer(ChoicesSerializer):
    reason = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Buyers read it, so say it to them."
    )


class KindFiguresSerializer(serializers.Serializer):
    kind = serializers.CharField()
    lines = serializers.IntegerField()
    pieces = serializers.IntegerField()
    value = serializers.IntegerField(help_text="What they cost, without what was refunded.")
    goes_back = serializers.BooleanField()


class CallOffPreviewSerializer(serializers.Serializer):
    orders = serializers.IntegerField()
    disputed = serializers.IntegerField(help_text="Of them, orders that fail until a dispute over them is decided.")
    currency = serializers.CharField()
    amount = serializers.IntegerField(help_text="What goes back at most.")
    kept = serializers.IntegerField()
    kinds = KindFiguresSerializer(many=True)


class ProgressSerializer(serializers.Serializer):
    total = serializers.IntegerField(help_text="Orders.")
    pending = serializers.IntegerField()
    refunded = serializers.IntegerField(help_text="Orders of which money was asked back.")
    nothing = serializers.IntegerField(help_text="Orders of which nothing was left to refund.")
    failed = serializers.IntegerField(help_text="Orders of which nothing could be asked back; each says why.")
    amount = serializers.IntegerField(help_text="Asked back in all.")
    kept = serializers.IntegerField()
    arrived = serializers.IntegerField(help_text="Of the amount: what the provider has sent.")
    refused = serializers.IntegerField(help_text="Orders whose refund the provider refused, or that came back.")


class CallOffSerializer(ModelSerializer):
    event = serializers.UUIDField(source="event_id")
    also = serializers.ListField(child=serializers.CharField())
    progress = serializers.SerializerMethodField()

    class Meta:
        model = CallOff
        fields = ["id", "event", "status", "also", "keep_fees", "reason", "created_at", "finished_at", "progress"]
        read_only_fields = fields

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, call_off: CallOff) -> dict[str, int]:
        return figures.progress(call_off)


class CallOffOrderSerializer(ModelSerializer):
    order = serializers.UUIDField(source="order_id")
    number = serializers.CharField(source="order.number")
    refund = serializers.UUIDField(source="refund_id", allow_null=True)
    refund_status = serializers.SerializerMethodField()

    class Meta:
        model = CallOffOrder
        fields = [
            "order", "number", "status", "amount", "kept", "refund", "refund_status", "error_code", "error",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(
        serializers.ChoiceField(choices=["pending", "succeeded", "failed", "came_back"], allow_null=True)
    )
    def get_refund_status(self, row: CallOffOrder) -> str | None:
        return row.refund.status if row.refund else None
