"""Fulfilments as the API reads and shows them."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from orders.kitchen import moves
from orders.kitchen.models import Fulfilment
from orders.menu.models import Outlet
from orders.models import Order
from trufan.lib.serializing import ModelSerializer, Serializer


class DeliverySerializer(Serializer):
    """Where the products of an order go: `{"method": "seat", "section": "112", "row": "A", "seat": "12"}`."""

    method = serializers.ChoiceField(choices=Fulfilment.Method.choices, default=Fulfilment.Method.PICKUP)
    section = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)
    row = serializers.CharField(required=False, allow_blank=True, default="", max_length=20)
    seat = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=20, help_text="Needed where the method is `seat`."
    )
    note = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200, help_text="For whoever brings it."
    )


class FulfilmentOutletSerializer(ModelSerializer):
    class Meta:
        model = Outlet
        fields = ["id", "name", "location"]
        read_only_fields = fields


class TimesSerializer(Serializer):
    """When each state was reached; null where it was not, or was passed over."""

    placed_at = serializers.DateTimeField(source="created_at")
    accepted_at = serializers.DateTimeField(allow_null=True)
    preparing_at = serializers.DateTimeField(allow_null=True)
    ready_at = serializers.DateTimeField(allow_null=True)
    sent_out_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Handed over, refused or cancelled.")


class FulfilmentSerializer(ModelSerializer):
    """What one outlet owes the buyer of an order, and how far it is."""

    outlet = FulfilmentOutletSerializer(read_only=True)
    delivery = DeliverySerializer(source="*", read_only=True)
    times = TimesSerializer(source="*", read_only=True)
    items = serializers.SerializerMethodField(help_text="Ids of the order's lines.")

    class Meta:
        model = Fulfilment
        fields = [
            "id", "outlet", "status", "pickup_number", "promised_at", "delivery", "minimum_age", "times", "reason",
            "items",
        ]  # fmt: skip
        read_only_fields = fields

    def get_items(self, row: Fulfilment) -> list[str]:
        return [str(item.pk) for item in row.items.all()]


def shown_fulfilments(order: Order) -> QuerySet[Fulfilment]:
    """The order's fulfilments with all that they show, in two queries."""
    return order.fulfilments.select_related("outlet").prefetch_related("items").order_by("outlet__name")


class QueueLineSerializer(Serializer):
    """So many of one product, as far as they were not refunded, and how the buyer wants them."""

    id = serializers.UUIDField(help_text="The order's line.")
    description = serializers.CharField()
    quantity = serializers.IntegerField()
    options = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField()


class QueueEntrySerializer(FulfilmentSerializer):
    """A fulfilment as the kitchen sees it."""

    order = serializers.CharField(source="order.number", help_text="The order's number.")
    is_late = serializers.BooleanField(source="late")
    next_move = serializers.SerializerMethodField(help_text="The move that usually comes next, empty at the end.")
    lines = QueueLineSerializer(many=True)

    class Meta(FulfilmentSerializer.Meta):
        fields = [
            "id", "order", "status", "next_move", "is_late", "pickup_number", "promised_at", "delivery", "minimum_age",
            "times", "reason", "lines",
        ]  # fmt: skip
        read_only_fields = fields

    def get_next_move(self, row: Fulfilment) -> str:
        return moves.next_step(row)


class QueueSerializer(Serializer):
    """An outlet's queue: all that is not handed over, the oldest first."""

    outlet = FulfilmentOutletSerializer()
    count = serializers.IntegerField(help_text="How many are open; the list holds the oldest of them.")
    late = serializers.IntegerField(help_text="How many of those listed are late.")
    fulfilments = QueueEntrySerializer(many=True)


class DeliverySectionSerializer(serializers.Serializer):
    section = serializers.CharField(help_text="Empty where the seats have none.")
    fulfilments = QueueEntrySerializer(many=True)


class DeliveriesSerializer(serializers.Serializer):
    """A runner's list: what is ready to be brought to seats, or on its way, section by section."""

    outlet = FulfilmentOutletSerializer()
    count = serializers.IntegerField()
    sections = DeliverySectionSerializer(many=True)


class AgeSerializer(serializers.Serializer):
    age_confirmed = serializers.BooleanField(
        default=False, help_text="Whoever hands it over has seen that the buyer is old enough."
    )


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=200, help_text="The buyer reads it.")


class BackSerializer(serializers.Serializer):
    from_status = serializers.ChoiceField(
        choices=Fulfilment.Status.choices, help_text="The status it is taken back from: sent twice, it goes one step."
    )
