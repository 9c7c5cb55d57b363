"""One id follows a request through every answer, log line, error, audit row and task.

It is the caller's `X-Correlation-ID` when that is a sane token, else a new one. `current()` gives rules the facts of
the request they run in without handing the request down to them.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

from trufan.lib import tracing
from trufan.lib.client_ip import client_ip
from trufan.lib.paths import speaks_json

HEADER = "X-Correlation-ID"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
access_log = structlog.get_logger("trufan.access")


@dataclass
class RequestContext:
    """Who asks, from where, under which id. `actor` is set once the caller is known."""

    correlation_id: str = ""
    ip: str | None = None
    user_agent: str = ""
    actor: Any = None
    #: What was read once for all of a request; None outside of requests, where nothing says when it ends.
    known: dict[Any, Any] | None = None


_context: ContextVar[RequestContext | None] = ContextVar("trufan_request", default=None)


def current() -> RequestContext:
    """The context of the request or task that runs now; outside of both, an empty one with an id of its own."""
    context = _context.get()
    if context is None:
        context = RequestContext(correlation_id=new_id())
        _context.set(context)
    return context


def new_id() -> str:
    return uuid.uuid4().hex


def begin(correlation_id: str = "", **facts: Any) -> RequestContext:
    """Start a context (a request, a task, a command) and bind its id to every log line that follows."""
    context = RequestContext(correlation_id=correlation_id or new_id(), **facts)
    _context.set(context)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(correlation_id=context.correlation_id)
    tracing.mark(context.correlation_id)
    return context


def sane(value: str) -> str:
    """The value if it is a token of at most 64 letters, digits, dots, dashes or underscores, else nothing."""
    return value if _SANE.fullmatch(value) else ""


class ActorMiddleware:
    """Behind Django's AuthenticationMiddleware: makes whoever is signed in to the console the actor.

    Lazily, so that a request that never asks who it is costs no query. Not for the API, whose own authentication sets
    the actor: a console cookie that a browser sends along is nobody there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not speaks_json(request):
            current().actor = request.user
        return self.get_response(request)


class CorrelationMiddleware:
    """Outermost: gives the request its id, echoes it, and writes one access line without personal data."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        context = begin(
            sane(request.headers.get(HEADER, "")),
            ip=client_ip(request),
            user_agent=request.headers.get("User-Agent", "").replace("\x00", "")[:255],
            known={},
        )
        started = time.perf_counter()
        response = self.get_response(request)
        response[HEADER] = context.correlation_id
        access_log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
        return response
