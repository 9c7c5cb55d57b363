"""Ticket types and tickets as the API reads and shows them. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.grants import Permission
from events.models import Event
from events.rotation_policy import policy_of
from events.serializers import EventVenueSerializer, TimeField
from events.times import on_the_wall, to_utc
from ticketing import codes
from ticketing.door import gates
from ticketing.models import Attendee, EntrySlot, Ticket, TicketType
from ticketing.pricing import current
from ticketing.pricing.choosing import most
from ticketing.pricing.serializers import EventTypeField, TicketReleaseSerializer
from trufan.lib.money import MAX_AMOUNT
from trufan.lib.serializing import ModelSerializer
from venues.fields import StaffFieldsMixin
from venues.permissions import holds

MAX_QUANTITY = 1_000_000
MAX_PER_ORDER = 1_000
_GIVEN = "ISO 8601, with an offset or, without one, by the venue's clocks."


class GatesField(serializers.ListField):
    """Names of gates."""

    child = serializers.CharField(max_length=gates.LENGTH)

    def __init__(self, **how: Any) -> None:
        super().__init__(max_length=gates.MOST, **how)


class TicketTypeSerializer(StaffFieldsMixin, ModelSerializer):
    """A kind of ticket; the counters and the visibility only for staff of its venue."""

    event = serializers.UUIDField(source="event_id")
    price = serializers.SerializerMethodField(
        help_text="What it costs now, before the service fee and tax; with a `min_price`, what is suggested."
    )
    regular_price = serializers.IntegerField(source="price", help_text="What it costs once no release is open.")
    release = serializers.SerializerMethodField(help_text="The id of the release that gives the price, if one does.")
    releases = serializers.SerializerMethodField(help_text="Its prices in the order in which they open.")
    min_price = serializers.IntegerField(allow_null=True, help_text="The buyer names the price, at least this.")
    max_price = serializers.SerializerMethodField(help_text="And at most this; null where the price is fixed.")
    addon_of: serializers.PrimaryKeyRelatedField[Any] = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True, help_text="Sold only on top of one of these ticket types."
    )
    fee = serializers.SerializerMethodField(help_text="The venue's service fee on one ticket, before tax.")
    all_in_price = serializers.SerializerMethodField(
        help_text="Price and service fee, before tax: what event lists show."
    )
    currency = serializers.CharField(source="event.venue.currency", help_text="ISO 4217.")
    availability = serializers.ChoiceField(choices=TicketType.Availability.choices)
    is_on_sale = serializers.SerializerMethodField(help_text="Whether its sales window is open now.")
    visibility = serializers.ChoiceField(choices=TicketType.Visibility.choices, required=False)
    quantity = serializers.IntegerField(required=False)
    held = serializers.IntegerField(required=False, help_text="Kept by orders that are not paid yet.")
    sold = serializers.IntegerField(required=False)
    house = serializers.IntegerField(required=False, help_text="Kept back by the venue for itself.")
    left = serializers.IntegerField(required=False)
    waiting = serializers.IntegerField(required=False, help_text="Wanted by people on the waiting list.")
    set_aside = serializers.IntegerField(required=False, help_text="Came free, and kept for them.")

    gates = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="The gates that its tickets open; empty: all."
    )

    staff_fields = frozenset(
        {"visibility", "quantity", "held", "sold", "house", "left", "waiting", "set_aside", "gates"}
    )

    class Meta:
        model = TicketType
        fields = [
            "id", "event", "name", "description", "price", "fee", "all_in_price", "currency", "availability",
            "is_on_sale", "sales_start", "sales_end", "min_per_order", "max_per_order", "position", "needs_slot",
            "visibility", "quantity", "held", "sold", "left", "waiting", "set_aside", "house", "max_per_person",
            "regular_price", "release", "releases", "min_price", "max_price", "addon_of", "gates",
        ]  # fmt: skip

    def may_see_staff_fields(self, row: TicketType) -> bool:
        return holds(self.context["request"].user, Permission.VIEW_VENUE, row.event.venue_id)

    def get_price(self, row: TicketType) -> int:
        return current.price(row, self.context["now"])

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_release(self, row: TicketType) -> str | None:
        release = current.current(row, self.context["now"])
        return str(release.pk) if release else None

    @extend_schema_field(TicketReleaseSerializer(many=True))
    def get_releases(self, row: TicketType) -> Any:
        return TicketReleaseSerializer(row.releases.all(), many=True, context=self.context).data

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_max_price(self, row: TicketType) -> int | None:
        return None if row.min_price is None else most(row)

    def get_all_in_price(self, row: TicketType) -> int:
        return row.all_in(self.get_price(row))

    def get_fee(self, row: TicketType) -> int:
        return self.get_all_in_price(row) - self.get_price(row)

    def get_is_on_sale(self, row: TicketType) -> bool:
        return row.is_on_sale(self.context["now"])


class TicketTypeChangeSerializer(ModelSerializer):
    """What may be said about a ticket type; needs the `event` in its context."""

    description = serializers.CharField(max_length=5_000, required=False, allow_blank=True)
    price = serializers.IntegerField(min_value=0, max_value=MAX_AMOUNT, help_text="Before the service fee and tax.")
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    sales_start = TimeField(required=False, allow_null=True, help_text=_GIVEN)
    sales_end = TimeField(required=False, allow_null=True, help_text=_GIVEN)
    min_per_order = serializers.IntegerField(min_value=1, max_value=MAX_PER_ORDER, required=False)
    max_per_order = serializers.IntegerField(min_value=1, max_value=MAX_PER_ORDER, required=False)
    max_per_person = serializers.IntegerField(
        min_value=1, max_value=MAX_PER_ORDER, required=False, allow_null=True, help_text="Over all of their orders."
    )
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    min_price = serializers.IntegerField(
        min_value=0, max_value=MAX_AMOUNT, required=False, allow_null=True,
        help_text="Buyers name the price, at least this, and `price` is suggested; null: the price is fixed.",
    )  # fmt: skip
    addon_of = EventTypeField(
        many=True, required=False, help_text="Ticket types of the event; it is sold only on top of one of them."
    )
    gates = GatesField(required=False, help_text="Names of the gates that its tickets open; empty: all of them.")

    class Meta:
        model = TicketType
        fields = [
            "name", "description", "price", "quantity", "sales_start", "sales_end", "min_per_order", "max_per_order",
            "visibility", "position", "needs_slot", "max_per_person", "min_price", "addon_of", "gates",
        ]  # fmt: skip

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        zone = self.context["event"].venue.zone
        times = {name: given[name] for name in ("sales_start", "sales_end") if given.get(name) is not None}
        return {**given, **{name: to_utc(value, zone, name) for name, value in times.items()}}


class TicketEventSerializer(ModelSerializer):
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


class TicketTypeNameSerializer(ModelSerializer):
    class Meta:
        model = TicketType
        fields = ["id", "name"]
        read_only_fields = fields


class HolderSerializer(serializers.Serializer):
    name = serializers.CharField(source="holder_name")


class TicketSlotSerializer(ModelSerializer):
    """When the holder comes in, as the ticket shows it."""

    class Meta:
        model = EntrySlot
        fields = ["id", "starts_at", "ends_at"]
        read_only_fields = fields


class TicketAttendeeSerializer(ModelSerializer):
    """Who comes with the ticket."""

    class Meta:
        model = Attendee
        fields = ["name", "email"]
        read_only_fields = fields


class TicketSerializer(ModelSerializer):
    """A ticket as its holder sees it."""

    code = serializers.SerializerMethodField(
        help_text="What its QR code says; null once it was refunded, for a buyer who gave it to somebody else, and "
        "where codes rotate."
    )
    rotates = serializers.SerializerMethodField(
        help_text="Whether its code changes all the time: see `GET /tickets/{id}/rotating-code`."
    )
    event = TicketEventSerializer()
    ticket_type = TicketTypeNameSerializer()
    holder = HolderSerializer(source="*")
    attendee = serializers.SerializerMethodField(
        help_text="Who comes with it, once somebody said so; null for a buyer who gave it to somebody else."
    )
    slot = TicketSlotSerializer(allow_null=True, help_text="When its holder comes in; null: any time.")
    order = serializers.UUIDField(source="order_id")

    class Meta:
        model = Ticket
        fields = [
            "id", "number", "code", "rotates", "status", "event", "ticket_type", "seat", "slot", "holder", "attendee",
            "order", "used_at", "frozen_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {"frozen_at": {"help_text": "Since when it admits nobody because its payment is disputed."}}

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_code(self, ticket: Ticket) -> str | None:
        if self.get_rotates(ticket) or not ticket.opens_for(self.context["request"].user):
            return None
        return codes.sign(ticket)

    def get_rotates(self, ticket: Ticket) -> bool:
        return policy_of(ticket.event).rotates

    @extend_schema_field(TicketAttendeeSerializer(allow_null=True))
    def get_attendee(self, ticket: Ticket) -> dict[str, Any] | None:
        attendee = getattr(ticket, "attendee", None)
        if attendee is None or not ticket.is_of(self.context["request"].user):
            return None
        return TicketAttendeeSerializer(attendee).data


class TicketKeySerializer(serializers.Serializer):
    """A public key that verifies the codes of a venue's tickets."""

    key_id = serializers.CharField(help_text="The eight hex digits of the code's first four bytes.")
    algorithm = serializers.CharField(help_text="Always `Ed25519`.")
    public_key = serializers.CharField(help_text="32 bytes in base64url without padding.")
