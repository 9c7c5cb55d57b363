"""The seats of an event as the API reads and shows them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ticketing.models import EventSeat, EventSeating
from ticketing.seats import pictures
from ticketing.seats.choosing import LabelField
from ticketing.seats.permissions import own_plan
from trufan.lib.serializing import ModelSerializer
from venues.models import SeatingPlan

#: Rules of one event, and seats that one request names.
MOST_RULES, MOST_SEATS = 1_000, 5_000


class PriceRuleSerializer(serializers.Serializer):
    section = serializers.CharField(required=False, max_length=40, help_text="A section of the plan, all of it.")
    rows = serializers.ListField(
        child=serializers.CharField(max_length=12), required=False, min_length=1, help_text="Only these rows of it."
    )
    seats = serializers.ListField(
        child=LabelField(max_length=40),
        required=False,
        min_length=1,
        max_length=MOST_SEATS,
        help_text="In place of a section: seats by their labels.",
    )
    ticket_type = serializers.UUIDField(help_text="What they are sold as.")

    def validate(self, rule: dict[str, Any]) -> dict[str, Any]:
        if ("section" in rule) == ("seats" in rule):
            raise serializers.ValidationError({"section": gettext("Give a section or seats, one of them.")})
        if "seats" in rule and "rows" in rule:
            raise serializers.ValidationError({"rows": gettext("Rows are those of a section.")})
        return rule


class PlanField(serializers.UUIDField):
    """A seating plan of the event's venue."""

    default_error_messages = {"not_found": "The venue has no such seating plan."}

    def to_internal_value(self, data: Any) -> Any:
        plan = own_plan(self.context["event"], super().to_internal_value(data))
        if plan is None:
            self.fail("not_found")
        return plan


class SeatingChangeSerializer(serializers.Serializer):
    plan = PlanField()
    prices = PriceRuleSerializer(many=True, max_length=MOST_RULES)  # type: ignore[call-arg]


class SeatCountsSerializer(serializers.Serializer):
    ticket_type = serializers.UUIDField(allow_null=True, help_text="null: seats that are not sold.")
    free = serializers.IntegerField()
    held = serializers.IntegerField()
    sold = serializers.IntegerField()
    blocked = serializers.IntegerField()
    house = serializers.IntegerField()


class SeatingSerializer(ModelSerializer):
    """By which plan an event is seated, and how its seats stand."""

    event = serializers.UUIDField(source="event_id")
    plan = serializers.UUIDField(source="plan_id")
    map_version = serializers.SerializerMethodField(help_text="`version` of the map at `/events/{id}/seats`.")
    is_outdated = serializers.SerializerMethodField(
        help_text="The plan's seats were replaced since: put the seating again to take them over."
    )
    prices = PriceRuleSerializer(many=True)
    counts = serializers.SerializerMethodField()

    class Meta:
        model = EventSeating
        fields = ["event", "plan", "map_version", "is_outdated", "prices", "counts", "updated_at"]
        read_only_fields = fields

    def get_map_version(self, seating: EventSeating) -> str:
        return pictures.tag(seating)

    def get_is_outdated(self, seating: EventSeating) -> bool:
        plan: SeatingPlan = seating.plan
        return plan.version != seating.plan_version

    @extend_schema_field(SeatCountsSerializer(many=True))
    def get_counts(self, seating: EventSeating) -> list[dict[str, Any]]:
        return counts(seating)


def counts(seating: EventSeating) -> list[dict[str, Any]]:
    """For each ticket type how many seats have which status. One query."""
    rows = EventSeat.objects.filter(event=seating.event_id).order_by("ticket_type").values("ticket_type", "status")
    found: dict[Any, dict[str, int]] = {}
    for row in rows.annotate(count=Count("pk")):
        none = dict.fromkeys(EventSeat.Status.values, 0)
        found.setdefault(row["ticket_type"], none)[row["status"]] = row["count"]
    return [{"ticket_type": pk, **numbers} for pk, numbers in found.items()]


