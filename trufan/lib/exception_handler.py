"""The one place where an error, ours or the framework's, becomes the answer a client reads.

    {"error": {"code": "sold_out", "message": "…", "details": [{"field", "code", "message"}], "correlation_id": "…"}}

`as_refusal` maps any exception to a `DomainError`; the rest of the module carries that over HTTP: for DRF views
(`exception_handler`), for plain Django views under the API's paths (`EnvelopeMiddleware`), for middleware
(`refuse`) and for what no view answered (`handler400` … `handler500`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import structlog
from django.core import exceptions as django_errors
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.translation import gettext
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions as drf_errors
from rest_framework.response import Response
from rest_framework.views import set_rollback

from trufan.lib import correlation, errors, outage
from trufan.lib.error_details import django_details, drf_details
from trufan.lib.errors import DomainError
from trufan.lib.paths import speaks_json

log = structlog.get_logger("trufan.errors")
_UNIQUE = {"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


def envelope(error: DomainError) -> dict[str, Any]:
    """The body of an error answer."""
    return {
        "error": {
            "code": error.code,
            "message": str(error.message),
            "details": [detail.as_dict() for detail in error.details],
            "correlation_id": correlation.current().correlation_id,
        }
    }


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER. Never returns None: what nobody foresaw becomes a 500 that shows nothing."""
    request = context.get("request")
    error = as_refusal(exc)
    _report(exc, error, getattr(request, "_request", request))
    set_rollback()
    return Response(envelope(error), status=error.status, headers=error.headers)


def refuse(error: DomainError) -> JsonResponse:
    """The same answer where there is no DRF view: in middleware and plain Django views."""
    return JsonResponse(envelope(error), status=error.status, headers=error.headers)


def as_refusal(exc: BaseException) -> DomainError:
    """The refusal that says what `exc` means to a client; `Broken` when it means a defect of ours."""
    if isinstance(exc, DomainError):
        return exc
    if isinstance(exc, drf_errors.APIException):
        return _from_drf(exc)
    if isinstance(exc, Http404):
        return errors.Missing()
    if isinstance(exc, django_errors.PermissionDenied):
        return errors.Forbidden()
    if isinstance(exc, django_errors.ValidationError):
        return errors.Invalid(details=django_details(exc))
    if isinstance(exc, django_errors.RequestDataTooBig):
        return errors.TooLarge()
    if isinstance(exc, (django_errors.SuspiciousOperation, django_errors.BadRequest, UnreadablePostError)):
        return errors.Malformed()
    return _from_database(exc)


def _from_drf(exc: drf_errors.APIException) -> DomainError:
    match exc:
        case drf_errors.ValidationError():
            return errors.Invalid(details=drf_details(exc.detail))
        case drf_errors.ParseError():
            return errors.Malformed(str(exc.detail))
        case drf_errors.NotAuthenticated():
            return errors.NotAuthenticated()
        case drf_errors.AuthenticationFailed():
            return errors.AuthenticationFailed()
        case drf_errors.PermissionDenied():
            return errors.Forbidden()
        case drf_errors.NotFound():
            return errors.Missing()
        case drf_errors.MethodNotAllowed():
            return errors.WrongMethod()
        case drf_errors.NotAcceptable():
            return errors.NotAcceptable()
        case drf_errors.UnsupportedMediaType():
            return errors.WrongMediaType()
        case drf_errors.Throttled():
            return errors.TooMany(retry_after=max(1, math.ceil(getattr(exc, "wait", None) or 1)))
    return errors.Broken()


def _from_database(exc: BaseException) -> DomainError:
    """What the database said, in words that give nothing of it away."""
    if isinstance(exc, (ProtectedError, RestrictedError)):
        return errors.Conflict(gettext("Something else still needs this."))
    if isinstance(exc, IntegrityError) and _is_unique_violation(exc):
        return errors.Conflict(gettext("This exists already."))
    if isinstance(exc, (OperationalError, InterfaceError)):
        gone = outage.noticed(exc)
        return errors.Unavailable(retry_after=outage.RETRY_AFTER) if gone else errors.Unavailable()
    if isinstance(exc, DataError) or (isinstance(exc, OverflowError) and "SQLite" in str(exc)):
        return errors.Invalid(gettext("A value is outside of what can be stored."))
    return errors.Broken()


def _is_unique_violation(exc: IntegrityError) -> bool:
    """PostgreSQL says it by SQLSTATE, SQLite by the name of its extended code."""
    cause = exc.__cause__
    return bool({getattr(cause, "sqlstate", None), getattr(cause, "sqlite_errorname", None)} & _UNIQUE)


def _report(exc: BaseException, error: DomainError, request: HttpRequest | None) -> None:
    """Log what we must look into; a refusal we meant is no news.

    A defect is announced as Django announces it, so that error trackers see it and the test client raises it.
    """
    if isinstance(exc, DomainError):
        if error.status >= 500:
            log.warning("refused", code=error.code, status=error.status)
    elif error.status >= 500:
        log.error("request failed", error=type(exc).__name__, status=error.status, exc_info=exc)
        if isinstance(error, errors.Broken):
            got_request_exception.send(sender=None, request=request)
    elif isinstance(exc, (IntegrityError, DataError, OverflowError)):
        log.warning("the database refused what validation let through", code=error.code, exc_info=exc)


class EnvelopeMiddleware:
    """Gives plain Django views under the API's paths the same envelope, also while DEBUG is on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django calls this for what a view raised; None leaves the page to Django."""
        if not speaks_json(request):
            return _page(request, exception)
        error = as_refusal(exception)
        _report(exception, error, request)
        return refuse(error)


def _page(request: HttpRequest, exception: BaseException | None) -> HttpResponse | None:
    """People are told as well that the database is not there, or too busy; all else is Django's to show."""
    if not isinstance(exception, (OperationalError, InterfaceError)):
        return None
    error = as_refusal(exception)
    if not isinstance(error, errors.Unavailable):
        return None
    _report(exception, error, request)
    return outage.page(error)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(as_refusal(exception)) if speaks_json(request) else defaults.bad_request(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(errors.Forbidden()) if speaks_json(request) else defaults.permission_denied(request, exception)


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if speaks_json(request) or exception is None:
        return refuse(errors.Missing())
    return defaults.page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """Also of what a middleware met, which no `process_exception` sees."""
    raised = sys.exc_info()[1]
    if not speaks_json(request):
        return _page(request, raised) or defaults.server_error(request)
    if isinstance(raised, (OperationalError, InterfaceError)):
        return refuse(as_refusal(raised))
    return refuse(errors.Broken())


@csrf_exempt
def unknown_route(request: HttpRequest, rest: str = "") -> HttpResponse:
    """What every address under /api/ answers that no endpoint has; a route, so that DEBUG's own page never shows."""
    return refuse(errors.Missing())
