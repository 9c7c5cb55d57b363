"""What a browser may do with our answers, by who they are for: programs, readers of the docs, the console's staff."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from trufan.lib import paths

#: An answer of the API is data: nothing in it may run, load or be framed.
API = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
#: Swagger UI and ReDoc, from our own static files. ReDoc searches in a worker it makes from a blob; both write styles.
DOCS = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; child-src blob:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
#: The console's theme runs Alpine, which evaluates the expressions in its markup.
CONSOLE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
PERMISSIONS = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"


class SecureHeadersMiddleware:
    """Adds the headers Django's SecurityMiddleware does not; a view that set one itself keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", _policy(request))
        response.setdefault("Permissions-Policy", PERMISSIONS)
        # Pictures are there to be shown on the fans' app, wherever it lives.
        shared = request.path.startswith(settings.MEDIA_URL)
        response.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if shared else "same-origin")
        if request.path.startswith(paths.API) and not request.path.startswith(paths.DOCS):
            # Answers hold what one caller may see; no cache in between may keep them.
            response.setdefault("Cache-Control", "no-store")
        return response


def _policy(request: HttpRequest) -> str:
    if request.path.startswith(paths.DOCS):
        return DOCS
    return API if paths.speaks_json(request) else CONSOLE.replace("connect-src 'self'", _sockets(request), 1)


def _sockets(request: HttpRequest) -> str:
    """Our own sockets; older browsers do not take them for 'self'."""
    try:
        scheme = "wss" if request.is_secure() else "ws"
        return f"connect-src 'self' {scheme}://{request.get_host()}"
    except DisallowedHost:
        return "connect-src 'self'"
