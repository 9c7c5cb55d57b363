"""What measures requests and queries, without their knowing."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from trufan.lib import measures, tracing

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OPERATIONS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
#: The queries of the request that runs, in a list of one number that the wrapper adds to.
_queries: ContextVar[list[int] | None] = ContextVar("trufan_queries", default=None)


class MeasuringMiddleware:
    """Counts and times each request by its route, and how many queries it made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        made = [0]
        token = _queries.set(made)
        started = time.perf_counter()
        try:
            with measures.running():
                response = self.get_response(request)
        finally:
            _queries.reset(token)
        method = request.method if request.method in _METHODS else "other"
        route = route_of(request)
        measures.REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - started)
        measures.REQUESTS.labels(method, route, str(response.status_code)).inc()
        measures.REQUEST_QUERIES.labels(route).inc(made[0])
        measures.note_pool(connection)
        return response


def route_of(request: HttpRequest) -> str:
    """The template of the request's route, such as `api/v1/orders/<uuid:pk>`, or a fixed word."""
    match = request.resolver_match
    if match is None:
        if request.path_info.startswith(settings.STATIC_URL):
            return "static"
        # It was answered before it came to a view.
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return "unmatched"
    return match.route or "/"


def connect() -> None:
    """Measure the queries of every connection from now on."""
    connection_created.connect(_watch, dispatch_uid="trufan.measuring")


def _watch(connection: Any, **_: Any) -> None:
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def _timed(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    made = _queries.get()
    if made is not None:
        made[0] += 1
    operation = operation_of(sql)
    started = time.perf_counter()
    try:
        with tracing.query(sql, operation, context["connection"].vendor):
            return execute(sql, params, many, context)
    except (DatabaseError, InterfaceError) as problem:
        measures.QUERY_FAILURES.labels(type(problem).__name__).inc()
        raise
    finally:
        measures.QUERY_SECONDS.labels(operation).observe(time.perf_counter() - started)


def operation_of(sql: Any) -> str:
    """`select`, `insert`, `update`, `delete`, or `other`."""
    word = str(sql[:12]).lstrip("( \n").partition(" ")[0].upper() if isinstance(sql, str) else ""
    return word.lower() if word in _OPERATIONS else "other"
