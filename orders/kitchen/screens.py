"""The kitchen's screens in the console: full pages for a tablet, moved on by touch, renewed by themselves.

Each is one form around a fragment: a button posts `fulfilment:move`. Without its script a page works by being loaded
again; with it the fragment is asked for every few seconds, by its `ETag`, and put in place when it changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.grants import Permission
from orders.kitchen import board, ending, moves, queue
from orders.kitchen.models import Fulfilment
from orders.kitchen.permissions import run_outlet
from orders.menu.models import Outlet
from trufan.lib.console import screens, switching
from trufan.lib.errors import DomainError, Forbidden, Missing

#: How often a screen asks for what is new, in milliseconds.
POLL = 4_000

View = Callable[..., HttpResponse]


def urls(wrap: Callable[[View], View]) -> list[URLPattern]:
    """The screens' addresses, below that of the console's list of fulfilments."""
    name = "orders_fulfilment_kitchen"
    return [
        path("kitchen/", wrap(outlets), name=name),
        path("kitchen/<uuid:outlet_id>/", wrap(kitchen), name=f"{name}_board"),
        path("kitchen/<uuid:outlet_id>/runner/", wrap(runner), name=f"{name}_runner"),
        path("kitchen/<uuid:outlet_id>/<uuid:pk>/", wrap(sheet), name=f"{name}_sheet"),
    ]


def may_run(user: Any) -> bool:
    """Whether the person runs any kitchen."""
    return user.is_superuser or bool(user.venues_where(Permission.RUN_KITCHEN))


def mine(user: Any) -> list[Outlet]:
    """The outlets whose kitchens the person runs, by venue."""
    rows = Outlet.objects.filter(is_active=True).select_related("venue")
    if not user.is_superuser:
        rows = rows.filter(venue__in=user.venues_where(Permission.RUN_KITCHEN))
    return list(switching.only_chosen(user, rows).order_by("venue__name", "position", "name"))


@never_cache
@require_http_methods(["GET", "HEAD"])
def outlets(request: HttpRequest) -> HttpResponse:
    """Which kitchen? Whoever runs but one is led there."""
    if not may_run(request.user):
        raise PermissionDenied
    found = mine(request.user)
    if len(found) == 1:
        return HttpResponseRedirect(board_url(found[0]))
    counts = queue.counts(found, timezone.now())
    cards = [{"outlet": outlet, "counts": counts.get(outlet.pk, (0, 0)), "url": board_url(outlet)} for outlet in found]
    return _page(request, "outlets", {"title": gettext("Kitchens"), "cards": cards})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kitchen(request: HttpRequest, outlet_id: UUID) -> HttpResponse:
    """The board: what is new, accepted, being prepared, ready, on its way."""
    return _screen(request, outlet_id, "board")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def runner(request: HttpRequest, outlet_id: UUID) -> HttpResponse:
    """What goes to seats, section by section."""
    return _screen(request, outlet_id, "runner")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, outlet_id: UUID, pk: UUID) -> HttpResponse:
    """One fulfilment with all that can be done to it: skip, back, hand over with a look at an ID, refuse, cancel."""
    outlet, now = _outlet(request, outlet_id), timezone.now()
    row = _fulfilment(request, outlet, pk)
    refusal = ""
    if request.method == "POST":
        try:
            _move(request, outlet, now)
        except DomainError as why:
            refusal = why.message
        else:
            return HttpResponseRedirect(f"{board_url(outlet)}?moved={row.pk}")
    shown = queue.entry(row, now)
    with timezone.override(outlet.venue.zone):
        return _page(request, "sheet", {
            "title": f"{shown.pickup_number}, {outlet.name}", "outlet": outlet, "tile": board.Tile(shown, now),
            "refusal": refusal, "back": board_url(outlet), **board.choices(shown),
        }, status=409 if refusal else 200)  # fmt: skip


def board_url(outlet: Outlet) -> str:
    """Where the outlet's kitchen is."""
    return reverse("admin:orders_fulfilment_kitchen_board", args=[outlet.pk])


# -- One screen --


