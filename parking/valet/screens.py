"""The valet's screens in the console: a board for a tablet at the door, moved on by touch, renewed by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.grants import Permission
from parking.lots.models import ParkingLot, SpaceKind
from parking.stays import leaving
from parking.stays.permissions import run_lot
from parking.valet import evidence, moves, pins, queue
from parking.valet.models import ValetPhoto, ValetTicket
from trufan.lib.errors import DomainError, Forbidden, Missing
from trufan.lib.money import show

#: How often the board asks for what is new, in milliseconds.
POLL = 4_000
_IS_SCRIPT = "X-Kitchen-Part"
Status = ValetTicket.Status
View = Callable[..., HttpResponse]


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
    return list(rows.select_related("venue").order_by("venue__name", "name"))


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
    cards = [{"lot": lot, "url": board_url(lot), "open": queue.count(lot)} for lot in found]
    return _page(request, "lots", {"title": "Valet", "cards": cards})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """What is new, parked, wanted, on its way and ready; one touch moves it on."""
    lot, now = _lot(request, lot_id), timezone.now()
    refusal = ""
    if request.method == "POST":
        try:
            _touched(request, lot, now)
        except DomainError as why:
            refusal = why.message
    with timezone.override(lot.zone):
        part = render_to_string(
            "admin/valet/board.html", {"lot": lot, "columns": _columns(lot, now), "refusal": refusal}
        )
        if _IS_SCRIPT in request.headers:
            return _answer(request, part)
        if request.method == "POST" and not refusal:
            return HttpResponseRedirect(request.path)
        said = {"title": f"Valet, {lot}", "lot": lot, "part": part, "poll": POLL, "others": len(mine(request.user)) > 1}
        return _page(request, "screen", said, status=409 if refusal else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def drop_off(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """A car is handed over; the next page shows its number and PIN, to be written on the ticket."""
    lot = _lot(request, lot_id)
    refusal = ""
    if request.method == "POST":
        names = ("plate", "vehicle", "notes", "key_tag", "email", "phone", "code")
        given = {name: request.POST.get(name, "").strip()[:254] for name in names}
        try:
            ticket = moves.drop_off(lot, moves.Dropped(**given), by=request.user, now=timezone.now())
        except DomainError as why:
            refusal = why.message
        else:
            return HttpResponseRedirect(f"{sheet_url(ticket)}?new=1")
    said = {"title": "Take a car", "lot": lot, "refusal": refusal, "given": request.POST, "back": board_url(lot)}
    return _page(request, "new", said, status=409 if refusal else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, lot_id: UUID, pk: UUID) -> HttpResponse:
    """One car, with all that can be done to it."""
    lot, now = _lot(request, lot_id), timezone.now()
    ticket = _ticket(lot, pk)
    refusal = ""
    if request.method == "POST":
        deed = DEEDS.get(request.POST.get("deed", ""))
        if deed is None:
            raise Http404
        try:
            deed(ticket, request, now)
        except DomainError as why:
            refusal = why.message
        else:
            over = request.POST["deed"] in ("hand-over", "cancel")
            return HttpResponseRedirect(board_url(lot) if over else request.path)
    with timezone.override(lot.zone):
        ticket = _ticket(lot, pk)
        owed = leaving.to_pay(ticket.session, now) if ticket.status in ValetTicket.OPEN else 0
        said = {
            "title": str(ticket), "lot": lot, "ticket": ticket, "refusal": refusal, "back": board_url(lot),
            "pin": pins.pin_for(ticket) if "new" in request.GET else "",
            "is_locked": ticket.wrong_pins >= pins.MOST_WRONG,
            "owed": show(owed, ticket.session.currency) if owed else "", "wanted": queue.place_of(ticket, now),
            "photos": ticket.photos.all(), "incidents": ticket.incidents.select_related("reported_by"),
            "can": {each: ticket.can_move(each) for each in Status.values},
        }  # fmt: skip
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


# -- What is done --


def _park(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    said = {"place": request.POST.get("place", "")[:60], "key_tag": request.POST.get("key_tag", "")[:30]}
    moves.park(ticket, **said, by=request.user, now=now)


def _hand_over(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    pin = request.POST.get("pin", "").strip()
    if pin:
        pins.check(ticket, pin)
    reason = request.POST.get("reason", "")[:200]
    moves.hand_over(ticket, pin_checked=bool(pin), reason=reason, by=request.user, now=now)


def _photo(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    file = request.FILES.get("picture")
    if file is None:
        raise Missing("Choose a picture first.")
    evidence.add_photo(ticket, file, words=request.POST.get("words", "")[:200], by=request.user)


DEEDS: dict[str, Callable[[ValetTicket, HttpRequest, datetime], Any]] = {
    "park": _park,
    "hand-over": _hand_over,
    "photo": _photo,
    "request": lambda ticket, request, now: moves.request(
        ticket, channel=ValetTicket.Channel.DESK, by=request.user, now=now
    ),
    "fetch": lambda ticket, request, now: moves.fetch(ticket, by=request.user, now=now),
    "ready": lambda ticket, request, now: moves.ready(ticket, by=request.user, now=now),
    "incident": lambda ticket, request, now: evidence.report(
        ticket, words=request.POST.get("words", "")[:2000], happened_at=None, by=request.user, now=now
    ),
    "cancel": lambda ticket, request, now: moves.cancel(
        ticket, reason=request.POST.get("reason", "")[:200], by=request.user, now=now
    ),
    "reset-pin": lambda ticket, request, now: moves.reset_pin(ticket, by=request.user, now=now),
}
#: What one touch on the board does; the rest asks for words first.
TOUCHES = frozenset({"request", "fetch", "ready"})


def _touched(request: HttpRequest, lot: ParkingLot, now: datetime) -> None:
    """`<ticket>:<deed>`. Raises what the rule raises; 404 for what is no such."""
    pk, _, name = request.POST.get("move", "").partition(":")
    if name not in TOUCHES:
        raise Http404
    DEEDS[name](_ticket(lot, pk), request, now)


# -- What is shown --


def _columns(lot: ParkingLot, now: datetime) -> list[dict[str, Any]]:
    waiting, parked = queue.of(lot, now), queue.parked(lot)
    standing = [queue.Wanted(ticket, 0, 0) for ticket in parked]
    titles = [
        ("New", Status.DROPPED_OFF, "", "Park"),
        ("Parked", Status.PARKED, "request", "Wanted"),
        ("Wanted", Status.REQUESTED, "fetch", "Fetch"),
        ("On the way", Status.RETRIEVING, "ready", "Ready"),
        ("Ready", Status.READY, "", "Hand over"),
    ]
    return [
        {
            "title": title,
            "status": status,
            "move": move,
            "label": label,
            "cars": [car for car in (*standing, *waiting) if car.ticket.status == status],
        }
        for title, status, move, label in titles
    ]


def _answer(request: HttpRequest, part: str) -> HttpResponse:
    """The fragment for the script: nothing where it has it already."""
    tag = f'"{hashlib.sha256(part.encode()).hexdigest()[:32]}"'
    same = request.method != "POST" and request.headers.get("If-None-Match") == tag
    response: HttpResponse = HttpResponseNotModified() if same else HttpResponse(part)
    response["ETag"] = tag
    return response


def _page(request: HttpRequest, template: str, said: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {"site_title": admin.site.site_title, "user": request.user, **said}
    return HttpResponse(render_to_string(f"admin/valet/{template}.html", context, request), status=status)


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
    rows = ValetTicket.objects.select_related("lot__venue", "session__lot__venue")
    return get_object_or_404(rows, lot=lot, pk=key)
