"""The board's screens in the console: full pages for a tablet at the lot, renewed by themselves.

Each is one form around a fragment. Without its script a page works by being loaded again; with it the fragment is asked
for every few seconds, by its `ETag`, and put in place when it changed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from parking.board import board, gate, inside, touches
from parking.lots.models import ParkingLot, SpaceKind
from parking.stays import billing
from parking.stays.models import ParkingSession
from parking.stays.permissions import run_lot
from parking.stays.story import story_of
from trufan.lib.console import screens
from trufan.lib.console.forms import in_full
from trufan.lib.errors import DomainError, Forbidden, Missing
from trufan.lib.money import show
from trufan.lib.words import lazy as _

#: How often a screen asks for what is new, in milliseconds.
POLL = 5_000
#: Of more lots the page hears by asking.
MOST_WATCHED = 40
_LET_THROUGH = {"entry": _("The car is in."), "exit": _("The car is out.")}

View = Callable[..., HttpResponse]


def urls(wrap: Callable[[View], View]) -> list[URLPattern]:
    """The screens' addresses, below that of the console's list of lots."""
    name = "parking_parkinglot_board"
    return [
        path("board/", wrap(lots), name=name),
        path("board/<uuid:lot_id>/", wrap(lot_board), name=f"{name}_lot"),
        path("board/<uuid:lot_id>/<uuid:pk>/", wrap(stay), name=f"{name}_stay"),
        path("board/<uuid:lot_id>/<slug:direction>/", wrap(passage), name=f"{name}_gate"),
    ]


@never_cache
@require_http_methods(["GET", "HEAD"])
def lots(request: HttpRequest) -> HttpResponse:
    """All lots that the person runs, side by side."""
    if not board.may_run(request.user):
        raise PermissionDenied
    now = timezone.now()
    cards = board.cards(board.mine(request.user), now, request.user)
    part = render_to_string("admin/parking/lots.html", {"cards": cards, "now": now})
    return screens.fragment(request, part) if screens.is_by_script(request) else _page(request, "screen", {
        "title": gettext("Parking"), "part": part, "poll": POLL, "address": request.path,
        "watch": " ".join(f"parking:{card.lot.pk}" for card in cards[:MOST_WATCHED]),
    })  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD"])
def lot_board(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """One lot: how full it is, who is inside, what the gates said; `q` looks for a plate."""
    lot, now = _lot(request, lot_id), timezone.now()
    search = request.GET.get("q", "")
    with timezone.override(lot.zone):
        part = _part(request, lot, search, now)
        if screens.is_by_script(request):
            return screens.fragment(request, part)
        address = f"{request.path}?{urlencode({'q': search})}" if search else request.path
        said = {"title": lot.name, "lot": lot, "part": part, "poll": POLL, "search": search, "address": address}
        said["watch"] = f"parking:{lot.pk}"
        return _page(request, "screen", said | {"notice": _LET_THROUGH.get(request.GET.get("said", ""), "")})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stay(request: HttpRequest, lot_id: UUID, pk: UUID) -> HttpResponse:
    """One stay: what it owes, what the gate saw of it, and all that can be done to it."""
    lot, now = _lot(request, lot_id), timezone.now()
    row = _stay(lot, pk)
    refusal = ""
    if request.method == "POST":
        deed = next((each for each in touches.DEEDS if each.name == request.POST.get("deed")), None)
        if deed is None:
            raise Http404
        try:
            deed.run(row, request.POST, request.user, now)
        except DomainError as why:
            refusal = in_full(why)
        else:
            return HttpResponseRedirect(f"{request.path}?done={deed.name}")
    row = _stay(lot, pk)
    with timezone.override(lot.zone):
        said = {"refusal": refusal, "done": _done(request), **_sheet(row, now)}
        return _page(request, "stay", said, status=409 if refusal else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def passage(request: HttpRequest, lot_id: UUID, direction: str) -> HttpResponse:
    """A car at the entry or the exit: let it through as the gate would, or all the same, for a reason."""
    lot, now = _lot(request, lot_id), timezone.now()
    if direction not in gate.REASONS:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    refusal, shut = "", False
    if request.method == "POST":
        try:
            found = gate.passage(lot, direction, asked, by=request.user, now=now)
        except DomainError as why:
            refusal = in_full(why)
        else:
            if found.is_open:
                return HttpResponseRedirect(f"{board.board_url(lot)}?{urlencode({'said': direction})}")
            refusal, shut = found.words, True
    with timezone.override(lot.zone):
        said = {
            "title": f"{direction.capitalize()} of {lot}",
            "refusal": refusal,
            **_at_gate(lot, direction, asked, shut),
        }
        return _page(request, "gate", said, status=409 if refusal else 200)


def _at_gate(lot: ParkingLot, direction: str, asked: gate.Given, shut: bool) -> dict[str, Any]:
    kinds = sorted((each.kind for each in lot.capacities.all()), key=SpaceKind.values.index)
    return {
        "lot": lot,
        "direction": direction,
        "plate": asked.get("plate", ""),
        "booked": gate.reservation_in(lot, asked.get("reservation")),
        "kinds": [(kind, SpaceKind(kind).label) for kind in kinds],
        "kind": asked.get("kind", ""),
        "nonce": gate.new_nonce(),
        "reasons": gate.REASONS[direction] if shut else (),
        "back": board.board_url(lot),
    }


def _sheet(row: ParkingSession, now: datetime) -> dict[str, Any]:
    bill = billing.to_pay(row, now)
    return {
        "title": row.plate or row.number,
        "lot": row.lot,
        "row": inside.Row(row, now, bill.due),
        "stay": row,
        "bill": bill,
        "total": show(bill.total, row.currency),
        "lines": [(gettext(part["words"]), show(part["amount"], row.currency)) for part in bill.lines()],
        "gate": list(row.gate_events.select_related("seen_by")[:6]),
        "story": story_of(row),
        "deeds": touches.deeds(row, owes=bool(bill.total)),
        "nonce": gate.new_nonce(),
        "more": reverse("admin:parking_parkingsession_change", args=[row.pk]),
        "back": board.board_url(row.lot),
    }


def _done(request: HttpRequest) -> str:
    """What was done before the page was loaded again."""
    return next((deed.done for deed in touches.DEEDS if deed.name == request.GET.get("done")), "")


def _part(request: HttpRequest, lot: ParkingLot, search: str, now: datetime) -> str:
    """The fragment that changes."""
    return render_to_string("admin/parking/lot.html", {
        "card": board.cards([lot], now, request.user)[0], "lot": lot, "now": now, "search": search,
        "inside": inside.inside(lot, now, search), "gate": inside.at_the_gate(lot, now),
        "expected": inside.expected(lot, now),
    })  # fmt: skip


def _page(request: HttpRequest, template: str, said: dict[str, Any], status: int = 200) -> HttpResponse:
    return screens.page(request, f"admin/parking/{template}.html", said, status)


def _stay(lot: ParkingLot, pk: UUID) -> ParkingSession:
    """The stay on this lot; any other is not found here."""
    row = ParkingSession.objects.with_lot().filter(lot=lot, pk=pk).first()
    if row is None:
        raise Http404
    return row


def _lot(request: HttpRequest, lot_id: UUID) -> ParkingLot:
    """The lot, for who runs it: 403 for other staff of its venue, 404 for everyone else."""
    try:
        return run_lot(request.user, lot_id)
    except Missing as missing:
        raise Http404 from missing
    except Forbidden as refusal:
        raise PermissionDenied from refusal
