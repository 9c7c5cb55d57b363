"""The console's page of exchanges: read-only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from ticketing.exchanges.models import TicketExchange
from trufan.lib.console import columns
from trufan.lib.console.columns import show
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _


@admin.register(TicketExchange)
class TicketExchangeAdmin(HistoryMixin, TenantModelAdmin):
    """Asked for by buyers, or by staff through the API; paid with the new order."""

    venue_lookup = "old_order__venue_id"
    view_permission = Permission.VIEW_ORDERS

    list_display = ["old_number", "new_number", "state", "back_shown", "kept_shown", "asked"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["old_order__number__istartswith", "new_order__number__istartswith"]
    search_help_text = _("Number of the old order or of the new one")
    list_select_related = ["old_order__venue", "new_order"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": [("old_number", "new_number"), "state", ("back_shown", "kept_shown"), "by_buyer", "asked"]})
    ]
    readonly_fields = ["old_number", "new_number", "state", "back_shown", "kept_shown", "by_buyer", "asked"]

    state = columns.badge("status", _("status"))
    asked = columns.moment("created_at", _("asked"))

    @admin.display(description=_("old order"))
    def old_number(self, row: TicketExchange) -> str:
        return row.old_order.number

    @admin.display(description=_("new order"))
    def new_number(self, row: TicketExchange) -> str:
        return row.new_order.number

    @admin.display(description=_("goes back"))
    def back_shown(self, row: TicketExchange) -> str:
        return show(row.expected_back, row.old_order.currency)

    @admin.display(description=_("kept"))
    def kept_shown(self, row: TicketExchange) -> str:
        return show(row.expected_kept, row.old_order.currency)

    def sections(self, request: HttpRequest, row: Any) -> Iterable[Section]:
        yield Section(
            title=gettext("Orders"),
            headers=["", gettext("order"), gettext("status")],
            rows=[
                [gettext("old"), self.link(request, row.old_order), columns.label(row.old_order.status)],
                [gettext("new"), self.link(request, row.new_order), columns.label(row.new_order.status)],
            ],
        )
        yield Section(
            title=gettext("Old tickets"),
            headers=[gettext("ticket"), gettext("status")],
            rows=[[self.link(request, each), columns.label(each.status)] for each in row.tickets.all()],
        )
        yield from history(self, request, row)
