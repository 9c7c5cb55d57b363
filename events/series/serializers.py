"""Series, and what is asked of them, as the API reads and shows them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from events.models import Event
from events.serializers import MAX_CAPACITY
from events.series.changing import FIELDS, Refused
from events.series.dates import DAY, MOST, WEEK, WEEKDAYS, Rule
from events.series.models import EventSeries
from events.times import YEARS, on_the_wall
from trufan.lib.serializing import ModelSerializer
from venues.fields import ConfigurationField


class RuleSerializer(serializers.Serializer):
    """Every day, or every week on these weekdays."""

    every = serializers.ChoiceField(choices=[DAY, WEEK])
    weekdays = serializers.ListField(
        child=serializers.ChoiceField(choices=WEEKDAYS),
        required=False,
        max_length=7,
        help_text="With `week`; without them, the weekday of the event.",
    )
    count = serializers.IntegerField(min_value=1, max_value=MOST, required=False, help_text="How many copies.")
    until = serializers.DateField(required=False, help_text="In place of `count`: up to and with this day.")

    def rule(self, given: dict[str, Any]) -> Rule:
        weekdays = tuple(given.get("weekdays", ()))
        return Rule(given["every"], weekdays, given.get("count"), given.get("until"))


class CopiesSerializer(serializers.Serializer):
    """To which days an event is copied: these `dates`, or those of a `rule`."""

    dates = serializers.ListField(child=serializers.DateField(), required=False, min_length=1, max_length=MOST)
    rule = RuleSerializer(required=False)
    name = serializers.CharField(max_length=160, required=False, help_text="Of a new series; without it, the event's.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("dates" in given) == ("rule" in given):
            raise serializers.ValidationError({"dates": gettext("Give dates or a rule.")})
        return given


class EventSeriesSerializer(ModelSerializer):
    """A series as staff see it."""

    venue = serializers.UUIDField(source="venue_id", read_only=True)
    events = serializers.IntegerField(source="events_count", read_only=True, help_text="How many it has.")
    drafts = serializers.IntegerField(read_only=True, help_text="How many of these are drafts.")
    first_starts_at = serializers.DateTimeField(read_only=True, allow_null=True)
    last_starts_at = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = EventSeries
        fields = ["id", "venue", "name", "events", "drafts", "first_starts_at", "last_starts_at", "created_at"]
        read_only_fields = ["id", "created_at"]


class SeriesEventSerializer(ModelSerializer):
    """One event of a series, in short."""

    starts_at_local = serializers.SerializerMethodField(help_text="By the venue's clocks, with their offset.")

    class Meta:
        model = Event
        fields = ["id", "name", "status", "starts_at", "starts_at_local"]
        read_only_fields = fields

    def get_starts_at_local(self, event: Event) -> str:
        return on_the_wall(event.starts_at, event.venue.zone)


class CopiedSerializer(serializers.Serializer):
    series = EventSeriesSerializer()
    events = SeriesEventSerializer(many=True, help_text="The copies, soonest first.")


class RefusedSerializer(serializers.Serializer):
    """An event that stays as it is, and why."""

    event = SeriesEventSerializer()
    code = serializers.CharField(source="refusal.code")
    message = serializers.SerializerMethodField()

    def get_message(self, refused: Refused) -> str:
        said = [each.message for each in refused.refusal.details if each.message not in refused.refusal.message]
        return " ".join([refused.refusal.message, *said])


class PublishedSerializer(serializers.Serializer):
    """An `Outcome`."""

    published = serializers.SerializerMethodField()
    refused = RefusedSerializer(many=True)

    @extend_schema_field(SeriesEventSerializer(many=True))
    def get_published(self, outcome: Any) -> Any:
        return SeriesEventSerializer([each.event for each in outcome.done], many=True).data


class ChangedSerializer(serializers.Serializer):
    event = SeriesEventSerializer()
    old = serializers.JSONField()
    new = serializers.JSONField()


class ChangesMadeSerializer(serializers.Serializer):
    """An `Outcome`."""

    changed = ChangedSerializer(many=True, source="done", help_text="Without those that were as wanted before.")
    refused = RefusedSerializer(many=True)


class ChangeSeriesSerializer(serializers.Serializer):
    """One field of every event on or after a day."""

    since = serializers.DateField(help_text="From this day on, by the venue's clock.")
    field = serializers.ChoiceField(choices=FIELDS)
    value = serializers.JSONField(help_text="As for one event; for a time, the time on the clock: `20:00`.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        try:
            value = _field(given["field"]).run_validation(given["value"])
        except serializers.ValidationError as wrong:
            raise serializers.ValidationError({"value": wrong.detail}) from wrong
        if given["since"].year not in YEARS:
            raise serializers.ValidationError(
                {"since": gettext("Give a year from {least} to {most}.").format(least=YEARS[0], most=YEARS[-1])}
            )
        return {"since": given["since"], "name": given["field"], "value": value}


def _field(name: str) -> serializers.Field:
    """What a value of this field must be."""
    match name:
        case "name":
            return serializers.CharField(max_length=160)
        case "description":
            return serializers.CharField(max_length=20_000, allow_blank=True)
        case "category":
            return serializers.ChoiceField(choices=Event.Category.choices)
        case "capacity":
            return serializers.IntegerField(min_value=1, max_value=MAX_CAPACITY)
        case "configuration":
            return ConfigurationField()
    return serializers.TimeField()
