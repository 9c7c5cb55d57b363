"""What staff do to a car at the valet's screens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.translation import gettext

from parking.lots.models import ParkingLot
from parking.valet import evidence, moves, pins
from parking.valet.models import ValetTicket
from parking.valet.serializers import DropOffSerializer
from trufan.lib.errors import Invalid, Missing
from trufan.lib.words import lazy as _

Status = ValetTicket.Status
Deed = Callable[[ValetTicket, HttpRequest, datetime], Any]
CONTACT = ("email", "phone")


def drop_off(lot: ParkingLot, request: HttpRequest, now: datetime) -> ValetTicket:
    """A car is handed over; read and refused as at the API."""
    given = {name: request.POST.get(name, "") for name in ("plate", "vehicle", "notes", "key_tag", "code")}
    contact = {name: request.POST.get(name, "").strip() for name in CONTACT}
    asked = DropOffSerializer(data={**given, "lot": str(lot.pk), "contact": contact})
    asked.is_valid(raise_exception=True)
    return moves.drop_off(lot, asked.car(), by=request.user, now=now)


def _park(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    said = {"place": request.POST.get("place", "")[:60], "key_tag": request.POST.get("key_tag", "")[:30]}
    moves.park(ticket, **said, by=request.user, now=now)


def _leave_parked(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    """It is not wanted after all, and stands where it stood."""
    moves.park(ticket, place=ticket.place, by=request.user, now=now)


def _want(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    wanted_at = next_time(request.POST.get("wanted_at", ""), ticket.lot.zone, now)
    moves.request(ticket, channel=ValetTicket.Channel.DESK, by=request.user, now=now, wanted_at=wanted_at)


def next_time(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """`22:30`: when clocks of that zone show it next; nothing for nothing. Raises `Invalid`."""
    if not text:
        return None
    local = now.astimezone(zone)
    try:
        asked = time.fromisoformat(text)
    except ValueError:
        raise Invalid.field("wanted_at", "Give a time such as 22:30.") from None
    day = local.date() + timedelta(days=asked < local.time().replace(second=0, microsecond=0))
    return datetime.combine(day, asked, zone)


def _hand_over(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    pin = request.POST.get("pin", "").strip()
    if pin:
        pins.check(ticket, pin)
    reason, unpaid = request.POST.get("reason", ""), request.POST.get("unpaid") == "yes"
    moves.hand_over(ticket, pin_checked=bool(pin), reason=reason, unpaid=unpaid, by=request.user, now=now)


def _photo(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    file = request.FILES.get("picture")
    if file is None:
        raise Missing(gettext("Choose a picture first."))
    evidence.add_photo(ticket, file, words=request.POST.get("words", "")[:200], by=request.user)


def _incident(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    words = request.POST.get("words", "")[:2000]
    evidence.report(ticket, words=words, file=request.FILES.get("picture"), by=request.user, now=now)


def _fetch(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    moves.fetch(ticket, by=request.user, now=now)


def _put_back(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    moves.put_back(ticket, by=request.user, now=now)


def _ready(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    moves.ready(ticket, by=request.user, now=now)


def _cancel(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    moves.cancel(ticket, reason=request.POST.get("reason", ""), by=request.user, now=now)


def _reset_pin(ticket: ValetTicket, request: HttpRequest, now: datetime) -> None:
    moves.reset_pin(ticket, by=request.user, now=now)


#: All that is done on a car's own page.
DEEDS: dict[str, Deed] = {
    "park": _park,
    "request": _want,
    "leave-parked": _leave_parked,
    "fetch": _fetch,
    "put-back": _put_back,
    "ready": _ready,
    "hand-over": _hand_over,
    "photo": _photo,
    "incident": _incident,
    "cancel": _cancel,
    "reset-pin": _reset_pin,
}
#: What one touch on the board does; the rest asks for words first.
TOUCHES = frozenset({"request", "leave-parked", "fetch", "put-back", "ready"})
#: What a touch on the board is called that moves a car on from each state, and what it does; "": its page asks first.
NEXT = {
    Status.DROPPED_OFF: (_("New"), _("Park"), ""),
    Status.PARKED: (_("Parked"), _("Wanted"), "request"),
    Status.REQUESTED: (_("Wanted"), _("Fetch"), "fetch"),
    Status.RETRIEVING: (_("On the way"), _("Ready"), "ready"),
    Status.READY: (_("Ready"), _("Hand over"), ""),
}
#: What is said after a touch, and the touch that takes it back. Nobody takes back what its holder was told.
SAID = {
    "request": (_("is wanted"), "leave-parked"),
    "leave-parked": (_("stays where it is"), ""),
    "fetch": (_("is on the way"), "put-back"),
    "put-back": (_("waits to be fetched"), ""),
    "ready": (_("is ready, and its holder is told"), ""),
}
