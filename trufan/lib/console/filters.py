"""List filters whose choices name nobody else's rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from trufan.lib.console import venue_labels


class VenueFilter(DropdownFilter):
    """By venue: the reader's own, and only where there is more than one."""

    title = "venue"
    parameter_name = "at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.venue_lookup = model_admin.venue_lookup
        labels = sorted(venue_labels.of_request(request).values(), key=lambda label: label.name.casefold())
        return [(str(label.id), label.name) for label in labels if model_admin.sees_venue(request, label.id)]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value()
        known = {choice for choice, _ in self.lookup_choices}
        return queryset.filter(**{self.venue_lookup: UUID(chosen)}) if chosen in known else queryset
