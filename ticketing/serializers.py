"""Ticket types and tickets as the API reads and shows them. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.grants import Permission
from events.models import Event
from events.serializers import EventVenueSerializer, TimeField
from events.times import on_the_wall, to_utc
from ticketing import codes
from ticketing.models import Ticket, TicketType
from trufan.lib.money import MAX_AMOUNT
from venues.fields import StaffFieldsMixin
from venues.permissions import holds

MAX_QUANTITY = 1_000_000
MAX_PER_ORDER = 1_000
_GIVEN = "ISO 8601, with an offset or, without one, by the venue's clocks."


class TicketTypeSerializer(StaffFieldsMixin, serializers.ModelSerializer):
    """A kind of ticket; the counters and the visibility only for staff of its venue."""

    event = serializers.UUIDField(source="event_id")
    price = serializers.IntegerField(help_text="Before the service fee and tax.")
    fee = serializers.SerializerMethodField(help_text="The venue's service fee on one ticket, before tax.")
    all_in_price = serializers.IntegerField(help_text="Price and service fee, before tax: what event lists show.")
    currency = serializers.CharField(source="event.venue.currency", help_text="ISO 4217.")
    availability = serializers.ChoiceField(choices=TicketType.Availability.choices)
    is_on_sale = serializers.SerializerMethodField(help_text="Whether its sales window is open now.")
    visibility = serializers.ChoiceField(choices=TicketType.Visibility.choices, required=False)
    quantity = serializers.IntegerField(required=False)
    held = serializers.IntegerField(required=False, help_text="Kept by orders that are not paid yet.")
    sold = serializers.IntegerField(required=False)
    left = serializers.IntegerField(required=False)

    staff_fields = frozenset({"visibility", "quantity", "held", "sold", "left"})

    class Meta:
        model = TicketType
        fields = [
            "id", "event", "name", "description", "price", "fee", "all_in_price", "currency", "availability",
            "is_on_sale", "sales_start", "sales_end", "min_per_order", "max_per_order", "position", "visibility",
            "quantity", "held", "sold", "left",
        ]  # fmt: skip

    def may_see_staff_fields(self, row: TicketType) -> bool:
        return holds(self.context["request"].user, Permission.VIEW_VENUE, row.event.venue_id)

    def get_fee(self, row: TicketType) -> int:
        return row.all_in_price - row.price

    def get_is_on_sale(self, row: TicketType) -> bool:
        return row.is_on_sale(self.context["now"])


class TicketTypeChangeSerializer(serializers.ModelSerializer):
    """What may be said about a ticket type; needs the `event` in its context."""

    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    price = serializers.IntegerField(min_value=0, max_value=MAX_AMOUNT, help_text="Before the service fee and tax.")
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    sales_start = TimeField(required=False, allow_null=True, help_text=_GIVEN)
    sales_end = TimeField(required=False, allow_null=True, help_text=_GIVEN)
    min_per_order = serializers.IntegerField(min_value=1, max_value=MAX_PER_ORDER, required=False)
    max_per_order = serializers.IntegerField(min_value=1, max_value=MAX_PER_ORDER, required=False)
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False)

    class Meta:
        model = TicketType
        fields = [
            "name", "description", "price", "quantity", "sales_start", "sales_end", "min_per_order", "max_per_order",
            "visibility", "position",
        ]  # fmt: skip

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        zone = self.context["event"].venue.zone
        times = {name: given[name] for name in ("sales_start", "sales_end") if given.get(name) is not None}
        return {**given, **{name: to_utc(value, zone, name) for name, value in times.items()}}


class TicketEventSerializer(serializers.ModelSerializer):
    """The event as its tickets show it."""

    venue = EventVenueSerializer()
    starts_at_local = serializers.SerializerMethodField(help_text="By the venue's clocks, with their offset.")
    doors_at_local = serializers.SerializerMethodField(help_text="By the venue's clocks, with their offset.")
    time_zone = serializers.CharField(source="venue.time_zone")

    class Meta:
        model = Event
        fields = [
            "id", "name", "status", "venue", "starts_at", "starts_at_local", "doors_at", "doors_at_local", "ends_at",
            "time_zone",
        ]  # fmt: skip
        read_only_fields = fields

    def get_starts_at_local(self, event: Event) -> str:
        return on_the_wall(event.starts_at, event.venue.zone)

    def get_doors_at_local(self, event: Event) -> str:
        return on_the_wall(event.doors_at, event.venue.zone)


class TicketTypeNameSerializer(serializers.ModelSerializer):
    class Meta:
        model = TicketType
        fields = ["id", "name"]
        read_only_fields = fields


class HolderSerializer(serializers.Serializer):
    name = serializers.CharField(source="holder_name")


class TicketSerializer(serializers.ModelSerializer):
    """A ticket as its holder sees it."""

    code = serializers.SerializerMethodField(
        help_text="What its QR code says; null once it was refunded, or for a buyer who gave it to somebody else."
    )
    event = TicketEventSerializer()
    ticket_type = TicketTypeNameSerializer()
    holder = HolderSerializer(source="*")
    order = serializers.UUIDField(source="order_id")

    class Meta:
        model = Ticket
        fields = [
            "id", "number", "code", "status", "event", "ticket_type", "seat", "holder", "order", "used_at",
            "frozen_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {"frozen_at": {"help_text": "Since when it admits nobody because its payment is disputed."}}

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_code(self, ticket: Ticket) -> str | None:
        return codes.sign(ticket) if ticket.opens_for(self.context["request"].user) else None


class TicketKeySerializer(serializers.Serializer):
    """A public key that verifies the codes of a venue's tickets."""

    key_id = serializers.CharField(help_text="The eight hex digits of the code's first four bytes.")
    algorithm = serializers.CharField(help_text="Always `Ed25519`.")
    public_key = serializers.CharField(help_text="32 bytes in base64url without padding.")
