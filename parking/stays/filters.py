"""What lists of stays may be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet

from parking.lots.models import SpaceKind
from parking.stays.models import ParkingSession
from parking.vehicles import plates
from trufan.lib.listing import FilterSet
from trufan.lib.time_filter import TimeFilter


class SessionFilter(FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=ParkingSession.Status.choices)
    origin = django_filters.MultipleChoiceFilter(choices=ParkingSession.Origin.choices)
    kind = django_filters.ChoiceFilter(field_name="capacity__kind", choices=SpaceKind.choices)
    event = django_filters.UUIDFilter(field_name="event_id")
    plate = django_filters.CharFilter(
        method="filter_plate", max_length=plates.MAX_LENGTH, help_text="However it is written; look-alikes match."
    )
    started_after = TimeFilter(field_name="started_at", lookup_expr="gte")
    started_before = TimeFilter(field_name="started_at", lookup_expr="lt")

    class Meta:
        model = ParkingSession
        fields: list[str] = []

    def filter_plate(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(plate_key=plates.key(value)).exclude(plate_key="")
