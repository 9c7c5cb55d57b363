"""The screens of reports in the console: the questions that can be asked, each answer with its picture and table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.grants import Permission
from reports import asking, files, registry
from reports.asking import Answer, Asked, Figure
from reports.definition import Kind, Measure, Report
from reports.errors import NoSuchReport
from reports.periods import Comparison, Preset
from trufan.lib.console import switching
from trufan.lib.errors import DomainError
from trufan.lib.money import minor_digits, show
from venues.models import Venue

NAME = "reports_reportschedule"
#: So many rows are drawn; all of them stand in the table.
DRAWN = 24
#: So many rows are shown on the page; files hold all.
SHOWN = 500
View = Callable[..., HttpResponseBase]


def urls(wrap: Callable[[View], View]) -> list[URLPattern]:
    """The screens' addresses, below that of the console's list of schedules."""
    return [
        path("reports/", wrap(overview), name=f"{NAME}_reports"),
        path("reports/<slug:key>/", wrap(report), name=f"{NAME}_report"),
    ]


def may_read(user: Any) -> bool:
    """Whether the person reads reports of any venue."""
    return user.is_superuser or bool(user.venues_where(Permission.VIEW_REPORTS))


def report_url(report: Report, **query: Any) -> str:
    return reverse(f"admin:{NAME}_report", args=[report.key], query=query or None)


@never_cache
@require_http_methods(["GET", "HEAD"])
def overview(request: HttpRequest) -> HttpResponseBase:
    """Every report, with the question it answers."""
    venues = _venues(request)
    venue = _chosen(request, venues)
    cards = [
        {"report": each, "url": report_url(each, at=venue.pk)}
        for each in registry.all_reports()
        if request.user.can(each.permission, venue)  # type: ignore[union-attr]
    ]
    schedules = reverse(f"admin:{NAME}_changelist")
    said = {"title": gettext("Reports"), "cards": cards, "venues": venues, "venue": venue, "schedules": schedules}
    return _page(request, "overview", said)


@never_cache
@require_http_methods(["GET", "HEAD"])
def report(request: HttpRequest, key: str) -> HttpResponseBase:
    """One report: `at` is the venue, the rest as in the API; `format` is a file of the same."""
    try:
        found = registry.find(key)
    except NoSuchReport as missing:
        raise Http404 from missing
    venues = _venues(request)
    venue = _chosen(request, venues)
    if not request.user.can(found.permission, venue):  # type: ignore[union-attr]
        raise PermissionDenied
    today, refusals = timezone.now().astimezone(venue.zone).date(), []
    try:
        asked = asking.read(found, venue, _given(request), today)
    except DomainError as refusal:
        refusals = [each.message for each in refusal.details] or [refusal.message]
        asked = asking.read(found, venue, {}, today)
    answer = asking.answer(asked)
    kind = request.GET.get("format", "")
    if kind in files.FORMATS and not refusals:
        return files.response(answer, kind)
    said = {
        "title": found.title,
        "report": found,
        "venue": venue,
        "venues": venues,
        "asked": asked,
        "given": _given(request),
        "refusals": refusals,
        "presets": _presets(asked),
        "comparisons": Comparison.choices,
        "filters": _filters(asked),
        "table": table(answer),
        "as_of": answer.as_of.astimezone(venue.zone),
        "chart": chart(answer),
        "is_empty": not any(answer.table.totals.values()) and not any((answer.other or answer.table).totals.values()),
        "downloads": {name: report_url(found, **_query(asked), format=name) for name in files.FORMATS},
        "overview": reverse(f"admin:{NAME}_reports", query={"at": venue.pk}),
        "schedule": reverse(f"admin:{NAME}_add", query={"venue": venue.pk, "report": found.key}),
    }
    return _page(request, "report", said)


# -- What was asked --


def _venues(request: HttpRequest) -> list[Venue]:
    """Those whose reports the person reads; nobody's screen where there is none."""
    user: Any = request.user
    rows = switching.only_chosen(user, Venue.objects.order_by("name", "pk"), "pk")
    found = list(rows if user.is_superuser else rows.filter(pk__in=user.venues_where(Permission.VIEW_REPORTS)))
    if not found:
        raise PermissionDenied
    return found


def _chosen(request: HttpRequest, venues: list[Venue]) -> Venue:
    """The venue that `at` names, else the first. Another's is answered like one that does not exist."""
    at = request.GET.get("at", "")
    if not at:
        return venues[0]
    try:
        wanted = UUID(at)
    except ValueError as nonsense:
        raise Http404 from nonsense
    venue = next((each for each in venues if each.pk == wanted), None)
    if venue is None:
        raise Http404
    return venue


def _given(request: HttpRequest) -> dict[str, str]:
    """What the form sent: days that were typed over those it showed, else those of the name that was chosen."""
    given = {name: str(value) for name, value in request.GET.items() if value and name not in ("at", "format", "was")}
    shown, days = request.GET.get("was"), f"{given.get('since', '')} {given.get('until', '')}"
    if given.get("period") == "custom" or (shown and shown != days):
        given.pop("period", None)
    elif "period" in given:
        given = {name: value for name, value in given.items() if name not in ("since", "until")}
    return given


def _query(asked: Asked) -> dict[str, Any]:
    """The address of what is shown, with days that do not move on."""
    query: dict[str, Any] = {"at": asked.venue.pk, "since": asked.period.since, "until": asked.period.until}
    query |= {"group_by": asked.group_by, "compare": asked.compare, **(asked.filters or {})}
    return {name: value for name, value in query.items() if value}


