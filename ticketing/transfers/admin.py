"""The console's page of tickets that change hands."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin
from ticketing.transfers import offering
from ticketing.transfers.models import TicketTransfer
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _


@admin.register(TicketTransfer)
class TicketTransferAdmin(HistoryMixin, TenantModelAdmin):
    """Who offered which ticket to whom, and what became of it."""

    venue_lookup = "ticket__event__venue_id"
    view_permission = Permission.VIEW_ORDERS

    list_display = ["ticket", "state", "event", "from_name", "recipient", "offered", "expires", "at"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["ticket__number__istartswith", "to_email__istartswith", "to_phone__istartswith"]
    search_help_text = _("Ticket number, or the recipient's address or number, from their beginning")
    list_select_related = ["ticket__event__venue"]
    ordering = ["-created_at", "id"]
    fieldsets = [
        (None, {"fields": [("ticket", "state"), ("event", "at"), ("from_name", "recipient"), "message"]}),
        (_("When"), {"fields": [("offered", "expires"), ("decided", "accepted_by")]}),
    ]
    readonly_fields = ["state", "event", "recipient", "offered", "expires", "decided", "at"]
    buttons = [
        RowButton(
            name="withdraw",
            label=_("Take back"),
            permission=Permission.MANAGE_EVENTS,
            run=offering.withdraw,
            consequence=lambda row: gettext(
                "The offer of ticket {ticket} to {to} ends: the link in their message leads nowhere, "
                "and the ticket stays with its holder."
            ).format(ticket=row.ticket, to=row.to),
            done=_("The offer {row} is taken back."),
            available=lambda row: row.is_open(timezone.now()),
            icon="undo",
            is_destructive=True,
        )
    ]

    state = columns.badge("status", _("status"))
    offered = columns.moment("created_at", _("offered"))
    expires = columns.moment("expires_at", _("until"))
    decided = columns.moment("decided_at", _("decided"))
    at = columns.venue_name()

    @admin.display(description=_("event"))
    def event(self, row: TicketTransfer) -> Any:
        return row.ticket.event.name

    @admin.display(description=_("to"))
    def recipient(self, row: TicketTransfer) -> str:
        return row.to
