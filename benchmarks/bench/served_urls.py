"""The product's addresses and, for the benchmark alone, two more.

A view that does nothing, the floor of this stack; and one that asks what the list of events asks and does nothing with
it: what is left of that list without all that Python makes of its rows.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from events.views import EventViewSet
from trufan.lib import prepared
from trufan.urls import *  # noqa: F403  the handlers too
from trufan.urls import urlpatterns as product


class EmptyView(APIView):
    """Signed in, through every middleware, and nothing to do."""

    def get(self, request: Request) -> Response:
        return Response({})


class BareListView(APIView):
    """The statements of the list of events, prepared, and their rows as they come."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> HttpResponse:
        rows = []
        for sql, params in _statements(request._request.GET.urlencode()):
            with prepared.cursor() as cursor:
                cursor.execute(sql, params)
                rows.append(cursor.fetchall())
        return HttpResponse(json.dumps(rows, default=str), content_type="application/json")


@cache
def _statements(query: str) -> list[tuple[str, Any]]:
    """What the list itself asks for this query."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, *more: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, *more)

    request = HttpRequest()
    request.method, request.GET = "GET", QueryDict(query)
    with connection.execute_wrapper(note):
        EventViewSet.as_view({"get": "list"})(request)
    return asked


urlpatterns = [path("api/v1/floor", EmptyView.as_view()), path("api/v1/bare-events", BareListView.as_view()), *product]
