"""What an event's slots may be narrowed by."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from ticketing.slots.models import EntrySlot
from trufan.lib.listing import FilterSet
from trufan.lib.time_filter import TimeFilter
from venues.query_filters import FlagFilter


class EntrySlotFilter(FilterSet):
    available = FlagFilter(method="filter_available", help_text="Whether one may still come then, and there is room.")
    starts_after = TimeFilter(field_name="starts_at", lookup_expr="gte", help_text="ISO 8601; UTC without an offset.")
    starts_before = TimeFilter(field_name="starts_at", lookup_expr="lt", help_text="ISO 8601; UTC without an offset.")

    class Meta:
        model = EntrySlot
        fields: list[str] = []

    def filter_available(self, slots: QuerySet, name: str, value: bool) -> QuerySet:
        open_ones = EntrySlot.objects.open(timezone.now()).values("pk")
        return slots.filter(pk__in=open_ones) if value else slots.exclude(pk__in=open_ones)
