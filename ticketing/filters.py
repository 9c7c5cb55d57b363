"""What lists of ticket types, tickets and scans may be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils import timezone

from ticketing.models import Scan, Ticket, TicketType
from trufan.lib.listing import FilterSet
from venues.query_filters import FlagFilter


class TicketTypeFilter(FilterSet):
    on_sale = FlagFilter(method="filter_on_sale", help_text="Whether its sales window is open now.")
    visibility = django_filters.ChoiceFilter(choices=TicketType.Visibility.choices)

    class Meta:
        model = TicketType
        fields: list[str] = []

    def filter_on_sale(self, types: QuerySet, name: str, value: bool) -> QuerySet:
        selling = TicketType.objects.on_sale(timezone.now()).values("pk")
        return types.filter(pk__in=selling) if value else types.exclude(pk__in=selling)


class TicketFilter(FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Ticket.Status.choices)
    event = django_filters.UUIDFilter(field_name="event_id")
    upcoming = FlagFilter(method="filter_upcoming", help_text="Whether the event is not over yet.")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def filter_upcoming(self, tickets: QuerySet, name: str, value: bool) -> QuerySet:
        now = timezone.now()
        return tickets.filter(event__ends_at__gt=now) if value else tickets.filter(event__ends_at__lte=now)


class ScanFilter(FilterSet):
    result = django_filters.MultipleChoiceFilter(choices=Scan.Result.choices)
    reason = django_filters.MultipleChoiceFilter(choices=[choice for choice in Scan.Reason.choices if choice[0]])
    method = django_filters.MultipleChoiceFilter(choices=Scan.Method.choices)
    gate = django_filters.CharFilter(max_length=60)

    class Meta:
        model = Scan
        fields: list[str] = []
