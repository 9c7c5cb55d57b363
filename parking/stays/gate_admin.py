"""The console's page of what the gates saw and answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpRequest

from accounts.grants import Permission
from parking.lots.console import DayFilter, LotFilter, PlateSearchMixin
from parking.stays.models import GateEvent
from trufan.lib.console import columns
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin


@admin.register(GateEvent)
class GateEventAdmin(PlateSearchMixin, TenantModelAdmin):
    """Evidence: never changed."""

    venue_lookup = "lot__venue_id"
    view_permission = Permission.RUN_PARKING

    list_display = ["when", "answer", "direction", "plate_shown", "why", "lot", "gate", "stay", "seen_by", "at"]
    list_display_links = ["when"]
    list_filter = [VenueFilter, LotFilter, "direction", "is_open", "reason", DayFilter]
    search_fields = ["session__number__istartswith", "reservation__number__istartswith", "gate__istartswith"]
    search_help_text = "Plate, gate, or the number of the stay or the reservation"
    list_select_related = ["lot", "session", "reservation", "seen_by"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": [("answer", "why"), ("direction", "plate_shown"), ("lot", "gate"), ("stay", "booked"),
                           "due", "override"]}),
        ("When", {"fields": [("when", "seen")]}),
        ("Evidence", {"fields": ["seen_by", "nonce", "code_hash"]}),
    ]  # fmt: skip
    readonly_fields = ["answer", "why", "plate_shown", "stay", "booked", "due", "when", "seen"]

    when = columns.moment("created_at", "recorded")
    seen = columns.moment("seen_at", "by the camera's clock")
    due = columns.money("amount_due", "to be paid", currency="lot.venue.currency")
    at = columns.venue_name()

    @admin.display(description="answer", ordering="is_open")
    def answer(self, row: GateEvent) -> str:
        return answer_label(row)

    @admin.display(description="why", ordering="reason")
    def why(self, row: GateEvent) -> str:
        return why(row)

    @admin.display(description="plate", ordering="plate")
    def plate_shown(self, row: GateEvent) -> str:
        return row.plate or "–"

    @admin.display(description="stay")
    def stay(self, row: GateEvent) -> str:
        return columns.anchor(columns.change_url(row.session), str(row.session)) if row.session else "–"

    @admin.display(description="reservation")
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
    headers = ["when", "direction", "answer", "why", "gate", "by"]
    return Section(title="At the gate", headers=headers, rows=lines, empty="No gate has seen it.")