class EventSeatSerializer(ModelSerializer):
    """A seat as staff see it."""

    ticket_type = serializers.UUIDField(source="ticket_type_id", allow_null=True)
    order = serializers.SerializerMethodField(help_text="Whose it is, for staff who may see orders; else null.")
    ticket = serializers.SerializerMethodField(help_text="The ticket's number, likewise.")

    class Meta:
        model = EventSeat
        fields = [
            "id", "label", "section", "row", "number", "accessible", "companion", "restricted_view", "ticket_type",
            "status", "reason", "order", "ticket",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_order(self, seat: EventSeat) -> str | None:
        item = seat.order_item if self.context.get("sees_orders") else None
        return str(item.order_id) if item else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_ticket(self, seat: EventSeat) -> str | None:
        return seat.ticket.number if seat.ticket and self.context.get("sees_orders") else None


class KeepSeatsSerializer(serializers.Serializer):
    """Which seats become what."""

    seats = serializers.ListField(
        child=LabelField(max_length=40),
        min_length=1,
        max_length=MOST_SEATS,
        help_text="Labels; with `*` at its end one stands for all that begin so: `112-A-*` is a row.",
    )
    status = serializers.ChoiceField(choices=["free", "blocked", "house"])
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200, help_text="Why, unless they become free."
    )


class KeptSeatsSerializer(serializers.Serializer):
    changed = serializers.IntegerField(help_text="How many seats were not so already.")


class RowSerializer(serializers.Serializer):
    row = serializers.CharField()
    count = serializers.IntegerField()
    first = serializers.IntegerField(required=False, help_text="Its seats are numbered from here on by one.")
    numbers = serializers.ListField(child=serializers.CharField(), required=False, help_text="Where they are not.")
    labels = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Where they are not SECTION-ROW-NUMBER in capitals."
    )
    x = serializers.ListField(child=serializers.IntegerField(), help_text="The first, then steps; the last goes on.")
    y = serializers.ListField(child=serializers.IntegerField(), help_text="Likewise.")
    type = serializers.IntegerField(
        required=False, allow_null=True, help_text="Which of `ticket_types`; null: not sold."
    )
    types = serializers.ListField(
        child=serializers.IntegerField(allow_null=True), required=False, help_text="Where its seats differ."
    )
    accessible = serializers.ListField(child=serializers.IntegerField(), required=False, help_text="Which, from 0.")
    companion = serializers.ListField(child=serializers.IntegerField(), required=False)
    restricted_view = serializers.ListField(child=serializers.IntegerField(), required=False)


class MapSectionSerializer(serializers.Serializer):
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["seated", "standing"])
    outline = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()), required=False, help_text="Corners [x, y]."
    )
    capacity = serializers.IntegerField(required=False, help_text="Where people stand.")
    type = serializers.IntegerField(required=False, allow_null=True, help_text="Where people stand.")
    rows = RowSerializer(many=True)


class MapPlanSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class SeatMapSerializer(serializers.Serializer):
    """What stands where; coordinates in centimetres."""

    version = serializers.CharField(help_text="Another one: positions have moved, draw anew.")
    event = serializers.UUIDField()
    plan = MapPlanSerializer()
    stage = serializers.ListField(child=serializers.IntegerField())
    ticket_types = serializers.ListField(child=serializers.UUIDField())
    count = serializers.IntegerField()
    sections = MapSectionSerializer(many=True)


class SeatStatusesSerializer(serializers.Serializer):
    """Who sits where."""

    version = serializers.CharField(help_text="Of the map whose order the letters have.")
    count = serializers.IntegerField()
    free = serializers.IntegerField()
    seats = serializers.CharField(
        help_text="A letter for each seat: `f` free, `t` taken. For staff `h` held, `s` sold, `b` blocked, `o` house."
    )
