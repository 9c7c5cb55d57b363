"""What staff land on: tonight at their venues, in a number of queries that does not grow with what happens there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Model, Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from notifications.models import Notification
from orders.kitchen import queue, screens
from orders.models import Order
from parking.board import board as parking_board
from payments.models import Payment, Refund
from ticketing.models import Scan
from trufan.lib.console import columns, venue_labels
from trufan.lib.console.columns import show
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin

_TONIGHT = timedelta(hours=18)
_ROWS = 8


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's DASHBOARD_CALLBACK: what the template `admin/index.html` shows."""
    now = timezone.now()
    events = _events(request, now)
    context |= {
        "title": "Tonight",
        "tonight": [card for card in events if card["is_tonight"]],
        "coming": _coming(request, [card for card in events if not card["is_tonight"]]),
        "figures": _money(request, now),
        "attention": _attention(request),
        "lists": [*_lots(request, now), *_kitchens(request, now), *_latest_orders(request), *_latest_scans(request)],
        "may_plan": _page(Event).has_add_permission(request),
        "new_event": reverse("admin:events_event_add"),
        "new_venue": reverse("admin:venues_venue_add"),
        "has_venues": bool(venue_labels.of_request(request)),
    }
    return context


def environment(request: HttpRequest) -> list[str] | None:
    """unfold's ENVIRONMENT: a label that tells a laptop or a test system from the real one."""
    if settings.DJANGO_ENV == "production":
        return None
    return [settings.DJANGO_ENV, "warning" if settings.DJANGO_ENV == "staging" else "info"]


def _page(model: type[Model]) -> TenantModelAdmin:
    return cast(TenantModelAdmin, admin.site._registry[model])


def _mine(request: HttpRequest, model: type[Model]) -> QuerySet | None:
    """The rows of a table that this person may see; None where that is no table of theirs."""
    page = _page(model)
    return page.get_queryset(request) if page.has_view_permission(request) else None


def _zone(request: HttpRequest, venue_id: Any) -> ZoneInfo:
    label = venue_labels.of_request(request).get(venue_id)
    return label.zone if label else columns.UTC


# -- Events --


