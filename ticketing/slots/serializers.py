"""Slots as the API reads and shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.grants import Permission
from events.serializers import TimeField
from events.times import on_the_wall, to_utc
from ticketing.slots.models import EntrySlot
from ticketing.slots.timetable import LONGEST
from trufan.lib.serializing import ModelSerializer
from venues.fields import StaffFieldsMixin
from venues.permissions import holds

MAX_CAPACITY = 1_000_000
_GIVEN = "ISO 8601, with an offset or, without one, by the venue's clocks."


class SlotKeyField(serializers.UUIDField):
    """The slot of a line, as the order keeps it."""

    def to_internal_value(self, data: Any) -> Any:
        return str(super().to_internal_value(data))


class EntrySlotSerializer(StaffFieldsMixin, ModelSerializer):
    """One entry time and what is left of it; the counters only for staff of its venue."""

    event = serializers.UUIDField(source="event_id")
    starts_at_local = serializers.SerializerMethodField(help_text="By the venue's clocks, with their offset.")
    ends_at_local = serializers.SerializerMethodField(help_text="By the venue's clocks, with their offset.")
    left = serializers.IntegerField(help_text="How many more people may come then.")
    capacity = serializers.IntegerField(required=False)
    held = serializers.IntegerField(required=False, help_text="Kept by orders that are not paid yet.")
    sold = serializers.IntegerField(required=False)

    staff_fields = frozenset({"capacity", "held", "sold"})

    class Meta:
        model = EntrySlot
        fields = [
            "id", "event", "starts_at", "starts_at_local", "ends_at", "ends_at_local", "left", "capacity", "held",
            "sold",
        ]  # fmt: skip

    def may_see_staff_fields(self, row: EntrySlot) -> bool:
        return holds(self.context["request"].user, Permission.VIEW_VENUE, row.event.venue_id)

    def get_starts_at_local(self, row: EntrySlot) -> str:
        return on_the_wall(row.starts_at, row.event.venue.zone)

    def get_ends_at_local(self, row: EntrySlot) -> str:
        return on_the_wall(row.ends_at, row.event.venue.zone)


class EntrySlotChangeSerializer(serializers.Serializer):
    """What may be said about a slot; needs the `event` in its context."""

    starts_at = TimeField(help_text=_GIVEN)
    ends_at = TimeField(help_text=_GIVEN)
    capacity = serializers.IntegerField(min_value=1, max_value=MAX_CAPACITY)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        zone = self.context["event"].venue.zone
        return {name: value if name == "capacity" else to_utc(value, zone, name) for name, value in given.items()}


class GenerateSlotsSerializer(serializers.Serializer):
    """A row of slots, by the venue's clock."""

    begin = serializers.TimeField(help_text="Such as 10:00: when the first one starts.")
    end = serializers.TimeField(help_text="When the last one is over; of the next day if it is no later than `begin`.")
    every = serializers.IntegerField(min_value=1, max_value=LONGEST, help_text="Minutes from one to the next.")
    lasts = serializers.IntegerField(
        min_value=1, max_value=LONGEST, required=False, help_text="How long one is, in minutes; without it, `every`."
    )
    capacity = serializers.IntegerField(min_value=1, max_value=MAX_CAPACITY, help_text="Of each.")
    day = serializers.DateField(required=False, help_text="Without it, the day on which the event starts.")


class GeneratedSlotsSerializer(serializers.Serializer):
    slots = EntrySlotSerializer(many=True)
