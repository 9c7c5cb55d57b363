"""The console's menu, by job: what a person does stands together, and each entry is shown to whoever may open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

Entry = dict[str, Any]


def navigation() -> list[dict[str, Any]]:
    """Every group, for unfold; groups of which a person may open nothing vanish by themselves."""
    groups = [(title, items()) for title, items in _GROUPS]
    links = [entry["link"] for _title, items in groups for entry in items]
    for _title, items in groups:
        for entry in items:
            entry["active"] = _is_current(entry["link"], links)
    first, *others = [{"title": title, "separator": True, "items": items} for title, items in groups]
    return [{"items": first["items"]}, *others]


def _is_current(link: Any, links: Sequence[Any]) -> Callable[[HttpRequest], bool]:
    """Whether a page belongs to this entry: of all that its address begins with, the longest. The start page is its own
    alone, since every address begins with it."""

    def current(request: HttpRequest) -> bool:
        known: Any = request
        if not hasattr(known, "menu_entry"):
            # Once for all entries: each of these links is an address that is looked up anew whenever it is read.
            known.menu_entry = _longest(request.path, [str(each) for each in links])
        return bool(known.menu_entry) and str(link) == known.menu_entry

    return current


def _longest(here: str, links: Sequence[str]) -> str:
    start = reverse("admin:index")
    return max(
        (each for each in links if here.startswith(each) and (each != start or here == start)), key=len, default=""
    )


def _page(title: Any, icon: str, table: str) -> dict[str, Any]:
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


def _sells_at_the_door(request: HttpRequest) -> bool:
    from ticketing.boxoffice.screens import may_sell

    return may_sell(request.user)


def _works_at_a_door(request: HttpRequest) -> bool:
    from ticketing.door.screens import may_work

    return may_work(request.user)


def _reads_reports(request: HttpRequest) -> bool:
    from reports.screens import may_read

    return may_read(request.user)


def _runs_the_platform(request: HttpRequest) -> bool:
    from trufan.privacy import may_read

    return may_read(request)


def _screen(title: Any, icon: str, name: str, permission: Callable[[HttpRequest], bool]) -> Entry:
    """A menu entry for a screen of its own."""
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}"), "permission": permission}


def _tonight() -> list[Entry]:
    return [{"title": _("Tonight"), "icon": "nightlife", "link": reverse_lazy("admin:index")}]


def _sales() -> list[Entry]:
    return [
        _screen(_("Sell at the door"), "point_of_sale", "ticketing_doorsale_sell", _sells_at_the_door),
        _page(_("Orders"), "receipt_long", "orders.order"),
        _page(_("Events"), "event", "events.event"),
        _page(_("Series"), "event_repeat", "events.eventseries"),
        _page(_("Ticket types"), "sell", "ticketing.tickettype"),
        _page(_("Prices by date and count"), "trending_up", "ticketing.ticketrelease"),
        _page(_("Bundles"), "family_restroom", "ticketing.bundle"),
        _page(_("Unlock codes"), "lock_open", "ticketing.unlockcode"),
        _page(_("Promo codes"), "loyalty", "orders.promocode"),
        _page(_("Waiting list"), "hourglass_top", "ticketing.waitlistentry"),
        _page(_("Waiting rooms"), "groups", "ticketing.waitingroom"),
        _page(_("House holds"), "lock", "ticketing.household"),
        _page(_("Comps"), "redeem", "ticketing.comp"),
        _page(_("Exchanges"), "swap_horiz", "ticketing.ticketexchange"),
        _page(_("Called off"), "event_busy", "orders.calloff"),
        _page(_("Moved"), "update", "orders.eventmove"),
    ]


def _door() -> list[Entry]:
    return [
        _screen(_("Live door"), "door_open", "ticketing_ticket_door", _works_at_a_door),
        _page(_("Tickets"), "confirmation_number", "ticketing.ticket"),
        _page(_("Check-in lists"), "checklist", "ticketing.checkinlist"),
        _page(_("Entry slots"), "more_time", "ticketing.entryslot"),
        _page(_("Questions"), "quiz", "ticketing.question"),
        _page(_("Transfers"), "move_item", "ticketing.tickettransfer"),
        _page(_("Scans"), "qr_code_scanner", "ticketing.scan"),
    ]


def _kitchen() -> list[Entry]:
    return [
        _screen(_("Kitchens"), "skillet", "orders_fulfilment_kitchen", _runs_a_kitchen),
        _page(_("Fulfilments"), "takeout_dining", "orders.fulfilment"),
        _page(_("Outlets"), "storefront", "orders.outlet"),
        _page(_("Products"), "lunch_dining", "orders.product"),
        _page(_("Stock"), "inventory_2", "orders.productvariant"),
        _page(_("Parts of the day"), "schedule", "orders.daypart"),
        _page(_("Ratings"), "star", "orders.orderrating"),
    ]


def _parking() -> list[Entry]:
    return [
        _screen(_("Live board"), "local_parking", "parking_parkinglot_board", _runs_a_lot),
        _screen(_("Valet"), "key", "parking_valetticket_board", _runs_a_lot),
        _page(_("Lots"), "garage", "parking.parkinglot"),
        _page(_("Stays"), "directions_car", "parking.parkingsession"),
        _page(_("Reservations"), "event_available", "parking.parkingreservation"),
        _page(_("Charges"), "toll", "parking.parkingcharge"),
        _page(_("Valet tickets"), "confirmation_number", "parking.valetticket"),
        _page(_("Incidents"), "car_crash", "parking.valetincident"),
        _page(_("Price changes"), "trending_up", "parking.pricechange"),
        _page(_("Gate"), "traffic", "parking.gateevent"),
    ]


def _money() -> list[Entry]:
    return [
        _screen(_("Reports"), "monitoring", "reports_reportschedule_reports", _reads_reports),
        _page(_("Scheduled reports"), "schedule_send", "reports.reportschedule"),
        _page(_("Payments"), "payments", "payments.payment"),
        _page(_("Refunds"), "undo", "payments.refund"),
        _page(_("Disputes"), "gavel", "payments.dispute"),
        _page(_("Door sales"), "point_of_sale", "ticketing.doorsale"),
        _page(_("Tips"), "volunteer_activism", "orders.ordertip"),
        _page(_("Recipients"), "account_balance", "payments.connectedaccount"),
        _page(_("Transfers"), "swap_horiz", "payments.transfer"),
        _page(_("Reversals"), "reply", "payments.transferreversal"),
        _page(_("Debts"), "money_off", "payments.recipientdebt"),
        _page(_("Reconciliation"), "sync_alt", "payments.reconciliationrun"),
        _page(_("Differences"), "difference", "payments.reconciliationfinding"),
        _page(_("Books"), "menu_book", "payments.journalentry"),
    ]


def _venue() -> list[Entry]:
    return [
        _page(_("Venues"), "stadium", "venues.venue"),
        _page(_("Seating plans"), "event_seat", "venues.seatingplan"),
        _page(_("Tax rates"), "percent", "venues.taxrate"),
        _page(_("Platform fees"), "price_check", "venues.feerule"),
        _page(_("Own words"), "edit_note", "notifications.messagetemplate"),
        _page(_("Webhook endpoints"), "webhook", "notifications.webhookendpoint"),
        _page(_("SMS numbers"), "dialpad", "notifications.smsnumber"),
    ]


def _people() -> list[Entry]:
    return [
        _page(_("Staff"), "badge", "venues.venuestaff"),
        _page(_("Accounts"), "group", "accounts.user"),
        _page(_("Messages to many"), "send", "notifications.broadcast"),
        _page(_("Written to us"), "sms", "notifications.inboundmessage"),
        _page(_("Stopped addresses"), "unsubscribe", "notifications.suppression"),
        _page(_("Consents"), "how_to_reg", "notifications.consent"),
        _page(_("Vehicles"), "directions_car", "parking.vehicle"),
        _page(_("Signed-in devices"), "devices", "accounts.signin"),
        _page(_("Console sessions"), "computer", "accounts.consolesession"),
        _page(_("Devices with a key"), "qr_code_scanner", "venues.venuedevice"),
        _page(_("Pushed-to devices"), "phonelink_ring", "notifications.device"),
    ]


def _records() -> list[Entry]:
    return [
        _page(_("Audit trail"), "history", "audit.auditlog"),
        _page(_("Messages"), "mail", "notifications.notification"),
        _page(_("Webhook messages"), "outbox", "notifications.webhookmessage"),
        _page(_("Provider's webhooks"), "webhook", "payments.webhookevent"),
        {
            "title": _("Privacy"),
            "icon": "policy",
            "link": reverse_lazy("console_privacy"),
            "permission": _runs_the_platform,
        },
        {
            "title": _("Switches"),
            "icon": "toggle_on",
            "link": reverse_lazy("console_flags"),
            "permission": _runs_the_platform,
        },
    ]


_GROUPS: list[tuple[Any, Callable[[], list[Entry]]]] = [
    (_("Tonight"), _tonight),
    (_("Sales"), _sales),
    (_("Door"), _door),
    (_("Kitchen"), _kitchen),
    (_("Parking"), _parking),
    (_("Money"), _money),
    (_("Venue"), _venue),
    (_("People"), _people),
    (_("Records"), _records),
]
