"""Seating plans as the API reads and shows them. Layouts are read by `reading.py`; here is what they look like."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from trufan.lib.serializing import ModelSerializer
from venues.seating.layouts import MAX_STANDING
from venues.seating.models import MAX_ORDER, REACH, SeatingPlan, SeatSection

_POINT = {
    "type": "array",
    "items": {"type": "number", "minimum": -REACH, "maximum": REACH},
    "minItems": 2,
    "maxItems": 2,
}


class SeatingPlanRequestSerializer(serializers.Serializer):
    """What a plan is called, and where its stage's middle is, in metres."""

    name = serializers.CharField(max_length=80)
    stage_x = serializers.FloatField(min_value=-REACH, max_value=REACH, required=False)
    stage_y = serializers.FloatField(min_value=-REACH, max_value=REACH, required=False)


class SeatingPlanChangeSerializer(SeatingPlanRequestSerializer):
    """The same, and whether new events may be sold by it."""

    is_active = serializers.BooleanField(required=False)


class SeatingPlanSerializer(ModelSerializer):
    """A plan, with how much is in it."""

    venue = serializers.UUIDField(source="venue_id")
    section_count = serializers.IntegerField()
    seat_count = serializers.IntegerField()
    standing_count = serializers.IntegerField(help_text="How many people may stand, in all sections together.")

    class Meta:
        model = SeatingPlan
        fields = [
            "id", "venue", "name", "stage_x", "stage_y", "is_active", "version", "section_count", "seat_count",
            "standing_count", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class SeatSectionSerializer(ModelSerializer):
    """A section, and how many sit or stand in it."""

    seat_count = serializers.IntegerField()

    class Meta:
        model = SeatSection
        fields = ["id", "name", "kind", "capacity", "seat_count"]
        read_only_fields = fields


class SeatingPlanDetailSerializer(SeatingPlanSerializer):
    """A plan with its sections, in their order."""

    sections = serializers.SerializerMethodField()

    class Meta(SeatingPlanSerializer.Meta):
        fields = [*SeatingPlanSerializer.Meta.fields, "sections"]

    @extend_schema_field(SeatSectionSerializer(many=True))
    def get_sections(self, plan: SeatingPlan) -> Any:
        return SeatSectionSerializer(plan.sections.in_order().with_seat_count(), many=True).data


@extend_schema_field(_POINT)
class PointField(serializers.JSONField):
    """[x, y] in metres."""


class LayoutSeatSerializer(serializers.Serializer):
    """A seat of a layout."""

    row = serializers.CharField(max_length=12)
    number = serializers.CharField(max_length=12)
    label = serializers.CharField(  # type: ignore[assignment]  # a field of that name, not the serializer's own words
        max_length=40, required=False, help_text="Its name throughout the plan; else section, row and number."
    )
    x = serializers.FloatField(min_value=-REACH, max_value=REACH, help_text="Metres to the right.")
    y = serializers.FloatField(min_value=-REACH, max_value=REACH, help_text="Metres down.")
    row_order = serializers.IntegerField(
        min_value=0, max_value=MAX_ORDER, required=False, help_text="How the row counts from the stage."
    )
    seat_order = serializers.IntegerField(
        min_value=0, max_value=MAX_ORDER, required=False, help_text="How it counts in its row; neighbours differ by 1."
    )
    accessible = serializers.BooleanField(required=False)
    companion = serializers.BooleanField(required=False)
    restricted_view = serializers.BooleanField(required=False)
    companion_of = serializers.CharField(
        max_length=40, required=False, allow_null=True, help_text="The label of the accessible seat it goes with."
    )


class LayoutSectionSerializer(serializers.Serializer):
    """A section of a layout: seats, or a number of people who may stand."""

    name = serializers.CharField(max_length=40)
    kind = serializers.ChoiceField(choices=SeatSection.Kind.choices, required=False)
    capacity = serializers.IntegerField(min_value=0, max_value=MAX_STANDING, required=False)
    outline = serializers.ListField(child=PointField(), required=False, help_text="Its corners, 3 to 200 or none.")
    seats = LayoutSeatSerializer(many=True, required=False)


class LayoutStageSerializer(serializers.Serializer):
    """Where the stage's middle is."""

    x = serializers.FloatField(min_value=-REACH, max_value=REACH)
    y = serializers.FloatField(min_value=-REACH, max_value=REACH)


class LayoutSerializer(serializers.Serializer):
    """All sections of a plan with all their seats."""

    stage = LayoutStageSerializer(required=False)
    sections = LayoutSectionSerializer(many=True)
