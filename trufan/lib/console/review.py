"""A page that asks once more, with what was typed kept in it and what that comes to in words and figures."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

#: In a form that was sent once more: the figures that the person has seen.
CONFIRMED = "confirmed"
_OURS = frozenset({CONFIRMED, "csrfmiddlewaretoken"})


def answered(request: HttpRequest, figures: str) -> bool:
    """Whether the person has seen these very figures and said yes. Browsers send line breaks as CRLF."""
    return figures == request.POST.get(CONFIRMED, "").replace("\r\n", "\n")


def review(page: Any, request: HttpRequest, figures: str) -> HttpResponse:
    """Ask; yes sends the same form again, with the figures."""
    context = {
        **page.admin_site.each_context(request),
        "title": gettext("Please look once more"),
        "opts": page.opts,
        "media": page.media,
        "figures": figures,
        "typed": [(name, each) for name, all_ in request.POST.lists() if name not in _OURS for each in all_],
        "back": page.list_url(page.model),
    }
    request.current_app = page.admin_site.name
    return TemplateResponse(request, "admin/console/review.html", context)
