"""Which addresses are for programs, and which of them are special."""

from __future__ import annotations

import re

from django.http import HttpRequest

API = "/api/"
#: What payment providers call; they come in bursts and from few addresses.
WEBHOOKS = "/api/v1/webhooks/"
#: What mail programs call for their users, many of them from few addresses; a token that nobody guesses opens it.
UNSUBSCRIBE = "/api/v1/unsubscribe/"
#: What scanners and the cameras of car parks call.
DOOR = ("/api/v1/checkin/", "/api/v1/parking/gate/")
#: The same, of one event: what scanners take along, and what they bring back.
_DOOR_OF_EVENT = re.compile(r"/api/v1/events/[^/]+/checkin/")
DOCS = ("/api/v1/docs", "/api/v1/redoc")
CONSOLE = "/admin/"
CONSOLE_LOGIN = "/admin/login"
#: Programs ask these, not people: they are answered in JSON whatever happens.
JSON = (API, "/health", "/metrics", "/webhooks/")


def speaks_json(request: HttpRequest) -> bool:
    """Whether the path belongs to programs rather than to people."""
    return request.path.startswith(JSON)


def is_doors(path: str) -> bool:
    """Whether scanners ask it, all of a venue's from one address."""
    return path.startswith(DOOR) or _DOOR_OF_EVENT.match(path) is not None


def is_counted(path: str) -> bool:
    """Whether the general rate limit applies."""
    return path.startswith(API) and not path.startswith((WEBHOOKS, UNSUBSCRIBE))
