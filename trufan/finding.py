"""The search box and the switch of venue in the console's header: their pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from trufan.lib.console import finding, switching, venue_labels


@never_cache
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What the words in `q` find; the one thing that is exactly what was typed is opened at once."""
    words = request.GET.get("q", "")[:400]
    found = finding.find(request, words)
    exact = [each for rows in found.values() for each in rows if each.exact]
    if len(exact) == 1:
        return HttpResponseRedirect(exact[0].url)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Search"),
        "words": words,
        "found": found,
        "is_too_short": len(words.strip()) < finding.LEAST,
    }
    return TemplateResponse(request, "admin/find/found.html", context)


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Narrow the console to the venue in `venue` (its id, its slug, or its name); nothing: all of the person's."""
    wanted = request.POST.get("venue", "").strip()
    label = _one_of_mine(request, wanted)
    if wanted and label is None:
        messages.error(request, gettext("None of your venues is called that."))
    else:
        switching.choose(request, label.id if label else None)
        messages.success(
            request,
            gettext("You see {label} alone.").format(label=label.name)
            if label
            else gettext("You see all of your venues."),
        )
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if is_ours else reverse("admin:index"))


def _one_of_mine(request: HttpRequest, wanted: str) -> Any:
    return next((each for each in all_labels(request) if wanted and wanted in (str(each.id), each.name)), None)


def all_labels(request: HttpRequest) -> list[venue_labels.VenueLabel]:
    """The person's venues, whichever is chosen, by name."""
    user: Any = request.user
    if switching.chosen(request) is None or user.is_superuser:
        labels = list(venue_labels.of_request(request).values())
    else:
        labels = venue_labels.of_ids(switching.granted_everywhere(user))
    return sorted(labels, key=lambda label: (label.name, str(label.id)))
