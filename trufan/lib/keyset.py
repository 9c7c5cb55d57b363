"""Long lists walked through by where the last page ended: the thousandth page costs what the first does.

With `skip` PostgreSQL reads all that is left out, and counts the whole list for each page. With `after` it is sought in
the order's index and nothing is counted. The cursor holds the values by which the last row is ordered, not its number:
what is added or removed meanwhile neither repeats rows nor leaves any out.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from trufan.lib.errors import Invalid
from trufan.lib.pagination import SkipLimitPagination, parameter

AFTER = "after"
#: A cursor is a few times and ids.
_LONGEST = 500


class _Term(NamedTuple):
    field: Field[Any, Any]
    descending: bool


class LongListPagination(SkipLimitPagination):
    """Pages as everywhere by `skip` and `limit`; or by `after`, empty for the first page, then as `next` has it."""

    #: Where the next page begins, once a page was asked for by `after`.
    _walked = False
    _following: str | None = None

    request: Request

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        given = request.query_params.get(AFTER)
        if given is None:
            return super().paginate_queryset(queryset, request, view)
        if "skip" in request.query_params:
            raise Invalid.field(AFTER, "Give `after` or `skip`.", "contradictory")
        self.request, self.limit, self._walked = request, self.get_limit(request), True
        terms = _terms(queryset)
        rows = list(_beyond(queryset, terms, given)[: self.limit + 1])
        if len(rows) > self.limit:
            rows = rows[: self.limit]
            self._following = _cursor(rows[-1], terms)
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        if not self._walked:
            return super().get_paginated_response(data)
        return Response({"count": None, "next": self._next(), "previous": None, "results": data})

    def _next(self) -> str | None:
        if self._following is None:
            return None
        url = replace_query_param(self.request.build_absolute_uri(), "limit", self.limit)
        return str(replace_query_param(remove_query_param(url, AFTER), AFTER, self._following))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        words = (
            "Walk through the whole list: empty for the first page, then as `next` has it. However far, a page costs "
            "the same; `count` is null. Not with `skip`."
        )
        after = parameter(AFTER, words, {"type": "string", "maxLength": _LONGEST})
        return [*super().get_schema_operation_parameters(view), after]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        told = super().get_paginated_response_schema(schema)
        count = told["properties"]["count"]
        count |= {"nullable": True, "description": f"{count['description']} Null with `after`."}
        return told


def _terms(queryset: QuerySet[Any]) -> list[_Term]:
    """What the list is ordered by. Raises `Invalid` where no row's place in it can be told from its own columns."""
    options = queryset.model._meta
    named: Any = queryset.query.order_by or options.ordering or ()
    try:
        if not all(isinstance(name, str) for name in named):
            raise FieldDoesNotExist
        plain = [(name.lstrip("-"), name.startswith("-")) for name in named]
        terms = [_Term(options.pk if name == "pk" else options.get_field(name), down) for name, down in plain]
    except FieldDoesNotExist:
        terms = []
    if not terms or any(term.field.null for term in terms):
        raise Invalid.field(AFTER, "In this order the list can be read by `skip` alone.", "unknown_ordering")
    if terms[-1].field != options.pk:
        terms.append(_Term(options.pk, terms[-1].descending))
    return terms


def _beyond(queryset: QuerySet[Any], terms: list[_Term], cursor: str) -> QuerySet[Any]:
    """The rows after the cursor's, in the order of the terms."""
    ordered = queryset.order_by(*(f"{'-' if term.descending else ''}{term.field.name}" for term in terms))
    if not cursor:
        return ordered
    values = _read(cursor, terms)
    beyond, same = Q(), Q()
    for term, value in zip(terms, values, strict=True):
        way = "lt" if term.descending else "gt"
        beyond |= same & Q(**{f"{term.field.name}__{way}": value})
        same &= Q(**{term.field.name: value})
    # Alternatives are no range of an index; that none of them lies before the first column's value is one.
    first = terms[0]
    way = "lte" if first.descending else "gte"
    return ordered.filter(Q(**{f"{first.field.name}__{way}": values[0]}), beyond)


def _cursor(row: Any, terms: list[_Term]) -> str:
    values = [term.field.value_to_string(row) for term in terms]
    return urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


def _read(cursor: str, terms: list[_Term]) -> list[Any]:
    wrong = Invalid.field(AFTER, "This is no cursor of this list in this order: begin with an empty one.", "invalid")
    if len(cursor) > _LONGEST or not cursor.isascii():
        raise wrong
    try:
        given = json.loads(urlsafe_b64decode(f"{cursor}{'=' * (-len(cursor) % 4)}"))
        if not isinstance(given, list) or len(given) != len(terms) or not all(isinstance(each, str) for each in given):
            raise wrong
        return [_value(term.field, value) for term, value in zip(terms, given, strict=True)]
    except (ValueError, ValidationError, RecursionError) as problem:
        raise wrong from problem


def _value(field: Field[Any, Any], text: str) -> Any:
    """Raises `ValueError` or `ValidationError` for what no column of the kind holds."""
    text.encode()
    if "\x00" in text:
        raise ValueError("NUL is no text")
    value = field.to_python(text)
    field.run_validators(value)
    return value
