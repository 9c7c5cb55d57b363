"""Searches of long lists: each way to look something up by an index of its own, instead of all columns at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

#: How many finds of each way a list takes; who finds more has typed too little.
MOST = 500


class IndexedSearchMixin:
    """Looks for what was typed in several `ways`, one query each.

    Joined by OR, as the console does by itself, they would be one query that no index serves once one of them leads
    into another table. `search_fields` say only that there is a search.
    """

    def ways(self, request: HttpRequest, typed: str) -> Iterable[Q]:
        """The conditions, each of which an index serves; none for what can't be meant by `typed`."""
        raise NotImplementedError

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        typed = " ".join(search_term.replace("\x00", "").split())
        if not typed:
            return queryset, False
        found: set[Any] = set()
        for way in self.ways(request, typed):
            found.update(queryset.order_by().filter(way).values_list("pk", flat=True)[:MOST])
        return queryset.filter(pk__in=found), False
