"""Places on the waiting list as the API reads and shows them."""

from __future__ import annotations

from datetime import datetime

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ticketing.serializers import MAX_PER_ORDER, TicketEventSerializer, TicketTypeNameSerializer
from ticketing.waitlist.models import WaitlistEntry
from trufan.lib.serializing import ModelSerializer


class JoinWaitlistSerializer(serializers.Serializer):
    """How many tickets to wait for."""

    quantity = serializers.IntegerField(min_value=1, max_value=MAX_PER_ORDER)


class WaitlistEntrySerializer(ModelSerializer):
    """One place in line."""

    event = TicketEventSerializer(source="ticket_type.event")
    ticket_type = TicketTypeNameSerializer()
    position = serializers.SerializerMethodField(help_text="1 for who is next; null once it waits no longer.")
    order = serializers.UUIDField(
        source="order_id", allow_null=True, help_text="The order to pay when it is your turn."
    )
    offer_expires_at = serializers.SerializerMethodField(help_text="Until when that order holds the tickets.")

    class Meta:
        model = WaitlistEntry
        fields = [
            "id", "event", "ticket_type", "quantity", "status", "position", "order", "offered_at", "offer_expires_at",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_position(self, entry: WaitlistEntry) -> int | None:
        return entry.position if entry.status == WaitlistEntry.Status.WAITING else None

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_offer_expires_at(self, entry: WaitlistEntry) -> datetime | None:
        return entry.order.expires_at if entry.order and entry.status == WaitlistEntry.Status.OFFERED else None
