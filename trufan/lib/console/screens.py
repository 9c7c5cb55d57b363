"""Screens of the console that stand by themselves: full pages for a tablet, worked by touch, renewed by `screen.js`.

Each is one form around a fragment. Without the script a page works by being loaded again; with it the fragment is asked
for, by its `ETag`, and put in place when it changed: when a socket tells that something happened (docs/live.md), and
every few seconds while there is none.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string

from trufan.lib.live import identity

_BY_SCRIPT = "X-Screen-Part"


def is_by_script(request: HttpRequest) -> bool:
    """Whether the page's script asks for the fragment, and not a browser for the page."""
    return _BY_SCRIPT in request.headers


def fragment(request: HttpRequest, part: str, notice: str = "") -> HttpResponse:
    """The fragment for the script: nothing where it has it already. After a touch, what became of that comes first."""
    tag = f'"{hashlib.sha256(part.encode()).hexdigest()[:32]}"'
    same = request.method != "POST" and request.headers.get("If-None-Match") == tag
    response: HttpResponse = HttpResponseNotModified() if same else HttpResponse(notice + part)
    response["ETag"] = tag
    response["X-Screen-Ticket"] = identity.ticket_for(request.user)
    return response


def page(request: HttpRequest, template: str, said: dict[str, Any], status: int = 200) -> HttpResponse:
    """The whole page. `watch` names what it is renewed by, such as `kitchen:<id>`, several with spaces between."""
    ticket = identity.ticket_for(request.user) if said.get("watch") else ""
    context = {"site_title": admin.site.site_title, "user": request.user, "ticket": ticket, **said}
    return HttpResponse(render_to_string(template, context, request), status=status)
