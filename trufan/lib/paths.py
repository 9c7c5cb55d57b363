"""Which addresses are for programs, and which of them are special."""

from __future__ import annotations

from django.http import HttpRequest

API = "/api/"
#: What payment providers call; they come in bursts and from few addresses.
WEBHOOKS = "/api/v1/webhooks/"
#: What scanners and the cameras of car parks call.
DOOR = ("/api/v1/checkin/", "/api/v1/parking/gate/")
DOCS = ("/api/v1/docs", "/api/v1/redoc")
CONSOLE_LOGIN = "/admin/login"
#: Programs ask these, not people: they are answered in JSON whatever happens.
JSON = (API, "/health", "/webhooks/")


def speaks_json(request: HttpRequest) -> bool:
    """Whether the path belongs to programs rather than to people."""
    return request.path.startswith(JSON)


def is_counted(path: str) -> bool:
    """Whether the general rate limit applies."""
    return path.startswith(API) and not path.startswith(WEBHOOKS)
