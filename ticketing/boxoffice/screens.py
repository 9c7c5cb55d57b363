"""The box office in the console: a page to sell on, one to hand out from, and what should be in the drawer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from accounts.grants import Permission
from events.models import Event
from events.rotation_policy import policy_of
from orders.checkout import Contact
from orders.models import Order
from orders.receipts import links
from orders.serializers import ContactSerializer
from ticketing import codes
from ticketing.boxoffice import choices, counter, drawer, papers, selling, sending
from ticketing.boxoffice.models import DoorSale
from ticketing.boxoffice.permissions import made_sale
from ticketing.models import Ticket, TicketType
from ticketing.permissions import staff_event
from ticketing.pricing import addons, bundling, current
from ticketing.pricing.models import Bundle
from trufan.lib import qr
from trufan.lib.console import screens, switching
from trufan.lib.console.forms import in_full
from trufan.lib.errors import DomainError, Forbidden, Missing
from trufan.lib.exception_handler import as_refusal
from trufan.lib.ids import uuid7
from trufan.lib.money import show

#: So many events are offered to choose from, the next ones first.
MOST = 60
#: In a form that only wants to know what it comes to.
PREVIEW = "preview"
_NAME = "ticketing_doorsale_sell"
View = Callable[..., HttpResponse]


def urls(wrap: Callable[[View], View]) -> list[URLPattern]:
    """The screens' addresses, below that of the console's list of door sales."""
    return [
        path("sell/", wrap(events), name=_NAME),
        path("sell/<uuid:event_id>/", wrap(sell), name=f"{_NAME}_event"),
        path("sell/<uuid:event_id>/drawer/", wrap(drawers), name=f"{_NAME}_drawer"),
        path("sold/<uuid:sale_id>/", wrap(sold), name=f"{_NAME}_sale"),
        path("sold/<uuid:sale_id>/send/", wrap(send), name=f"{_NAME}_send"),
        path("sold/<uuid:sale_id>/tickets.pdf", wrap(paper), name=f"{_NAME}_paper"),
    ]


def may_sell(user: Any) -> bool:
    """Whether the person sells at any box office."""
    return user.is_superuser or bool(user.venues_where(Permission.SELL_AT_DOOR))


def sale_url(sale: DoorSale) -> str:
    return reverse(f"admin:{_NAME}_sale", args=[sale.pk])


@never_cache
@require_http_methods(["GET", "HEAD"])
def events(request: HttpRequest) -> HttpResponse:
    """For which event? Whoever has but one is led there."""
    if not may_sell(request.user):
        raise PermissionDenied
    rows: Any = Event.objects.visible_to(request.user, Permission.SELL_AT_DOOR).published().upcoming(timezone.now())
    rows = switching.only_chosen(request.user, rows)
    found = list(rows.select_related("venue").order_by("starts_at", "pk")[:MOST])
    if len(found) == 1:
        return HttpResponseRedirect(event_url(found[0]))
    cards = [{"event": event, "url": event_url(event), "zone": event.venue.zone} for event in found]
    return _page(request, "events", {"title": gettext("Box office"), "cards": cards})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sell(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """Types and counts, cash or card; what was sold is shown on a page of its own."""
    event, refusal = _event(request, event_id), ""
    types = list(TicketType.objects.with_fees().filter(event=event).order_by("position", "name"))
    bundles = list(Bundle.objects.with_lines().filter(event=event, is_active=True).order_by("position", "name"))
    if request.method == "POST" and PREVIEW not in request.POST:
        try:
            sale = _sell(request, event, types, bundles, timezone.now())
        except (DomainError, ValidationError) as why:
            refusal = in_full(as_refusal(why))
        else:
            return HttpResponseRedirect(sale_url(sale))
    said = {
        "title": gettext("Box office, {event}").format(event=event),
        "event": event,
        "rows": _rows(request, event, types),
        "bundles": _bundles(request, event, bundles),
        "refusal": refusal,
        **(_total(request, event, types, bundles) if request.method == "POST" else {}),
    }
    said |= {"given": request.POST, "key": request.POST.get("key") or uuid7(), "drawer": _drawer_url(event)}
    return _page(request, "sell", said, status=409 if refusal else 200)


@never_cache
@require_http_methods(["GET", "HEAD"])
def sold(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """What to give back, and the tickets with their codes."""
    return _sold(request, _sale(request, sale_id))


@never_cache
@require_http_methods(["POST"])
def send(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """The tickets by mail or SMS, afterwards; the same form again sends nothing more."""
    sale, given = _sale(request, sale_id), request.POST
    asked = ContactSerializer(data={name: given.get(name, "").strip() for name in ("email", "phone", "name")})
    try:
        asked.is_valid(raise_exception=True)
        sending.send(sale, Contact(**asked.validated_data), by=request.user, key=_key(given.get("key", "")))
    except (DomainError, ValidationError) as why:
        return _sold(request, sale, in_full(as_refusal(why)))
    return HttpResponseRedirect(f"{sale_url(sale)}?sent=1")


def _next_url(order: Order) -> str:
    """Where the next sale begins: at the same event, where the order has one."""
    return reverse(f"admin:{_NAME}_event", args=[order.event_id]) if order.event_id else reverse(f"admin:{_NAME}")


def _sold(request: HttpRequest, sale: DoorSale, refusal: str = "") -> HttpResponse:
    order = sale.order
    said = {
        "title": gettext("Sold, {order}").format(order=order),
        "sale": sale,
        "total": show(order.amount_total, order.currency),
        "change": show(sale.change, order.currency) if sale.change else "",
        "tickets": [_shown(ticket) for ticket in order.tickets.all()],
        "paper": reverse(f"admin:{_NAME}_paper", args=[sale.pk]),
        "next": _next_url(order),
        "receipt": "" if order.is_free else links.url_of(order.pk),
        "send": reverse(f"admin:{_NAME}_send", args=[sale.pk]),
        "key": uuid7(),
        "sent": "sent" in request.GET,
        "refusal": refusal,
        "given": request.POST,
    }
    return _page(request, "sold", said, status=409 if refusal else 200)


@never_cache
@require_http_methods(["GET", "HEAD"])
def paper(request: HttpRequest, sale_id: UUID) -> HttpResponse:
    """Its tickets as PDF."""
    sale = _sale(request, sale_id)
    try:
        return papers.tickets_of(sale)
    except Missing as missing:
        raise Http404 from missing


@never_cache
@require_http_methods(["GET", "HEAD"])
def drawers(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """Today at the event's venue, by seller and method."""
    event = _event(request, event_id)
    found = drawer.summary(event.venue, None, timezone.now())
    rows = [
        {
            "seller": row.seller,
            "method": DoorSale.Method(row.method).label,
            "sales": row.sales,
            "amount": show(row.amount, found.currency),
            "refunded": show(row.refunded, found.currency),
            "net": show(row.net, found.currency),
        }
        for row in found.drawers
    ]
    said = {
        "title": gettext("Drawers, {venue}").format(venue=event.venue),
        "day": found.day,
        "rows": rows,
        "back": event_url(event),
    }
    said["totals"] = {DoorSale.Method(name).label: show(net, found.currency) for name, net in found.totals.items()}
    return _page(request, "drawer", said)