def _presets(asked: Asked) -> list[dict[str, Any]]:
    rest = {name: value for name, value in _query(asked).items() if name not in ("since", "until")}
    return [
        {"value": value, "label": str(label).capitalize(), "url": f"?{urlencode({**rest, 'period': value})}"}
        for value, label in Preset.choices
    ]


def _filters(asked: Asked) -> list[dict[str, Any]]:
    """Filters with choices, and those that the address already has."""
    chosen = asked.filters or {}
    return [
        {
            "key": each.key,
            "title": each.title,
            "choices": list(each.choices({asked.venue.pk})) if each.choices else [],
            "value": chosen.get(each.key, ""),
        }
        for each in asked.report.filters
        if each.choices or chosen.get(each.key)
    ]


# -- What is shown --


def table(answer: Answer) -> dict[str, Any]:
    """The answer in words: rows of cells, each with its difference where something is compared."""
    lines = list(answer.lines())
    rows = [
        {"label": _label(answer, line.row.label), "cells": _cells(answer, line.row.figures, line.before)}
        for line in lines[:SHOWN]
    ]
    totals = _cells(answer, answer.table.totals, answer.other.totals if answer.other else {})
    return {
        "of": answer.table.dimension.title.capitalize(),
        "headers": [each.title.capitalize() for each in answer.table.measures],
        "rows": rows,
        "totals": totals,
        "left_out": max(len(lines) - SHOWN, 0),
        "is_days": answer.table.dimension.kind == "day",
    }


def _label(answer: Answer, label: str) -> str:
    if answer.table.dimension.kind == "words":
        return label[:1].upper() + label[1:]
    return label


def _cells(answer: Answer, now: Mapping[str, Figure], before: Mapping[str, Figure]) -> list[dict[str, Any]]:
    return [_cell(answer, each, now[each.key], before.get(each.key)) for each in answer.table.measures]


def _cell(answer: Answer, measure: Measure, now: Figure, before: Figure) -> dict[str, Any]:
    currency = answer.table.currency
    shown: dict[str, Any] = {"now": words(now, measure.kind, currency)}
    if answer.other is None:
        return shown
    difference, part = asking.change(now, before)
    shown |= {"before": words(before, measure.kind, currency), "direction": 0, "difference": "–"}
    if difference is not None:
        sign = "+" if difference > 0 else ""
        percent = f" ({part:+.1%})" if part is not None else ""
        shown["difference"] = f"{sign}{words(difference, measure.kind, currency)}{percent}"
        shown["direction"] = (difference > 0) - (difference < 0)
    return shown


def words(value: Figure, kind: Kind, currency: str) -> str:
    """`$12.50`, `1,204`, `87.5 %`, `12:30`; a dash where there is nothing to say."""
    if value is None:
        return "–"
    if kind == "money":
        return show(round(value), currency)
    if kind == "ratio":
        return f"{100 * value:.1f} %"
    if kind == "duration":
        return str(timedelta(seconds=round(value))) if value >= 0 else f"-{timedelta(seconds=round(-value))}"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def chart(answer: Answer) -> dict[str, Any]:
    """The first figure, for the charts that the console ships; the other days beside it, paler."""
    measure, lines = answer.table.measures[0], list(answer.lines())
    drawn = lines if answer.table.dimension.kind == "day" else lines[:DRAWN]
    unit = {"money": answer.table.currency, "ratio": "%", "duration": "min"}.get(measure.kind, "")
    sets = [_set(answer, measure, f"{asked_days(answer, False)}", "var(--color-primary-600)",
                 [line.row.figures.get(measure.key) for line in drawn])]  # fmt: skip
    if answer.other:
        sets.append(_set(answer, measure, asked_days(answer, True), "var(--color-base-400)",
                         [line.before.get(measure.key) for line in drawn]))  # fmt: skip
    for each in sets:
        each["suffixYAxis"] = unit
    data = {"labels": [_label(answer, line.row.label) for line in drawn], "datasets": sets}
    return {
        "title": f"{measure.title.capitalize()} by {answer.table.dimension.title}",
        "kind": "line" if answer.table.dimension.kind == "day" and len(drawn) > 1 else "bar",
        "data": json.dumps(data),
        "left_out": len(lines) - len(drawn),
    }


def asked_days(answer: Answer, other: bool) -> str:
    """`2026-11-01 to 2026-11-30`."""
    period = answer.asked.other if other else answer.asked.period
    return f"{period.since} to {period.until}" if period else ""


def _set(answer: Answer, measure: Measure, label: str, colour: str, values: list[Figure]) -> dict[str, Any]:
    return {
        "label": label,
        "data": [_plain(value, measure.kind, answer.table.currency) for value in values],
        "backgroundColor": colour,
        "borderColor": colour,
        "displayYAxis": True,
        "maxTicksXLimit": 12,
        "maxBarThickness": 28,
        "borderRadius": 3,
    }


def _plain(value: Figure, kind: Kind, currency: str) -> float | None:
    if value is None:
        return None
    if kind == "money":
        return round(value / 10 ** minor_digits(currency), 3)
    return round(value * 100, 1) if kind == "ratio" else round(value / 60, 1) if kind == "duration" else value


def _page(request: HttpRequest, template: str, said: dict[str, Any]) -> HttpResponseBase:
    request.current_app = admin.site.name
    context = {**admin.site.each_context(request), **said}
    return TemplateResponse(request, f"admin/reports/{template}.html", context)
