"""The console's pages of scans and of check-in lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from ticketing.door import lists, reasons
from ticketing.door.forms import GatesField
from ticketing.models import CheckInList, Scan
from trufan.lib.console import columns
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import RuleForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.numbers import read_out
from trufan.lib.words import lazy as _


@admin.register(Scan)
class ScanAdmin(IndexedSearchMixin, TenantModelAdmin):
    """What each scanner saw and was told."""

    venue_lookup = "venue_id"
    view_permission = Permission.CHECK_IN

    list_display = ["when", "result_label", "why", "ticket", "event", "gate", "direction", "method", "scanned_by", "at"]
    list_display_links = ["when"]
    list_filter = [VenueFilter, "result", "reason", "conflict", "direction", "method", "is_offline"]
    search_fields = ["ticket__number", "gate"]
    search_help_text = _("Ticket number, or a gate within the last seven days")
    list_select_related = ["ticket", "event", "scanned_by"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": [("result_label", "why"), ("ticket", "event"), ("gate", "direction"), "checkin_list"]}),
        (_("How"), {"fields": [("method", "scanned_by"), ("is_offline", "device"), "at"]}),
        (_("When"), {"fields": [("when", "seen")]}),
        (_("Evidence"), {"fields": ["nonce", ("code_hash", "code_version"), ("previous_scan", "taken_back")]}),
    ]
    readonly_fields = ["result_label", "why", "at", "when", "seen", "previous_scan", "taken_back"]

    result_label = columns.badge("result", _("result"))
    when = columns.moment("created_at", _("recorded"))
    seen = columns.moment("scanned_at", _("by the scanner's clock"))
    at = columns.venue_name()

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        number = read_out(typed)
        at = Q(gate__istartswith=typed, created_at__gte=timezone.now() - timedelta(days=7))
        return [Q(ticket__number__startswith=number), at] if number else [at]

    @admin.display(description=_("why"), ordering="reason")
    def why(self, row: Scan) -> str:
        return str(reasons.CONFLICTS[Scan.Conflict(row.conflict)]) if row.conflict else columns.words(row.reason)

    @admin.display(description=_("let in before by"))
    def previous_scan(self, row: Scan) -> str:
        return columns.anchor(columns.change_url(row.previous), str(row.previous)) if row.previous else "–"

    @admin.display(description=_("takes back"))
    def taken_back(self, row: Scan) -> str:
        return columns.anchor(columns.change_url(row.undoes), str(row.undoes)) if row.undoes else "–"


class CheckInListForm(RuleForm):
    """A list; its ticket types are of its own event."""

    gates = GatesField()

    class Meta:
        model = CheckInList
        fields = ["event", "name", "gates", "ticket_types", "is_active"]


@admin.register(CheckInList)
class CheckInListAdmin(HistoryMixin, RuleSavedAdmin):
    """Which tickets one kind of door lets in."""

    form = CheckInListForm
    venue_lookup = "event__venue_id"
    view_permission = (Permission.CHECK_IN, Permission.MANAGE_EVENTS)
    change_permission = Permission.MANAGE_EVENTS
    can_add = True

    list_display = ["name", "event", "gates_shown", "is_active", "at"]
    list_filter = [VenueFilter, "is_active"]
    search_fields = ["name__icontains", "event__name__icontains"]
    list_select_related = ["event__venue"]
    autocomplete_fields = ["event", "ticket_types"]
    ordering = ["-event__starts_at", "name"]
    readers_see = {"gates": "gates_shown"}
    fieldsets = [(None, {"fields": ["event", "name", "gates", "ticket_types", "is_active"]})]

    at = columns.venue_name()

    @admin.display(description=_("gates"))
    def gates_shown(self, row: CheckInList) -> str:
        return ", ".join(row.gates) or gettext("all")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["event"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> CheckInList:
        return lists.create(fields.pop("event"), by, **fields)

    def alter(self, row: CheckInList, by: Any, fields: dict[str, Any]) -> CheckInList:
        return lists.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: CheckInList) -> Iterable[Section]:
        yield from history(self, request, row)