def _total(request: HttpRequest, event: Event, types: list[TicketType], bundles: list[Bundle]) -> dict[str, Any]:
    """What was chosen so far comes to, by the sale's own rules; or why it cannot be sold so."""
    try:
        asked = counter.read_cart(request.POST, types, bundles)
        if not asked.lines() and not asked.choice().bundles:
            return {"cart": None}
        cart = selling.preview(event, asked.lines(), asked.choice(), timezone.now())
    except (DomainError, ValidationError) as why:
        return {"cart": None, "preview_refusal": in_full(as_refusal(why))}
    currency, amounts = event.venue.currency, cart.amounts
    said: dict[str, Any] = {
        name: show(value, currency) if value else ""
        for name, value in (("discount", amounts.discount), ("fees", amounts.fees), ("tax", amounts.tax))
    }
    said["total"] = show(amounts.total, currency)
    said["lines"] = [
        {
            "quantity": line.line.quantity,
            "what": line.offer.description,
            "discount": show(line.amounts.discount, currency) if line.amounts.discount else "",
            "total": show(line.amounts.subtotal, currency),
        }
        for line in cart.lines
    ]
    return {"cart": said}


def _bundles(request: HttpRequest, event: Event, bundles: list[Bundle]) -> list[dict[str, Any]]:
    return [
        {
            "name": f"bundle_{bundle.pk}",
            "bundle": bundle,
            "price": show(bundling.price_of(bundle), event.venue.currency),
            "holds": ", ".join(f"{line.count} × {line.ticket_type.name}" for line in bundle.lines.all()),
            "most": min(bundle.max_per_order, bundling.left_of(bundle)),
            "value": request.POST.get(f"bundle_{bundle.pk}", ""),
        }
        for bundle in bundles
    ]


