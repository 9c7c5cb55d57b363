"""The audit browser: the list of the trail's page in the console."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from audit.browsing import changes, checks, naming
from audit.browsing.form import FilterForm
from audit.browsing.questions import BadMark, Page, page
from audit.models import AuditLog
from trufan.lib.console import columns, switching, venue_labels

PER_PAGE = 50
#: Parameters that turn pages rather than ask.
_OLDER, _NEWER = "older", "newer"


def show(admin: Any, request: HttpRequest) -> HttpResponse:
    """The page; `admin` is the trail's ModelAdmin, which knows whose entries the person may read."""
    form = _form(admin, request)
    found = _found(form, request)
    context = {
        **admin.admin_site.each_context(request),
        "title": gettext("Audit trail"),
        "opts": admin.opts,
        "form": form,
        "cl": found,
        "lines": [_line(admin, request, entry) for entry in found.entries],
        "older": _turned(request, _OLDER, found.older),
        "newer": _turned(request, _NEWER, found.newer),
        "newest": _turned(request, "", "") if found.newer else "",
        "actions": sorted({entry.action for entry in found.entries}),
        "is_narrowed": any(value for name, value in request.GET.items() if name not in (_OLDER, _NEWER, "at")),
        "check": checks.latest(),
        "shows_finding": request.user.is_superuser,
    }
    request.current_app = admin.admin_site.name
    return TemplateResponse(request, "admin/audit/trail.html", context)


def _form(admin: Any, request: HttpRequest) -> FilterForm:
    labels = sorted(venue_labels.of_request(request).values(), key=lambda label: label.name.casefold())
    mine = [label for label in labels if admin.sees_venue(request, label.id)]
    asked = request.GET.copy()
    if request.user.is_superuser and not asked.get("at"):
        asked["at"] = str(switching.chosen(request) or "")
    if not request.user.is_superuser and asked.get("at") not in {str(label.id) for label in mine}:
        # Nothing chosen, or a venue that is not theirs: the first of theirs.
        asked["at"] = str(mine[0].id) if mine else ""
    return FilterForm(asked, venues=mine, sees_all=request.user.is_superuser)


def _found(form: FilterForm, request: HttpRequest) -> Page:
    if not form.is_valid():
        return Page()
    try:
        return page(
            form.question(),
            PER_PAGE,
            older_than=request.GET.get(_OLDER, ""),
            newer_than=request.GET.get(_NEWER, ""),
        )
    except BadMark:
        return page(form.question(), PER_PAGE)


def _line(admin: Any, request: HttpRequest, entry: AuditLog) -> dict[str, Any]:
    admin.attach_label(request, entry)
    label = venue_labels.of_row(entry)
    return {
        "entry": entry,
        "when": columns.local_time(entry.created_at, columns.zone_of(entry)),
        "who": str(entry.actor or "TruFan"),
        "about": about(admin, entry),
        "venue": label.name if label else "",
        "changes": changes.of(entry),
        "url": columns.change_url(entry),
        "same_action": _narrowed(request, action=entry.action),
        "same_thing": _narrowed(request, about=entry.entity_type, number=entry.entity_id) if entry.entity_id else "",
        "same_request": _narrowed(request, correlation=entry.correlation_id) if entry.correlation_id else "",
    }


def about(admin: Any, entry: AuditLog) -> Any:
    """What the entry is about, linked where there is a page of its table; that page asks itself who may look."""
    if not entry.entity_type:
        return "–"
    name = f"{naming.in_words(entry.entity_type)} {str(entry.entity_id or '')[-8:]}".strip()
    model: Any = naming.model_of(entry.entity_type)
    if model is None or entry.entity_id is None or not admin.admin_site.is_registered(model):
        return name
    return columns.anchor(columns.change_url(model(pk=entry.entity_id)), name)


def _turned(request: HttpRequest, name: str, mark: str) -> str:
    """The address of the page beside this one, narrowed the same way."""
    if name and not mark:
        return ""
    kept = {key: value for key, value in request.GET.items() if key not in (_OLDER, _NEWER)}
    return "?" + urlencode(kept | ({name: mark} if name else {}))


def _narrowed(request: HttpRequest, **facts: Any) -> str:
    """The address that asks for this alone, at the venue that is looked at."""
    at = {"at": request.GET["at"]} if request.GET.get("at") else {}
    return "?" + urlencode(at | {name: str(value) for name, value in facts.items()})
