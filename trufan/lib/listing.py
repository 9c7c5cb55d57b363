"""Filters whose form is put together once; search and ordering that refuse what DRF's own would silently ignore."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import filters
from rest_framework.request import Request

from trufan.lib.errors import Invalid
from trufan.lib.pagination import parameter

MAX_SEARCH = 200
#: Each word is one more condition on every searched column.
MAX_WORDS = 10


_forms: dict[type, type] = {}


class FilterSet(django_filters.FilterSet):
    """As the library's, for filters whose fields do not depend on the request: their form is one class, made once."""

    def get_form_class(self) -> type:
        kind = type(self)
        if kind not in _forms:
            _forms[kind] = super().get_form_class()
        return _forms[kind]


class Search(filters.SearchFilter):
    """`search` over the view's `search_fields`: every word must occur in one of them."""

    def get_search_terms(self, request: Request) -> list[str]:
        given = request.query_params.get(self.search_param, "")
        terms = list(super().get_search_terms(request))
        if len(given) > MAX_SEARCH or len(terms) > MAX_WORDS:
            message = f"Search for at most {MAX_WORDS} words and {MAX_SEARCH} characters."
            raise Invalid.field(self.search_param, message, "too_long")
        return terms

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if not getattr(view, "search_fields", None):
            return []
        words = f"Words that must all occur, in any order; at most {MAX_WORDS}."
        return [parameter(self.search_param, words, {"type": "string", "maxLength": MAX_SEARCH})]


class Ordering(filters.OrderingFilter):
    """`ordering` over the view's `ordering_fields`, `-` for descending.

    The key breaks ties, so that pages do not overlap. A view without `ordering_fields` keeps its own order. What is
    called otherwise in the query, a view's `ordering_columns` say: name → column.
    """

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> list[str] | tuple[str, ...] | None:
        given = request.query_params.get(self.ordering_param)
        allowed = _ordering_fields(view)
        if not given or not allowed:
            return tuple(self.get_default_ordering(view) or ())
        terms = [term.strip() for term in given.split(",")]
        if any(term.removeprefix("-") not in allowed for term in terms):
            raise Invalid.field(self.ordering_param, f"Order by {', '.join(allowed)}.", "unknown_ordering")
        return terms

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        ordering = list(self.get_ordering(request, queryset, view) or [])
        if not ordering:
            return queryset
        named = {term.removeprefix("-") for term in ordering if isinstance(term, str)}
        columns = getattr(view, "ordering_columns", {})
        ordering = [_column(term, columns) for term in ordering]
        return queryset.order_by(*ordering, *(() if named & {"pk", "id"} else ("pk",)))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        allowed = _ordering_fields(view)
        if not allowed:
            return []
        one = f"-?({'|'.join(allowed)})"
        words = f"One or more of {', '.join(f'`{name}`' for name in allowed)}, by commas; `-` in front for descending."
        return [parameter(self.ordering_param, words, {"type": "string", "pattern": f"^{one}(,{one})*$"})]


def _column(term: Any, columns: dict[str, str]) -> Any:
    if not isinstance(term, str):
        return term
    name = term.removeprefix("-")
    return f"{term[: -len(name)]}{columns.get(name, name)}"


def _ordering_fields(view: Any) -> list[str]:
    """The names a client may use."""
    fields = getattr(view, "ordering_fields", None) or []
    return [field if isinstance(field, str) else field[0] for field in fields]
