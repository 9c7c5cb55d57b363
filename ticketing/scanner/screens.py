"""The scanner page: a phone's camera at the door, in the console, and the service worker that keeps it offline.

The page talks to the API's own views, by the console's session instead of a token (`urls.py`): so it is answered what
every scanner is. What it decides by itself without a network is in trufan/static/trufan/scanner/.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.grants import Permission
from events.models import Event
from ticketing.door import reasons
from ticketing.manifest.own_parts import public_keys
from ticketing.permissions import staff_event
from ticketing.scanner import places
from trufan.lib.console import screens
from trufan.lib.errors import Forbidden, Missing
from trufan.lib.secure_headers import PERMISSIONS

#: How often the page asks for what changed, in milliseconds.
POLL = 20_000
#: The page may use the camera; nothing else of ours may.
CAMERA = PERMISSIONS.replace("camera=()", "camera=(self)")
#: Each is a plain module; a page without its network has them from the worker's cache.
MODULES = ["bytes", "codes", "totp", "manifest", "deciding", "store", "server", "camera", "signals", "scans", "page"]
_FILES = [
    "trufan/favicon.svg", "trufan/screen.css", "trufan/words.js", "trufan/scanner/scanner.css",
    "trufan/vendor/zxing-0.23.0.min.js",
    *(f"trufan/scanner/{name}.js" for name in MODULES),
]  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD"])
def scan(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """The page. It holds no personal data, since the phone keeps it."""
    event = _event(request, event_id)
    said = {"title": event.name, "event": event, "modules": _modules(), "settings": _settings(event)}
    # The phone keeps the page for when there is no network, and then nobody's session can be asked for.
    said["session_script"] = ""
    response = screens.page(request, "admin/scanner/scan.html", said)
    response["Permissions-Policy"] = CAMERA
    return response


@require_http_methods(["GET", "HEAD"])
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: it keeps the page and its files. Nothing in it is secret, and it must load signed out too.

    A browser asks for it again with each visit; its text changes with the files, and then it replaces the old one.
    """
    files = [staticfiles_storage.url(name) for name in _FILES]
    name = "trufan-scanner-" + hashlib.sha256(" ".join(files).encode()).hexdigest()[:12]
    script = staticfiles_storage.url("trufan/scanner/worker.js")
    text = f"const CACHE = {json.dumps(name)}, FILES = {json.dumps(files)};\nimportScripts({json.dumps(script)});\n"
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def address(event: Event) -> str:
    """Where the event's scanner page is."""
    return reverse("door_scan", args=[event.pk])


page = admin.site.admin_view(scan)


def _modules() -> SafeString:
    """An import map: modules name each other, and a live server's files are named by their contents."""
    found = {f"scanner/{name}": staticfiles_storage.url(f"trufan/scanner/{name}.js") for name in MODULES}
    return mark_safe(json.dumps({"imports": found}).replace("<", "\\u003c"))  # noqa: S308  no name of ours has one


def _settings(event: Event) -> dict[str, Any]:
    urls = {name: reverse(f"door_scan_{name}", args=[event.pk]) for name in ("manifest", "sync", "counts")}
    urls |= {name: reverse(f"door_scan_{name}") for name in ("scans", "admissions", "worker")}
    return {
        "event": str(event.pk),
        "time_zone": event.venue.time_zone,
        "keys": public_keys(event),
        "poll": POLL,
        "urls": urls,
        "decoder": staticfiles_storage.url("trufan/vendor/zxing-0.23.0.min.js"),
        "reasons": {str(reason): str(words) for reason, words in reasons.WORDS.items()},
        "welcome": str(reasons.WELCOME),
        "goodbye": str(reasons.GOODBYE),
        **places.of(event),
    }


def _event(request: HttpRequest, event_id: UUID) -> Event:
    """The event, for who works at its door: 403 for who may know of it and no more, 404 for everyone else."""
    try:
        return staff_event(request.user, event_id, Permission.CHECK_IN)
    except Missing as missing:
        raise Http404 from missing
    except Forbidden as refusal:
        raise PermissionDenied from refusal
