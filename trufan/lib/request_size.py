"""No request makes the server read more than `MAX_REQUEST_BYTES`, or `MAX_IMPORT_BYTES` where whole files are sent."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from trufan.lib.errors import DomainError, Malformed, TooLarge
from trufan.lib.exception_handler import refuse
from trufan.lib.paths import WEBHOOKS, speaks_json

log = structlog.get_logger("trufan.request_size")


class RequestSizeMiddleware:
    """413 above the limit, by the announced length, or by what was read of a body that announces none.

    A provider's webhook gets 400, as every webhook that cannot be taken. Also refuses what no view should see: NUL
    characters in the address, which no text column takes, and a Host that is not ours, for which Django has an answer
    of its own while DEBUG is on.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if speaks_json(request) and not _is_our_host(request):
            return refuse(Malformed(gettext("This host is not served here.")))
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return _answer(request, Malformed(gettext("The address may not contain NUL characters.")))
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdigit() and int(length) > _limit(request):
            return _answer(request, TooLarge())
        chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
        if not length and chunked and (refusal := _read_whole(request)):
            return _answer(request, refusal)
        return self.get_response(request)


def _limit(request: HttpRequest) -> int:
    """The most bytes that are read at this address."""
    takes_files = any(re.fullmatch(path, request.path) for path in settings.IMPORT_PATHS)
    return settings.MAX_IMPORT_BYTES if takes_files else settings.MAX_REQUEST_BYTES


def _is_our_host(request: HttpRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    if isinstance(error, TooLarge) and request.path.startswith(WEBHOOKS):
        # To a provider every webhook that can't be taken is a bad one.
        error = Malformed(gettext("This webhook is too large."))
    return refuse(error) if speaks_json(request) else HttpResponse(status=error.status)


def _read_whole(request: HttpRequest) -> DomainError | None:
    """Django's WSGI request takes a body without a length for empty; read it and give it one, or say why not."""
    stream = request.environ["wsgi.input"] if hasattr(request, "environ") else request._stream
    try:
        body = stream.read(_limit(request) + 1)
    except Exception as problem:
        # Each server has errors of its own for chunks that are none and for a client that is gone.
        log.info("unreadable body", error=type(problem).__name__, exc_info=problem)
        return Malformed(gettext("The body is not chunked as it should be, or ended early."))
    if len(body) > _limit(request):
        return TooLarge()
    request._stream = io.BytesIO(body)
    request.META["CONTENT_LENGTH"] = str(len(body))
    return None
