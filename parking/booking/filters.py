"""What lists of reservations may be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils import timezone

from parking.booking.models import ParkingReservation
from parking.vehicles import plates
from trufan.lib.listing import FilterSet
from trufan.lib.time_filter import TimeFilter
from venues.query_filters import FlagFilter


class ReservationFilter(FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=ParkingReservation.Status.choices)
    lot = django_filters.UUIDFilter(field_name="capacity__lot_id")
    event = django_filters.UUIDFilter(field_name="event_id")
    upcoming = FlagFilter(method="filter_upcoming", help_text="Whether it is not over yet.")
    plate = django_filters.CharFilter(method="filter_plate", max_length=plates.MAX_LENGTH)
    starts_after = TimeFilter(field_name="starts_at", lookup_expr="gte")
    starts_before = TimeFilter(field_name="starts_at", lookup_expr="lt")

    class Meta:
        model = ParkingReservation
        fields: list[str] = []

    def filter_upcoming(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        now = timezone.now()
        return rows.filter(ends_at__gt=now) if value else rows.filter(ends_at__lte=now)

    def filter_plate(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(plate_key=plates.key(value))
