"""List filters whose choices name nobody else's rows."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from trufan.lib.console import venue_labels
from trufan.lib.words import lazy


class VenueFilter(DropdownFilter):
    """By venue: the reader's own, and only where there is more than one."""

    title = lazy("venue")
    parameter_name = "at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.venue_lookup = model_admin.venue_lookup
        labels = sorted(venue_labels.of_request(request).values(), key=lambda label: label.name.casefold())
        return [(str(label.id), label.name) for label in labels if model_admin.sees_venue(request, label.id)]

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return _narrowed(self, queryset, self.venue_lookup)


class OfVenueFilter(DropdownFilter):
    """By one of the rows that the reader sees on another page of the console: an outlet, a lot."""

    #: Whose rows, and the way to them from the rows that are narrowed.
    model: ClassVar[type[Model]]
    path: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        page = model_admin.admin_site._registry[self.model]
        mine = page.rows_where(request, page.view_permission).order_by("name")
        return [(str(pk), name) for pk, name in mine.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return _narrowed(self, queryset, self.path)


def _narrowed(chosen_by: DropdownFilter, queryset: QuerySet, path: str) -> QuerySet:
    """Only rows of the choice; all of them when it is none that was offered."""
    chosen = chosen_by.value()
    offered = {choice for choice, _ in chosen_by.lookup_choices}
    return queryset.filter(**{path: UUID(chosen)}) if chosen in offered else queryset
