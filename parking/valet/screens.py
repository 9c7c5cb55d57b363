"""The valet's screens in the console: a board for a tablet at the door, moved on by touch, renewed by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from accounts.grants import Permission
from parking.lots.models import ParkingLot, SpaceKind
from parking.stays import leaving
from parking.stays.permissions import run_lot
from parking.valet import pins, queue, touches
from parking.valet.models import ValetPhoto, ValetTicket
from trufan.lib.console import screens, switching
from trufan.lib.console.forms import in_full
from trufan.lib.errors import DomainError, Forbidden, Missing
from trufan.lib.exception_handler import as_refusal
from trufan.lib.money import show

#: How often the board asks for what is new, in milliseconds.
POLL = 4_000
#: So many cars of a column are shown; the rest is found by looking for them.
MOST = 60
_NEW = "valet_new_ticket"
View = Callable[..., HttpResponseBase]


def urls(wrap: Callable[[View], View]) -> list[URLPattern]:
    """The screens' addresses, below that of the console's list of valet tickets."""
    name = "parking_valetticket_board"
    return [
        path("board/", wrap(lots), name=name),
        path("board/<uuid:lot_id>/", wrap(board), name=f"{name}_lot"),
        path("board/<uuid:lot_id>/new/", wrap(drop_off), name=f"{name}_new"),
        path("board/<uuid:lot_id>/<uuid:pk>/", wrap(sheet), name=f"{name}_sheet"),
        path("board/<uuid:lot_id>/<uuid:pk>/photos/<uuid:photo_id>/", wrap(photo), name=f"{name}_photo"),
    ]


def mine(user: Any) -> list[ParkingLot]:
    """The lots with a valet whose parking the person runs, by venue."""
    rows = ParkingLot.objects.visible_to(user, Permission.RUN_PARKING).filter(capacities__kind=SpaceKind.VALET)
    return list(switching.only_chosen(user, rows).select_related("venue").order_by("venue__name", "name"))


@never_cache
@require_http_methods(["GET", "HEAD"])
def lots(request: HttpRequest) -> HttpResponse:
    """Which lot? Whoever runs but one is led there."""
    user: Any = request.user
    if not (user.is_superuser or user.venues_where(Permission.RUN_PARKING)):
        raise PermissionDenied
    found = mine(user)
    if len(found) == 1:
        return HttpResponseRedirect(board_url(found[0]))
    counts = queue.counts(found)
    cards = [{"lot": lot, "url": board_url(lot), "open": counts.get(lot.pk, 0)} for lot in found]
    return _page(request, "lots", {"title": gettext("Valet"), "cards": cards})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """What is new, parked, wanted, on its way and ready; one touch moves it on. `q` looks for a car."""
    lot, now = _lot(request, lot_id), timezone.now()
    search = request.GET.get("q", "").strip()[:40]
    address = f"{request.path}?{urlencode({'q': search})}" if search else request.path
    notice = _touched(request, lot, now) if request.method == "POST" else {}
    if notice.get("ticket") and not screens.is_by_script(request):
        return HttpResponseRedirect(address)
    with timezone.override(lot.zone):
        said = {"lot": lot, "columns": _columns(lot, search, now), "search": search}
        part = render_to_string("admin/valet/board.html", said)
        if screens.is_by_script(request):
            told = render_to_string("admin/valet/notice.html", {"notice": notice}) if notice else ""
            return screens.fragment(request, part, told)
        said |= {
            "title": gettext("Valet, {lot}").format(lot=lot),
            "part": part,
            "poll": POLL,
            "notice": notice,
            "address": address,
        }
        said |= {"others": len(mine(request.user)) > 1, "watch": f"valet:{lot.pk}"}
        return _page(request, "screen", said, status=409 if notice else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def drop_off(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """A car is handed over; the next page shows its ticket with number and PIN, once, to be printed."""
    lot = _lot(request, lot_id)
    said: dict[str, Any] = {"title": gettext("Take a car"), "lot": lot, "given": request.POST, "back": board_url(lot)}
    if request.method == "POST":
        try:
            ticket = touches.drop_off(lot, request, timezone.now())
        except (DomainError, ValidationError) as why:
            refusal = as_refusal(why)
            said["errors"] = {each.field.rpartition(".")[2]: each.message for each in refusal.details}
            said["refusal"] = refusal.message
        else:
            request.session[_NEW] = str(ticket.pk)
            return HttpResponseRedirect(sheet_url(ticket))
    return _page(request, "new", said, status=409 if "refusal" in said else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, lot_id: UUID, pk: UUID) -> HttpResponse:
    """One car, with all that can be done to it."""
    lot, now = _lot(request, lot_id), timezone.now()
    ticket = _ticket(lot, pk)
    refusal = ""
    if request.method == "POST":
        deed = touches.DEEDS.get(request.POST.get("deed", ""))
        if deed is None:
            raise Http404
        try:
            deed(ticket, request, now)
        except DomainError as why:
            refusal = in_full(why)
        else:
            stays = request.POST["deed"] in ("photo", "incident", "reset-pin")
            return HttpResponseRedirect(request.path if stays else board_url(lot))
    is_new = request.method == "GET" and request.session.get(_NEW) == str(ticket.pk)
    if is_new:
        del request.session[_NEW]
    with timezone.override(lot.zone):
        said = {"lot": lot, "refusal": refusal, "back": board_url(lot), **_sheet(_ticket(lot, pk), now)}
        said["pin"] = pins.pin_for(ticket) if is_new else ""
        return _page(request, "sheet", said, status=409 if refusal else 200)


@require_http_methods(["GET", "HEAD"])
def photo(request: HttpRequest, lot_id: UUID, pk: UUID, photo_id: UUID) -> FileResponse:
    """A picture of the car, for staff who run the lot."""
    found = get_object_or_404(_ticket(_lot(request, lot_id), pk).photos, pk=photo_id)
    return FileResponse(found.picture.open("rb"))


def board_url(lot: ParkingLot) -> str:
    return reverse("admin:parking_valetticket_board_lot", args=[lot.pk])


def sheet_url(ticket: ValetTicket) -> str:
    return reverse("admin:parking_valetticket_board_sheet", args=[ticket.lot_id, ticket.pk])


def photo_url(photo: ValetPhoto) -> str:
    return reverse("admin:parking_valetticket_board_photo", args=[photo.ticket.lot_id, photo.ticket_id, photo.pk])


def _touched(request: HttpRequest, lot: ParkingLot, now: datetime) -> dict[str, Any]:
    """Do `<ticket>:<deed>`; what to say about it. 404 for what is no such."""
    pk, _, name = request.POST.get("move", "").partition(":")
    if name not in touches.TOUCHES:
        raise Http404
    ticket = _ticket(lot, pk)
    try:
        touches.DEEDS[name](ticket, request, now)
    except DomainError as why:
        return {"refusal": why.message}
    words, undo = touches.SAID[name]
    return {"ticket": ticket, "words": words, "undo": f"{ticket.pk}:{undo}" if undo else ""}


# -- What is shown --


def _columns(lot: ParkingLot, search: str, now: datetime) -> list[dict[str, Any]]:
    standing = [queue.Wanted(ticket, 0, 0) for ticket in queue.parked(lot)]
    cars = [*standing, *queue.of(lot, now)]
    if search:
        cars = [car for car in cars if queue.matches(car.ticket, search)]
    columns = []
    for status, (title, label, move) in touches.NEXT.items():
        found = [car for car in cars if car.ticket.status == status]
        said = {"title": title, "status": status, "label": label, "move": move}
        columns.append({**said, "count": len(found), "cars": found[:MOST], "more": max(len(found) - MOST, 0)})
    return columns


def _sheet(ticket: ValetTicket, now: datetime) -> dict[str, Any]:
    owed = leaving.to_pay(ticket.session, now) if ticket.status in ValetTicket.OPEN else 0
    return {
        "title": str(ticket),
        "ticket": ticket,
        "is_locked": ticket.wrong_pins >= pins.MOST_WRONG,
        "owed": show(owed, ticket.session.currency) if owed else "",
        "wanted": queue.place_of(ticket, now),
        "photos": ticket.photos.all(),
        "incidents": ticket.incidents.select_related("reported_by"),
        "can": {each: ticket.can_move(each) for each in ValetTicket.Status.values},
    }


def _page(request: HttpRequest, template: str, said: dict[str, Any], status: int = 200) -> HttpResponse:
    return screens.page(request, f"admin/valet/{template}.html", said, status)


def _lot(request: HttpRequest, lot_id: UUID) -> ParkingLot:
    try:
        return run_lot(request.user, lot_id)
    except Missing as missing:
        raise Http404 from missing
    except Forbidden as refusal:
        raise PermissionDenied from refusal


def _ticket(lot: ParkingLot, pk: Any) -> ValetTicket:
    """The car at this lot; any other is not found here."""
    try:
        key = UUID(str(pk))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(ValetTicket.objects.with_stay(), lot=lot, pk=key)