def _events(request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    """Events that run now or come next, with what they sold and who arrived."""
    rows = _mine(request, Event)
    if rows is None:
        return []
    running = rows.filter(ends_at__gt=now, status__in=[Event.Status.DRAFT, Event.Status.PUBLISHED])
    found = running.select_related("venue").order_by("starts_at", "id")[: 2 * _ROWS]
    return [_card(event, now) for event in found]


def _card(event: Any, now: datetime) -> dict[str, Any]:
    zone = event.venue.zone
    return {
        "event": event,
        "url": columns.change_url(event),
        "starts": columns.local_time(event.starts_at, zone),
        "doors": f"{event.doors_at.astimezone(zone):%H:%M}",
        "state": columns.label(event.status),
        "sold_percent": _percent(event.tickets_sold, event.capacity),
        "arrived_percent": _percent(event.arrived, event.tickets_sold),
        "is_tonight": event.status == Event.Status.PUBLISHED and event.doors_at <= now + _TONIGHT,
    }


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _coming(request: HttpRequest, cards: Sequence[dict[str, Any]]) -> Section:
    may_plan = _page(Event).has_add_permission(request)
    return Section(
        title="Coming up",
        headers=["event", "venue", "starts", "status", "sold"],
        rows=[
            [
                columns.anchor(card["url"], card["event"].name),
                card["event"].venue.name,
                card["starts"],
                card["state"],
                f"{card['event'].tickets_sold} of {card['event'].capacity}",
            ]
            for card in cards[:_ROWS]
        ],
        empty="Nothing else is planned. Draw up the next event." if may_plan else "Nothing else is planned yet.",
        link=reverse("admin:events_event_add") if may_plan else "",
        link_label="New event",
    )


# -- Money --


def _money(request: HttpRequest, now: datetime) -> list[dict[str, str]]:
    """What was taken and returned since midnight, by each venue's own clock; one figure per currency."""
    payments, refunds = _mine(request, Payment), _mine(request, Refund)
    if payments is None or refunds is None:
        return []
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    taken = payments.filter(_today(request, "venue_id", now), status=Payment.Status.SUCCEEDED)
    for currency, amount, count in taken.order_by().values_list("currency").annotate(Sum("amount"), Count("pk")):
        sums[currency][0], sums[currency][1] = amount, count
    given = refunds.filter(_today(request, "payment__venue_id", now), status=Refund.Status.SUCCEEDED)
    for currency, amount in given.order_by().values_list("currency").annotate(Sum("amount")):
        sums[currency][2] = amount
    return [
        {
            "title": f"Taken today in {currency}",
            "value": show(amount - returned, currency),
            "note": f"{count} payment{'' if count == 1 else 's'}"
            + (f", {show(returned, currency)} of it returned" if returned else ""),
        }
        for currency, (amount, count, returned) in sorted(sums.items())
    ]


def _today(request: HttpRequest, lookup: str, now: datetime) -> Q:
    """Settled since midnight where it was taken. Venues of one clock share a condition."""
    by_zone = defaultdict(list)
    for label in venue_labels.of_request(request).values():
        by_zone[label.zone].append(label.id)
    since = Q(pk=None)
    for zone, venue_ids in by_zone.items():
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        since |= Q(**{f"{lookup}__in": venue_ids}, settled_at__gte=midnight)
    return since


# -- What wants a person --


def _attention(request: HttpRequest) -> list[dict[str, Any]]:
    """Refunds and messages that failed for good."""
    found = []
    for model, what in ((Refund, "refund"), (Notification, "message")):
        rows = _mine(request, model)
        count = rows.filter(status="failed").count() if rows is not None else 0
        if count:
            url = _page(model).list_url(model, status__exact="failed")
            found.append({"text": f"{count} {what}{'' if count == 1 else 's'} failed", "url": url})
    return found


# -- What is being made --


def _kitchens(request: HttpRequest, now: datetime) -> list[Section]:
    """The kitchens that this person runs, and how much they have before them."""
    outlets = screens.mine(request.user)[:_ROWS] if screens.may_run(request.user) else []
    if not outlets:
        return []
    counts = queue.counts(outlets, now)
    return [
        Section(
            title="Kitchens",
            headers=["outlet", "venue", "status", "open", "late"],
            rows=[
                [
                    columns.anchor(screens.board_url(outlet), outlet.name),
                    outlet.venue.name,
                    columns.label(outlet.status),
                    *counts.get(outlet.pk, (0, 0)),
                ]
                for outlet in outlets
            ],
            link=reverse("admin:orders_fulfilment_kitchen"),
            link_label="All kitchens",
        )
    ]


# -- Who is parked --


def _lots(request: HttpRequest, now: datetime) -> list[Section]:
    """The lots that this person runs, and how full they are."""
    lots = parking_board.mine(request.user)[:_ROWS] if parking_board.may_run(request.user) else []
    if not lots:
        return []
    return [
        Section(
            title="Parking",
            headers=["lot", "venue", "status", "full", "free", "inside", "over time"],
            rows=[
                [
                    columns.anchor(card.url, card.lot.name),
                    card.lot.venue.name,
                    columns.label(card.lot.status),
                    f"{_percent(card.spaces - card.free, card.spaces)} %",
                    f"{card.free} of {card.spaces}",
                    card.inside,
                    card.late,
                ]
                for card in parking_board.cards(lots, now)
            ],
            link=reverse("admin:parking_parkinglot_board"),
            link_label="Live board",
        )
    ]


# -- What happened last --


def _latest_orders(request: HttpRequest) -> list[Section]:
    rows = _mine(request, Order)
    if rows is None:
        return []
    return [
        Section(
            title="Latest orders",
            headers=["order", "status", "buyer", "total", "placed"],
            rows=[
                [
                    columns.anchor(columns.change_url(order), order.number),
                    columns.label(order.status),
                    order.contact_name or order.contact_email or "–",
                    show(order.amount_total, order.currency),
                    columns.local_time(order.created_at, _zone(request, order.venue_id)),
                ]
                for order in rows.order_by("-created_at", "-id")[:_ROWS]
            ],
            empty="No orders yet. They appear here once a published event sells its first ticket.",
            link=_page(Order).list_url(Order),
            link_label="All orders",
        )
    ]


def _latest_scans(request: HttpRequest) -> list[Section]:
    rows = _mine(request, Scan)
    if rows is None:
        return []
    scans = rows.select_related("ticket", "event", "scanned_by").order_by("-created_at")[:_ROWS]
    return [
        Section(
            title="Latest scans",
            headers=["result", "why", "ticket", "event", "by", "when"],
            rows=[
                [
                    columns.label(scan.result),
                    columns.words(scan.reason),
                    columns.anchor(columns.change_url(scan), str(scan.ticket or "unknown")),
                    scan.event.name if scan.event else "–",
                    str(scan.scanned_by),
                    columns.local_time(scan.created_at, _zone(request, scan.venue_id)),
                ]
                for scan in scans
            ],
            empty="Nobody has been scanned yet. Scanning begins when doors open.",
            link=_page(Scan).list_url(Scan),
            link_label="All scans",
        )
    ]
