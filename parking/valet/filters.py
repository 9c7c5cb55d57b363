"""What lists of valet tickets and incidents may be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet

from parking.valet.models import ValetIncident, ValetTicket
from parking.vehicles import plates
from trufan.lib.listing import FilterSet
from trufan.lib.time_filter import TimeFilter
from venues.query_filters import FlagFilter


class TicketFilter(FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=ValetTicket.Status.choices)
    here = FlagFilter(method="filter_here", help_text="Whether the car is in our hands.")
    number = django_filters.NumberFilter()
    plate = django_filters.CharFilter(
        method="filter_plate", max_length=plates.MAX_LENGTH, help_text="However it is written; look-alikes match."
    )

    class Meta:
        model = ValetTicket
        fields: list[str] = []

    def filter_here(self, rows: QuerySet, name: str, value: bool) -> QuerySet:
        return rows.filter(status__in=ValetTicket.OPEN) if value else rows.exclude(status__in=ValetTicket.OPEN)

    def filter_plate(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(session__plate_key=plates.key(value)).exclude(session__plate_key="")


class IncidentFilter(FilterSet):
    ticket = django_filters.UUIDFilter(field_name="ticket_id")
    happened_after = TimeFilter(field_name="happened_at", lookup_expr="gte")
    happened_before = TimeFilter(field_name="happened_at", lookup_expr="lt")

    class Meta:
        model = ValetIncident
        fields: list[str] = []
