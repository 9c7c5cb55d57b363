"""The door's screens in the console: the numbers of a night as they move, who came last, and somebody's ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.grants import Permission
from events.models import Event
from orders.models import Order
from ticketing.door import checkin, counts, reasons, search, whole_orders
from ticketing.models import Scan, Ticket
from ticketing.permissions import staff_event
from trufan.lib.console import screens, switching
from trufan.lib.console.forms import in_full
from trufan.lib.errors import DomainError, Forbidden, Missing
from trufan.lib.words import lazy as _

#: How often a screen asks for what is new, in milliseconds.
POLL = 5_000
#: How many scans, conflicts and found tickets are shown, and how many events.
SHOWN, FOUND, MOST_EVENTS = 20, 20, 50
#: How long after its end an event's door is still on the list.
AFTER = timedelta(hours=12)
NAME = "admin:ticketing_ticket_door"
View = Callable[..., HttpResponse]
_DEEDS: dict[str, tuple[str, Callable[..., Any]]] = {
    "admit": (_("Let in."), checkin.admit),
    "let-out": (_("Counted out."), checkin.let_out),
    "undo": (_("Taken back."), checkin.undo),
}


def urls(wrap: Callable[[View], View]) -> list[URLPattern]:
    """The screens' addresses, below that of the console's list of tickets."""
    name = NAME.removeprefix("admin:")
    return [
        path("door/", wrap(doors), name=name),
        path("door/<uuid:event_id>/", wrap(door), name=f"{name}_event"),
        path("door/<uuid:event_id>/<uuid:pk>/", wrap(ticket), name=f"{name}_ticket"),
    ]


def may_work(user: Any) -> bool:
    """Whether the person works at any door."""
    return user.is_superuser or bool(user.venues_where(Permission.CHECK_IN))


@never_cache
@require_http_methods(["GET", "HEAD"])
def doors(request: HttpRequest) -> HttpResponse:
    """The events at whose doors the person works, the next first."""
    if not may_work(request.user):
        raise PermissionDenied
    coming: Any = Event.objects.filter(status=Event.Status.PUBLISHED, ends_at__gt=timezone.now() - AFTER)
    user: Any = request.user
    if not user.is_superuser:
        coming = coming.filter(venue_id__in=user.venues_where(Permission.CHECK_IN))
    coming = switching.only_chosen(user, coming)
    events = list(coming.select_related("venue").order_by("starts_at", "pk")[:MOST_EVENTS])
    return screens.page(request, "admin/door/doors.html", {"title": gettext("Doors"), "events": events})


@never_cache
@require_http_methods(["GET", "HEAD"])
def door(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """One event's door: how many came, by which gate, what the scanners said last; `q` finds a ticket."""
    event, now = _event(request, event_id), timezone.now()
    words = request.GET.get("q", "").strip()
    with timezone.override(event.venue.zone):
        part = render_to_string("admin/door/part.html", _numbers(event, words, now))
        if screens.is_by_script(request):
            return screens.fragment(request, part)
        address = f"{request.path}?{urlencode({'q': words})}" if words else request.path
        said = {"title": event.name, "event": event, "part": part, "poll": POLL, "search": words, "address": address}
        return screens.page(request, "admin/door/door.html", {**said, "watch": f"door:{event.pk}"})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, event_id: UUID, pk: UUID) -> HttpResponse:
    """One ticket at this door: where it stands, its scans, and letting in, out, or taking back."""
    event = _event(request, event_id)
    row = _ticket(event, pk)
    refusal = ""
    if request.method == "POST":
        try:
            return HttpResponseRedirect(f"{request.path}?{_done(request, row)}")
        except DomainError as why:
            refusal = in_full(why)
    row = _ticket(event, pk)
    done = _DEEDS.get(request.GET.get("done", ""), ("", None))[0]
    admitted = _admission(row.order, request.GET.get("admission", ""))
    with timezone.override(event.venue.zone):
        said = {
            "title": gettext("Ticket {row}").format(row=row),
            "event": event,
            "ticket": row,
            "refusal": refusal,
            "done": done,
            "scans": _shown(row.scans.all()),
            "may_undo": row.status == Ticket.Status.USED,
            "together": len(whole_orders.tickets_of(row.order, event.pk)),
            "admitted": [(scan, _words(scan)) for scan in admitted],
            "may_take_back": whole_orders.can_take_back(row.order),
        }
        return screens.page(request, "admin/door/ticket.html", said, status=409 if refusal else 200)


def _done(request: HttpRequest, row: Ticket) -> str:
    """Do what was pressed; the query by which the page then says so. Raises what the rule refuses."""
    name, reason = request.POST.get("deed", ""), request.POST.get("reason", "")[:200]
    how: dict[str, Any] = {"by": request.user, "now": timezone.now(), "reason": reason}
    if name == "admit-order":
        return f"admission={whole_orders.admit(row.order, event_id=row.event_id, **how).id}"
    if name == "undo-order":
        whole_orders.take_back(row.order, event_id=row.event_id, **how)
        return "done=undo"
    if name not in _DEEDS:
        raise Http404
    _DEEDS[name][1](row, **how)
    return f"done={name}"


def _admission(order: Order, admission: str) -> list[Scan]:
    """What became of each ticket of the order when it was let in as a whole."""
    try:
        return whole_orders.scans_of(order, UUID(admission))
    except ValueError:
        return []


def _numbers(event: Event, words: str, now: datetime) -> dict[str, Any]:
    scans = Scan.objects.filter(event=event)
    found = list(search.find(event, words)[: FOUND + 1]) if search.LEAST <= len(words) <= search.MOST else []
    return {
        "event": event,
        "counts": counts.count(event, now),
        "search": words,
        "found": found[:FOUND],
        "more": len(found) > FOUND,
        "scans": _shown(scans),
        "conflicts": _shown(scans.exclude(conflict="")),
    }


def _shown(scans: Any) -> list[tuple[Scan, str]]:
    """The newest scans, each with what to say of it."""
    rows = scans.with_answer().order_by("-created_at", "-pk")[:SHOWN]
    return [(row, str(reasons.CONFLICTS[Scan.Conflict(row.conflict)]) if row.conflict else _words(row)) for row in rows]


def _words(scan: Scan) -> str:
    if scan.method == Scan.Method.UNDO:
        return str(reasons.TAKEN_BACK)
    if scan.result == Scan.Result.REFUSED:
        return reasons.message(scan)
    return gettext("Came in.") if scan.direction == Scan.Direction.IN else gettext("Went out.")


def _ticket(event: Event, pk: UUID) -> Ticket:
    """The ticket of this event; any other is not found here."""
    row = Ticket.objects.with_event().filter(event=event, pk=pk).first()
    if row is None:
        raise Http404
    return row


def _event(request: HttpRequest, event_id: UUID) -> Event:
    """The event, for who works at its door: 403 for who may know of it and no more, 404 for everyone else."""
    try:
        return staff_event(request.user, event_id, Permission.CHECK_IN)
    except Missing as missing:
        raise Http404 from missing
    except Forbidden as refusal:
        raise PermissionDenied from refusal
