"""What lists of offers may be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet

from ticketing.transfers.models import TicketTransfer
from trufan.lib.listing import FilterSet


class TicketTransferFilter(FilterSet):
    status = django_filters.MultipleChoiceFilter(choices=TicketTransfer.Status.choices)
    ticket = django_filters.UUIDFilter(field_name="ticket_id")
    direction = django_filters.ChoiceFilter(
        choices=[("in", "offered to me"), ("out", "offered by me")], method="filter_direction"
    )

    class Meta:
        model = TicketTransfer
        fields: list[str] = []

    def filter_direction(self, transfers: QuerySet, name: str, value: str) -> QuerySet:
        user = self.request.user
        return transfers.sent_by(user) if value == "out" else transfers.meant_for(user)
