"""The console's page of what the gates saw and answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from accounts.grants import Permission
from parking.lots.console import DayFilter, LotFilter, plate_ways
from parking.stays.models import GateEvent
from trufan.lib.console import columns
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.numbers import read_out
from trufan.lib.words import lazy as _


@admin.register(GateEvent)
class GateEventAdmin(IndexedSearchMixin, TenantModelAdmin):
    """Evidence: never changed."""

    venue_lookup = "lot__venue_id"
    view_permission = Permission.RUN_PARKING

    list_display = ["when", "answer", "direction", "plate_shown", "why", "lot", "gate", "stay", "seen_by", "at"]
    list_display_links = ["when"]
    list_filter = [VenueFilter, LotFilter, "direction", "is_open", "reason", DayFilter]
    search_fields = ["plate", "session__number", "reservation__number", "gate"]
    search_help_text = _("Plate, gate, or the number of the stay or the reservation")
    list_select_related = ["lot", "session", "reservation", "seen_by"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": [("answer", "why"), ("direction", "plate_shown"), ("lot", "gate"), ("stay", "booked"),
                           "due", "override"]}),
        (_("When"), {"fields": [("when", "seen")]}),
        (_("Evidence"), {"fields": ["seen_by", "nonce", "code_hash"]}),
    ]  # fmt: skip
    readonly_fields = ["answer", "why", "plate_shown", "stay", "booked", "due", "when", "seen"]

    when = columns.moment("created_at", _("recorded"))
    seen = columns.moment("seen_at", _("by the camera's clock"))
    due = columns.money("amount_due", _("to be paid"), currency="lot.venue.currency")
    at = columns.venue_name()

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        found = plate_ways(typed)
        if number := read_out(typed):
            found += [Q(session__number__startswith=number), Q(reservation__number__startswith=number)]
        return [*found, Q(gate__istartswith=typed, created_at__gte=timezone.now() - timedelta(days=7))]

    @admin.display(description=_("answer"), ordering="is_open")
    def answer(self, row: GateEvent) -> str:
        return answer_label(row)

    @admin.display(description=_("why"), ordering="reason")
    def why(self, row: GateEvent) -> str:
        return why(row)

    @admin.display(description=_("plate"), ordering="plate")
    def plate_shown(self, row: GateEvent) -> str:
        return row.plate or "–"

    @admin.display(description=_("stay"))
    def stay(self, row: GateEvent) -> str:
        return columns.anchor(columns.change_url(row.session), str(row.session)) if row.session else "–"

    @admin.display(description=_("reservation"))
    def booked(self, row: GateEvent) -> str:
        return columns.anchor(columns.change_url(row.reservation), str(row.reservation)) if row.reservation else "–"


def answer_label(row: GateEvent) -> str:
    return columns.label("open" if row.is_open else "refused")


def why(row: GateEvent) -> str:
    """Why it stayed shut; or why somebody opened all the same."""
    said = [columns.words(row.reason)] if row.reason else []
    return ": ".join([*said, row.override] if row.override else said) or "–"


def gate_section(page: TenantModelAdmin, request: HttpRequest, rows: Iterable[GateEvent], zone: ZoneInfo) -> Section:
    """What the gate saw of a stay or a reservation."""
    lines: list[list[Any]] = [
        [
            page.link(request, row, columns.local_time(row.created_at, zone)),
            row.get_direction_display(),
            answer_label(row),
            why(row),
            row.gate or "–",
            str(row.seen_by),
        ]
        for row in rows
    ]
    headers = [gettext("when"), gettext("direction"), gettext("answer"), gettext("why"), gettext("gate"), gettext("by")]
    return Section(title=gettext("At the gate"), headers=headers, rows=lines, empty=gettext("No gate has seen it."))
