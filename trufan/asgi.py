"""The service for an asynchronous server: HTTP as ever, live updates at `/ws/v1/`.

On a laptop one `uvicorn trufan.asgi:application` does it all, sweeps included; in production it is the `stream`
process beside gunicorn (docs/live.md).
"""

import os
from typing import Any

from django.core.asgi import get_asgi_application

from trufan import startup
from trufan.lib import tracing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trufan.settings")

# Before the application is made, which takes its middleware as it is then.
tracing.start("asgi")
http = get_asgi_application()
startup.prepare("asgi")

from trufan import serving  # noqa: E402  what it imports needs the apps


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Django's own application speaks HTTP only."""
    if scope["type"] == "http":
        await http(scope, receive, send)
    elif scope["type"] == "websocket":
        await serving.sockets(scope, receive, send)
    else:
        await serving.lifespan(receive, send)
