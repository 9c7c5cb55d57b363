"""The console's page of the waiting list."""

from __future__ import annotations

from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin
from ticketing.waitlist import line
from ticketing.waitlist.models import WaitlistEntry
from ticketing.waitlist.querysets import WaitlistEntryQuerySet
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _


@admin.register(WaitlistEntry)
class WaitlistEntryAdmin(HistoryMixin, TenantModelAdmin):
    """Who waits for which tickets, in which order, and what became of it."""

    venue_lookup = "ticket_type__event__venue_id"
    view_permission = Permission.VIEW_ORDERS

    list_display = ["ticket_type", "event", "state", "place", "quantity", "person", "joined", "at"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["ticket_type__name__icontains", "ticket_type__event__name__icontains", "user__email__istartswith"]
    search_help_text = _("Ticket type or event, or the person's e-mail address from its beginning")
    list_select_related = ["ticket_type__event__venue", "user", "order"]
    ordering = ["-created_at", "id"]
    fieldsets = [
        (None, {"fields": [("ticket_type", "event"), ("state", "place"), ("quantity", "person"), "order"]}),
        (_("When"), {"fields": [("joined", "offered", "ended"), "at"]}),
    ]
    readonly_fields = ["event", "state", "place", "person", "joined", "offered", "ended", "at"]
    buttons = [
        RowButton(
            name="remove",
            label=_("Take out of the line"),
            permission=Permission.MANAGE_EVENTS,
            run=line.leave,
            consequence=lambda row: gettext("{user} loses place {position} in the line for {ticket_type}.").format(
                user=row.user, position=row.position, ticket_type=row.ticket_type
            ),
            done=_("{row}: they no longer wait."),
            available=lambda row: row.status == WaitlistEntry.Status.WAITING,
            icon="person_remove",
            is_destructive=True,
        )
    ]

    state = columns.badge("status", _("status"))
    joined = columns.moment("created_at", _("joined"))
    offered = columns.moment("offered_at", _("offered"))
    ended = columns.moment("ended_at", _("ended"))
    at = columns.venue_name()

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitlistEntry]:
        return cast("WaitlistEntryQuerySet", super().get_queryset(request)).with_position()

    @admin.display(description=_("event"))
    def event(self, row: WaitlistEntry) -> str:
        return row.ticket_type.event.name

    @admin.display(description=_("place"))
    def place(self, row: WaitlistEntry) -> str:
        return str(row.position) if row.status == WaitlistEntry.Status.WAITING else "–"

    @admin.display(description=_("who"))
    def person(self, row: WaitlistEntry) -> str:
        return row.user.email
