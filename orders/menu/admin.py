"""The console's pages of outlets and of the parts of a venue's day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from orders.menu import outlets, writing
from orders.menu.availability import is_open
from orders.menu.models import Daypart, OpeningHours, Outlet
from orders.menu.permissions import RUN
from orders.menu.querysets import hours
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import AmountsForm
from trufan.lib.console.inlines import RuleSavedInline
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _


class OutletForm(AmountsForm):
    """An outlet; its service charge is in percent."""

    rates = ("service_charge_ppm",)

    class Meta:
        model = Outlet
        fields = ["venue", *outlets.FIELDS]
        labels = {"service_charge_ppm": _("Service charge")}

    def currency(self) -> str | None:
        return None


class OpeningHoursInline(RuleSavedInline):
    """When it is open, by the clock of the venue."""

    model = OpeningHours
    verbose_name = _("span")
    verbose_name_plural = _("opening hours, where it is open by the clock")
    can_delete = True

    def create(self, parent: Outlet, by: Any, fields: dict[str, Any]) -> OpeningHours:
        return outlets.add_hours(parent, by, **fields)

    def alter(self, row: OpeningHours, by: Any, fields: dict[str, Any]) -> OpeningHours:
        return outlets.change_hours(row, by, **fields)

    def remove(self, row: OpeningHours, by: Any) -> None:
        writing.remove(row, by)


def _say(status: str) -> Callable[..., Any]:
    def run(outlet: Outlet, *, by: Any, now: datetime) -> Outlet:
        return outlets.set_status(outlet, by, status)

    return run


def _status_button(status: str, label: str, icon: str, consequence: str, done: str) -> RowButton:
    return RowButton(
        name=status,
        label=label,
        permission=RUN,
        run=_say(status),
        consequence=consequence,
        done=done,
        available=lambda outlet: outlet.status != status,
        icon=icon,
        is_destructive=status == Outlet.Status.CLOSED,
    )


@admin.register(Outlet)
class OutletAdmin(HistoryMixin, RuleSavedAdmin):
    """Stands, bars and shops; closed by a button rather than deleted."""

    form = OutletForm
    venue_lookup = "venue_id"
    view_permission = RUN
    change_permission = Permission.MANAGE_MENU
    can_add = True
    readers_see = {"service_charge_ppm": "charge"}

    list_display = ["name", "venue", "kind_label", "state", "open_now", "location", "is_active", "kitchen", "touch"]
    list_filter = [VenueFilter, "status", "kind", "is_active"]
    search_fields = ["name__icontains", "location__icontains"]
    list_select_related = ["venue"]
    ordering = ["venue__name", "position", "name"]
    inlines = [OpeningHoursInline]
    fieldsets = [
        (None, {"fields": ["venue", ("name", "kind"), "description", "location", ("position", "is_active")]}),
        (_("When and how fast"), {"fields": ["hours", ("prep_seconds", "makes_at_once", "busy_seconds")]}),
        (_("How"), {"fields": [("offers_pickup", "offers_seat_delivery"), "service_charge_ppm", "connected_account"]}),
    ]
    buttons = [
        _status_button(
            "open", _("Open"), "storefront", _("{row} takes orders, within its hours."), _("{row} is open.")
        ),
        _status_button(
            "busy",
            _("Busy"),
            "hourglass_top",
            _("{row} takes orders and tells everyone that they take longer."),
            _("{row} is busy."),
        ),
        _status_button(
            "closed",
            _("Close"),
            "block",
            _("{row} takes no more orders until somebody opens it."),
            _("{row} is closed."),
        ),
    ]
    touches = ["open", "busy", "closed"]

    kind_label = columns.badge("kind", _("kind"), {})
    state = columns.badge("status", _("staff say"))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related(*hours(timezone.now()))

    @admin.display(description=_("open now"), boolean=True)
    def open_now(self, row: Outlet) -> bool:
        return is_open(row, timezone.now())

    @admin.display(description=_("kitchen"))
    def kitchen(self, row: Outlet) -> SafeString | str:
        """Its screen, for as long as it is in use."""
        if not row.is_active:
            return "–"
        address = reverse("admin:orders_fulfilment_kitchen_board", args=[row.pk])
        return columns.anchor(address, gettext("Orders"))

    @admin.display(description=_("service charge"))
    def charge(self, row: Outlet) -> str:
        return f"{row.service_charge_ppm / 10_000:g} %"

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["venue"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> Outlet:
        return outlets.create(fields.pop("venue"), by, **fields)

    def alter(self, row: Outlet, by: Any, fields: dict[str, Any]) -> Outlet:
        return outlets.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: Outlet) -> Iterable[Section]:
        products = list(row.products.filter(is_active=True))
        for product in products:
            product.outlet = row
        yield Section(
            title=gettext("What it sells"),
            headers=[gettext("product"), gettext("heading"), gettext("sold out")],
            rows=[
                [self.link(request, product), product.category or "–", "sold out" if product.is_sold_out else "–"]
                for product in products
            ],
            empty=gettext("Nothing yet. Add it under Products."),
        )
        yield from history(self, request, row)


@admin.register(Daypart)
class DaypartAdmin(HistoryMixin, RuleSavedAdmin):
    """Breakfast, lunch, late night: what products can be limited to."""

    venue_lookup = "venue_id"
    view_permission = RUN
    change_permission = Permission.MANAGE_MENU
    can_add = True

    list_display = ["name", "venue", "starts_at", "ends_at"]
    list_filter = [VenueFilter]
    search_fields = ["name__icontains"]
    list_select_related = ["venue"]
    ordering = ["venue__name", "starts_at", "name"]
    fields = ["venue", "name", ("starts_at", "ends_at")]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["venue"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> Daypart:
        return outlets.add_daypart(fields.pop("venue"), by, **fields)

    def alter(self, row: Daypart, by: Any, fields: dict[str, Any]) -> Daypart:
        return outlets.change_daypart(row, by, **fields)
