"""Which web pages may open a socket. A program has no origin and is welcome; so is our own console, and each app of
`CORS_ALLOWED_ORIGINS`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def is_welcome(scope: dict[str, Any]) -> bool:
    """Whether the handshake came to a host of ours, and from a page that may."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get(b"host", "").lower()
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    origin = headers.get(b"origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc.lower() == host or origin in settings.CORS_ALLOWED_ORIGINS
