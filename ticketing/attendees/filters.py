"""What the list of those who come may be narrowed by."""

from __future__ import annotations

import django_filters

from ticketing.models import Ticket
from trufan.lib.listing import FilterSet


class AttendeeFilter(FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Ticket.Status.choices)
    ticket_type = django_filters.UUIDFilter(field_name="ticket_type_id")

    class Meta:
        model = Ticket
        fields: list[str] = []