def _sell(
    request: HttpRequest, event: Event, types: list[TicketType], bundles: list[Bundle], now: datetime
) -> DoorSale:
    asked = counter.read(request.POST, types, bundles, event.venue.currency)
    return selling.sell(
        event,
        asked.lines(),
        choice=asked.choice(),
        taken=asked.taken(),
        contact=asked.contact_given(),
        by=request.user,
        now=now,
        key=_key(request.POST.get("key", "")),
    )


def _rows(request: HttpRequest, event: Event, types: list[TicketType]) -> list[dict[str, Any]]:
    now, given = timezone.now(), request.POST
    parents = addons.parents_of(kind.pk for kind in types if kind.is_addon)
    seated = choices.seats(event)
    slots = choices.slots(event, now) if any(kind.needs_slot for kind in types) else []
    return [
        {
            "name": f"quantity_{kind.pk}",
            "type": kind,
            "price": show(kind.all_in(current.price(kind, now)), event.venue.currency),
            "left": max(kind.left, 0),
            "most": min(kind.max_per_order, max(kind.left, 0)),
            "value": given.get(f"quantity_{kind.pk}", ""),
            "seating": seated.get(kind.pk),
            "seats": given.getlist(f"seats_{kind.pk}"),
            "labels": given.get(f"labels_{kind.pk}", ""),
            "section": given.get(f"section_{kind.pk}", ""),
            "slots": slots if kind.needs_slot else None,
            "slot": given.get(f"slot_{kind.pk}", ""),
            "least": show(kind.min_price, event.venue.currency) if kind.min_price is not None else "",
            "amount": given.get(f"amount_{kind.pk}", ""),
            "with": ", ".join(parents[kind.pk].values()) if kind.pk in parents else "",
        }
        for kind in types
    ]


def _shown(ticket: Ticket) -> dict[str, Any]:
    """The ticket with its code as a picture, which we draw ourselves; none where codes rotate."""
    if policy_of(ticket.event).rotates:
        return {"ticket": ticket, "code": "", "rotates": True}
    if ticket.status == Ticket.Status.REFUNDED:
        return {"ticket": ticket, "code": ""}
    drawn = qr.picture(codes.sign(ticket), "svg", f"Ticket {ticket.number}").decode()
    return {"ticket": ticket, "code": mark_safe(drawn.partition("?>")[2] or drawn)}  # noqa: S308


def _page(request: HttpRequest, template: str, said: dict[str, Any], status: int = 200) -> HttpResponse:
    return screens.page(request, f"admin/boxoffice/{template}.html", said, status)


def _event(request: HttpRequest, event_id: UUID) -> Event:
    try:
        return staff_event(request.user, event_id, Permission.SELL_AT_DOOR)
    except Missing as missing:
        raise Http404 from missing
    except Forbidden as refusal:
        raise PermissionDenied from refusal


def _sale(request: HttpRequest, sale_id: UUID) -> DoorSale:
    try:
        return made_sale(request.user, sale_id)
    except Missing as missing:
        raise Http404 from missing
    except Forbidden as refusal:
        raise PermissionDenied from refusal


def event_url(event: Event) -> str:
    """The counter of an event."""
    return reverse(f"admin:{_NAME}_event", args=[event.pk])


def _drawer_url(event: Event) -> str:
    return reverse(f"admin:{_NAME}_drawer", args=[event.pk])


def _key(text: str) -> UUID | None:
    """The form's own key, by which a second press is the same sale."""
    try:
        return UUID(text)
    except ValueError:
        return None
