"""How the console looks and what its menu holds (django-unfold's settings). Loaded with the settings: no apps here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _page(title: str, icon: str, table: str) -> dict[str, Any]:
    """A menu entry for a table's list, shown to whoever may open that list."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{table.replace('.', '_')}_changelist"),
        "permission": _opens(table),
    }


def _opens(table: str) -> Callable[[HttpRequest], bool]:
    def permission(request: HttpRequest) -> bool:
        from django.apps import apps
        from django.contrib import admin

        page = admin.site._registry.get(apps.get_model(table))
        return page is not None and page.has_view_permission(request)

    return permission


def _runs_a_kitchen(request: HttpRequest) -> bool:
    from orders.kitchen.screens import may_run

    return may_run(request.user)


def _runs_a_lot(request: HttpRequest) -> bool:
    from parking.board.board import may_run

    return may_run(request.user)


UNFOLD = {
    "SITE_TITLE": "TruFan",
    "SITE_HEADER": "TruFan",
    "SITE_SUBHEADER": "Console",
    "SITE_SYMBOL": "confirmation_number",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "LOGIN": {"form": "trufan.console_login.SignInForm"},
    "DASHBOARD_CALLBACK": "trufan.console_dashboard.fill",
    "ENVIRONMENT": "trufan.console_dashboard.environment",
    "STYLES": [lambda request: static("trufan/console.css")],
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("trufan/favicon.svg")},
    ],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [{"title": "Tonight", "icon": "nightlife", "link": reverse_lazy("admin:index")}],
            },
            {
                "title": "Programme",
                "separator": True,
                "items": [
                    _page("Events", "event", "events.event"),
                    _page("Ticket types", "sell", "ticketing.tickettype"),
                ],
            },
            {
                "title": "Food and shops",
                "separator": True,
                "items": [
                    {
                        "title": "Kitchens",
                        "icon": "skillet",
                        "link": reverse_lazy("admin:orders_fulfilment_kitchen"),
                        "permission": _runs_a_kitchen,
                    },
                    _page("Fulfilments", "takeout_dining", "orders.fulfilment"),
                    _page("Outlets", "storefront", "orders.outlet"),
                    _page("Products", "lunch_dining", "orders.product"),
                    _page("Stock", "inventory_2", "orders.productvariant"),
                    _page("Parts of the day", "schedule", "orders.daypart"),
                ],
            },
            {
                "title": "Parking",
                "separator": True,
                "items": [
                    {
                        "title": "Live board",
                        "icon": "local_parking",
                        "link": reverse_lazy("admin:parking_parkinglot_board"),
                        "permission": _runs_a_lot,
                    },
                    {
                        "title": "Valet",
                        "icon": "key",
                        "link": reverse_lazy("admin:parking_valetticket_board"),
                        "permission": _runs_a_lot,
                    },
                    _page("Lots", "garage", "parking.parkinglot"),
                    _page("Stays", "directions_car", "parking.parkingsession"),
                    _page("Reservations", "event_available", "parking.parkingreservation"),
                    _page("Gate", "traffic", "parking.gateevent"),
                    _page("Charges", "toll", "parking.parkingcharge"),
                    _page("Valet tickets", "confirmation_number", "parking.valetticket"),
                    _page("Incidents", "car_crash", "parking.valetincident"),
                    _page("Price changes", "trending_up", "parking.pricechange"),
                ],
            },
            {
                "title": "Box office",
                "separator": True,
                "items": [
                    _page("Orders", "receipt_long", "orders.order"),
                    _page("Promo codes", "loyalty", "orders.promocode"),
                    _page("Tips", "volunteer_activism", "orders.ordertip"),
                    _page("Ratings", "star", "orders.orderrating"),
                    _page("Messages", "mail", "notifications.notification"),
                ],
            },
            {
                "title": "Door",
                "separator": True,
                "items": [
                    _page("Tickets", "confirmation_number", "ticketing.ticket"),
                    _page("Scans", "qr_code_scanner", "ticketing.scan"),
                ],
            },
            {
                "title": "Money",
                "separator": True,
                "items": [
                    _page("Payments", "payments", "payments.payment"),
                    _page("Refunds", "undo", "payments.refund"),
                    _page("Disputes", "gavel", "payments.dispute"),
                    _page("Recipients", "account_balance", "payments.connectedaccount"),
                    _page("Transfers", "swap_horiz", "payments.transfer"),
                    _page("Reversals", "reply", "payments.transferreversal"),
                    _page("Debts", "money_off", "payments.recipientdebt"),
                    _page("Differences", "difference", "payments.reconciliationfinding"),
                    _page("Reconciliation", "sync_alt", "payments.reconciliationrun"),
                    _page("Books", "menu_book", "payments.journalentry"),
                    _page("Webhooks", "webhook", "payments.webhookevent"),
                ],
            },
            {
                "title": "Venue",
                "separator": True,
                "items": [
                    _page("Venues", "stadium", "venues.venue"),
                    _page("Staff", "badge", "venues.venuestaff"),
                    _page("Tax rates", "percent", "venues.taxrate"),
                    _page("Platform fees", "price_check", "venues.feerule"),
                    _page("Audit trail", "history", "audit.auditlog"),
                ],
            },
            {
                "title": "Platform",
                "separator": True,
                "items": [
                    _page("People", "group", "accounts.user"),
                    _page("Signed-in devices", "devices", "accounts.signin"),
                    _page("Vehicles", "directions_car", "parking.vehicle"),
                ],
            },
        ],
    },
}
