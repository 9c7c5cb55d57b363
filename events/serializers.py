"""How events look to clients, and what may be said to draw one up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from accounts.grants import Permission
from events.lacking import Place
from events.models import Event
from events.times import on_the_wall, to_utc
from trufan.lib.serializing import ModelSerializer
from venues.fields import ConfigurationField, StaffFieldsMixin
from venues.models import Venue
from venues.permissions import holds

MAX_CAPACITY = 1_000_000
_TIMES = ("starts_at", "ends_at", "doors_at")
_GIVEN = "ISO 8601, with an offset or, without one, by the venue's clocks."


class TimeField(serializers.DateTimeField):
    """Shown in UTC; taken with an offset or without, for the serializer to read by the venue's clocks."""

    def enforce_timezone(self, value: datetime) -> datetime:
        return value


class EventVenueSerializer(ModelSerializer):
    """Where an event takes place."""

    class Meta:
        model = Venue
        fields = ["id", "name", "slug", "city", "country", "latitude", "longitude"]
        read_only_fields = fields


class EventSerializer(StaffFieldsMixin, ModelSerializer):
    """An event; capacity, configuration and what belongs to planning only for staff of its venue."""

    venue = EventVenueSerializer(read_only=True)
    series = serializers.UUIDField(
        source="series_id", read_only=True, allow_null=True, help_text="Of events that are copies of one another."
    )
    starts_at = TimeField(help_text="UTC.")
    ends_at = TimeField(help_text="UTC.")
    doors_at = TimeField(help_text="UTC.")
    starts_at_local = serializers.SerializerMethodField(help_text="By the venue's clocks, with their offset.")
    ends_at_local = serializers.SerializerMethodField(help_text="By the venue's clocks, with their offset.")
    doors_at_local = serializers.SerializerMethodField(help_text="By the venue's clocks, with their offset.")
    time_zone = serializers.CharField(source="venue.time_zone", help_text="The venue's IANA time zone.")
    currency = serializers.CharField(source="venue.currency", help_text="ISO 4217.")
    price_from = serializers.IntegerField(
        allow_null=True, help_text="The least a ticket costs, all-in before tax, in minor units; null without tickets."
    )
    price_to = serializers.IntegerField(allow_null=True, help_text="The most a ticket costs, likewise.")
    is_available = serializers.BooleanField(help_text="Whether some ticket can be bought now.")
    capacity = serializers.IntegerField(required=False)
    allocated = serializers.IntegerField(required=False, help_text="Tickets allotted to ticket types.")
    configuration = ConfigurationField(required=False)
    published_at = serializers.DateTimeField(required=False, allow_null=True)

    staff_fields = frozenset({"capacity", "allocated", "configuration", "published_at"})

    class Meta:
        model = Event
        fields = [
            "id", "name", "description", "category", "status", "venue", "series", "starts_at", "starts_at_local",
            "ends_at", "ends_at_local", "doors_at", "doors_at_local", "time_zone", "currency", "price_from", "price_to",
            "is_available", "capacity", "allocated", "configuration", "published_at",
        ]  # fmt: skip

    def may_see_staff_fields(self, event: Event) -> bool:
        return holds(self.context["request"].user, Permission.VIEW_VENUE, event.venue_id)

    def get_starts_at_local(self, event: Event) -> str:
        return on_the_wall(event.starts_at, event.venue.zone)

    def get_ends_at_local(self, event: Event) -> str:
        return on_the_wall(event.ends_at, event.venue.zone)

    def get_doors_at_local(self, event: Event) -> str:
        return on_the_wall(event.doors_at, event.venue.zone)


class EventChangeSerializer(ModelSerializer):
    """What may be changed about an event; its venue stays."""

    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    starts_at = TimeField(help_text=_GIVEN)
    ends_at = TimeField(help_text=_GIVEN)
    doors_at = TimeField(required=False, help_text=f"{_GIVEN} An hour before the start when left out.")
    capacity = serializers.IntegerField(min_value=1, max_value=MAX_CAPACITY)
    configuration = ConfigurationField(required=False)

    class Meta:
        model = Event
        fields = ["name", "description", "category", "starts_at", "ends_at", "doors_at", "capacity", "configuration"]

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        venue = given["venue"] if self.instance is None else self.instance.venue
        return {name: to_utc(value, venue.zone, name) if name in _TIMES else value for name, value in given.items()}


class VenueField(serializers.PrimaryKeyRelatedField):
    """A venue that the caller may know of; any other does not exist."""

    def get_queryset(self) -> Any:
        return Venue.objects.readable_by(self.context["request"].user)


class EventCreateSerializer(EventChangeSerializer):
    """What an event is drawn up from."""

    venue = VenueField(queryset=Venue.objects.none(), pk_field=serializers.UUIDField())

    class Meta(EventChangeSerializer.Meta):
        fields = ["venue", *EventChangeSerializer.Meta.fields]


class LackSerializer(serializers.Serializer):
    """One thing that an event lacks."""

    code = serializers.CharField()
    message = serializers.CharField()
    place = serializers.ChoiceField(choices=Place.choices, help_text="Where it is mended.")
    id = serializers.UUIDField(
        source="row.pk", allow_null=True, default=None, help_text="The row to mend there; null: add one."
    )
    blocks = serializers.BooleanField(help_text="Whether the event is not published while this is so.")


class ReadinessSerializer(serializers.Serializer):
    """Whether an event can be published, and what it lacks: what blocks first, then warnings."""

    is_ready = serializers.SerializerMethodField(help_text="Nothing blocks its publication.")
    lacks = LackSerializer(many=True)

    def get_is_ready(self, told: dict[str, Any]) -> bool:
        return not any(lack.blocks for lack in told["lacks"])


class CancelSerializer(serializers.Serializer):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="Kept in the history."
    )