def _screen(request: HttpRequest, outlet_id: UUID, name: str) -> HttpResponse:
    outlet, now = _outlet(request, outlet_id), timezone.now()
    by_script = screens.is_by_script(request)
    notice = _pressed(request, outlet, now) if request.method == "POST" else _moved(request, outlet)
    if request.method == "POST" and "row" in notice and not by_script:
        return HttpResponseRedirect(f"{request.path}?moved={notice['row'].pk}")
    with timezone.override(outlet.venue.zone):
        part = _part(outlet, name, now)
        if by_script:
            return _answer(request, part, notice)
        said = {"title": outlet.name, "outlet": outlet, "name": name, "part": part, "notice": notice, "poll": POLL}
        said |= {"others": len(mine(request.user)) > 1, "watch": f"kitchen:{outlet.pk}"}
        return _page(request, "screen", said, status=409 if "refusal" in notice else 200)


def _part(outlet: Outlet, name: str, now: datetime) -> str:
    """The fragment that changes."""
    if name == "runner":
        found = queue.deliveries_of(outlet, now)
        return render_to_string("admin/kitchen/runner.html", {"outlet": outlet, "columns": board.sections(found, now)})
    shown = queue.queue_of(outlet, now)
    said = {"outlet": outlet, "queue": shown, "columns": board.columns(shown, now)}
    return render_to_string("admin/kitchen/board.html", said)


def _answer(request: HttpRequest, part: str, notice: dict[str, Any]) -> HttpResponse:
    said = render_to_string("admin/kitchen/notice.html", {"notice": notice}) if notice else ""
    return screens.fragment(request, part, said)


def _page(request: HttpRequest, template: str, said: dict[str, Any], status: int = 200) -> HttpResponse:
    return screens.page(request, f"admin/kitchen/{template}.html", said, status)


# -- A touch --


def _pressed(request: HttpRequest, outlet: Outlet, now: datetime) -> dict[str, Any]:
    """Do what was touched; what to say about it."""
    try:
        row = _move(request, outlet, now)
    except DomainError as refusal:
        return {"refusal": refusal.message}
    return _notice(row)


def _move(request: HttpRequest, outlet: Outlet, now: datetime) -> Fulfilment:
    """`<fulfilment>:<move>`, or `<fulfilment>:back:<status>`. Raises what the rule raises; 404 for what is no such."""
    pk, _, move = request.POST.get("move", "").partition(":")
    row = _fulfilment(request, outlet, pk)
    by, reason = request.user, request.POST.get("reason_given", "").strip() or request.POST.get("reason", "")
    name, _, status = move.partition(":")
    if name in moves.STEPS:
        confirmed = request.POST.get("age_confirmed") == "yes"
        return moves.step(row, name, by=by, now=now, age_confirmed=confirmed)
    if name == "back":
        return moves.back(row, since=status, by=by, now=now)
    if name in ("refuse", "cancel"):
        return (ending.refuse if name == "refuse" else ending.cancel)(row, reason=reason, by=by, now=now)
    raise Http404


def _moved(request: HttpRequest, outlet: Outlet) -> dict[str, Any]:
    """What was moved before the page was loaded again."""
    row = outlet.fulfilments.filter(pk__in=_ids(request.GET["moved"])).first() if "moved" in request.GET else None
    return _notice(row) if row else {}


def _notice(row: Fulfilment) -> dict[str, Any]:
    said = next((words for name, (_, words) in board.LABELS.items() if moves.STEPS[name].to == row.status), "")
    words = said or {"placed": "is new again"}.get(row.status, f"is {row.get_status_display().lower()}")
    return {"row": row, "words": words, "undo": f"{row.pk}:back:{row.status}" if moves.previous(row) else ""}


# -- Whose --


def _outlet(request: HttpRequest, outlet_id: UUID) -> Outlet:
    try:
        return run_outlet(request.user, outlet_id)
    except Missing as missing:
        raise Http404 from missing
    except Forbidden as refusal:
        raise PermissionDenied from refusal


def _fulfilment(request: HttpRequest, outlet: Outlet, pk: Any) -> Fulfilment:
    """The fulfilment of this outlet; any other is not found here."""
    row = outlet.fulfilments.filter(pk__in=_ids(pk)).first()
    if row is None:
        raise Http404
    return row


def _ids(text: Any) -> list[UUID]:
    try:
        return [UUID(str(text))]
    except ValueError:
        return []
