"""What happened last: orders and scans."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext

from orders.models import Order
from ticketing.models import Scan
from trufan.dashboard.common import ROWS, mine, page, zone
from trufan.lib.console import columns
from trufan.lib.console.columns import show
from trufan.lib.console.sections import Section


def orders(request: HttpRequest) -> list[Section]:
    rows = mine(request, Order)
    if rows is None:
        return []
    return [
        Section(
            title=gettext("Latest orders"),
            headers=[gettext("order"), gettext("status"), gettext("buyer"), gettext("total"), gettext("placed")],
            rows=[
                [
                    columns.anchor(columns.change_url(order), order.number),
                    columns.label(order.status),
                    order.contact_name or order.contact_email or "–",
                    show(order.amount_total, order.currency),
                    columns.local_time(order.created_at, zone(request, order.venue_id)),
                ]
                for order in rows.order_by("-created_at", "-id")[:ROWS]
            ],
            empty=gettext("No orders yet. They appear here once a published event sells its first ticket."),
            link=page(Order).list_url(Order),
            link_label=gettext("All orders"),
        )
    ]


def scans(request: HttpRequest) -> list[Section]:
    rows = mine(request, Scan)
    if rows is None:
        return []
    found = rows.select_related("ticket", "event", "scanned_by").order_by("-created_at")[:ROWS]
    return [
        Section(
            title=gettext("Latest scans"),
            headers=[
                gettext("result"),
                gettext("why"),
                gettext("ticket"),
                gettext("event"),
                gettext("by"),
                gettext("when"),
            ],
            rows=[
                [
                    columns.label(scan.result),
                    columns.words(scan.reason),
                    columns.anchor(columns.change_url(scan), str(scan.ticket or "unknown")),
                    scan.event.name if scan.event else "–",
                    str(scan.scanned_by),
                    columns.local_time(scan.created_at, zone(request, scan.venue_id)),
                ]
                for scan in found
            ],
            empty=gettext("Nobody has been scanned yet. Scanning begins when doors open."),
            link=page(Scan).list_url(Scan),
            link_label=gettext("All scans"),
        )
    ]
