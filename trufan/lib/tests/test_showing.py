"""Rows are shown as the framework shows them, value by value, whatever the row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from rest_framework import serializers

from events.models import Event
from trufan.lib.serializing import ModelSerializer, Serializer
from trufan.testing import EventFactory
from venues.models import Venue

COLOURS = [("red", "Red"), ("", "None")]


def declared(base: type) -> Any:
    """The same serializer on the framework's base and on ours."""

    class Inner(base):
        name = serializers.CharField()

    class Shown(base):
        name = serializers.CharField()
        note = serializers.CharField(required=False)
        usual = serializers.CharField(default="as always")
        nothing = serializers.CharField(allow_null=True, required=False)
        count = serializers.IntegerField()
        ratio = serializers.FloatField()
        is_open = serializers.BooleanField()
        key = serializers.UUIDField()
        short_key = serializers.UUIDField(source="key", format="hex")
        at = serializers.DateTimeField()
        year = serializers.DateTimeField(source="at", format="%Y")
        day = serializers.DateField()
        colour = serializers.ChoiceField(COLOURS)
        whole = serializers.SerializerMethodField()
        town = serializers.CharField(source="place.town")
        called = serializers.CharField(source="call")
        inner = Inner()
        inners = Inner(source="inner_list", many=True)

        def get_whole(self, row: Any) -> str:
            return f"{type(row).__name__}"

    return Shown()


@dataclass
class Row:
    name: Any = "Anna"
    nothing: Any = None
    count: Any = 3
    ratio: Any = 0.5
    is_open: Any = True
    key: Any = field(default_factory=uuid4)
    at: Any = datetime(2026, 3, 1, 19, 30, tzinfo=UTC)
    day: Any = date(2026, 3, 1)
    colour: Any = "red"
    place: Any = field(default_factory=lambda: SimpleNamespace(town="Graz"))
    inner: Any = field(default_factory=lambda: SimpleNamespace(name="deep"))
    inner_list: Any = field(default_factory=lambda: [SimpleNamespace(name=name) for name in "ab"])

    def call(self) -> str:
        return "from a method"


ROWS = [
    {},
    {"name": None, "count": None, "is_open": None, "key": None, "at": None, "colour": None, "inner": None},
    {"name": 12, "count": "7", "ratio": 2, "is_open": "yes", "colour": "", "key": "not-one-of-ours"},
    {"at": datetime(2026, 3, 1, 19, 30, 1, 500, tzinfo=ZoneInfo("Europe/Vienna")), "colour": "blue"},
    {"at": datetime(2026, 3, 1, 19, 30, 1, 500, tzinfo=UTC), "is_open": 0},
    {"at": "2026-03-01", "place": None, "inner_list": []},
]


@pytest.mark.parametrize("values", ROWS)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_any_row_is_shown_as_by_the_framework(values, zone):
    row = Row(**values)
    ours, theirs = declared(Serializer), declared(serializers.Serializer)
    with timezone.override(zone):
        try:
            expected = theirs.to_representation(row)
        except (AttributeError, ValueError) as refused:
            with pytest.raises(type(refused)):
                ours.to_representation(row)
            return
        shown = ours.to_representation(row)
    assert shown == expected
    assert list(shown) == list(expected)
    assert [type(value) for value in shown.values()] == [type(value) for value in expected.values()]


def test_a_mapping_and_its_own_names_are_no_attributes():
    class Items(Serializer):
        items = serializers.ListField()
        keys = serializers.CharField()

    assert Items().to_representation({"items": [1], "keys": "two"}) == {"items": [1], "keys": "two"}


def test_what_is_missing_is_told_in_the_frameworks_words():
    class Lacking(Serializer):
        absent = serializers.CharField()

    with pytest.raises(AttributeError, match="field `absent` on serializer `Lacking`"):
        Lacking().to_representation(Row())


@pytest.mark.django_db
def test_relations_cost_no_query_and_are_shown_by_their_keys(django_assert_num_queries):
    class Keyed(ModelSerializer):
        venue_name = serializers.SlugRelatedField(source="venue", slug_field="name", read_only=True)
        as_text = serializers.PrimaryKeyRelatedField(
            source="venue", read_only=True, pk_field=serializers.UUIDField(format="hex")
        )

        class Meta:
            model = Event
            fields = ["id", "venue", "series", "as_text", "venue_name", "starts_at"]

    class Plain(serializers.ModelSerializer):
        venue_name = serializers.SlugRelatedField(source="venue", slug_field="name", read_only=True)
        as_text = serializers.PrimaryKeyRelatedField(
            source="venue", read_only=True, pk_field=serializers.UUIDField(format="hex")
        )

        class Meta(Keyed.Meta):
            pass

    EventFactory()
    event = Event.objects.get()
    with django_assert_num_queries(1):  # the venue, for its name
        shown = Keyed().to_representation(event)
    assert shown == Plain().to_representation(event)
    assert shown["venue"] == event.venue_id and shown["series"] is None


@pytest.mark.django_db
def test_a_serializer_may_be_made_less_before_it_shows(venue):
    class Named(ModelSerializer):
        class Meta:
            model = Venue
            fields = ["id", "name"]

    less = Named()
    less.fields.pop("id")
    assert less.to_representation(venue) == {"name": venue.name}
    assert Named().to_representation(venue) == {"id": str(venue.pk), "name": venue.name}
