"""The console's pages of ticket types, tickets and scans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events.models import Event
from ticketing import checkin, seating, ticket_types
from ticketing.models import Scan, Ticket, TicketType
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import AmountsForm, Answers, ReasonForm, VenueTimesForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin


class TicketTypeForm(AmountsForm, VenueTimesForm):
    """The price is in the currency of the event's venue, the sales window by its clock."""

    amounts = ("price",)
    ruled = frozenset({"sales_start", "sales_end", "min_per_order", "max_per_order"})

    class Meta:
        model = TicketType
        fields = [
            "event", "name", "description", "price", "quantity", "sales_start", "sales_end", "min_per_order",
            "max_per_order", "visibility", "position",
        ]  # fmt: skip

    def _event(self) -> Event | None:
        chosen: Event | None = getattr(self, "cleaned_data", {}).get("event")
        return chosen or (self.instance.event if self.instance.event_id else None)

    def venue_zone(self) -> ZoneInfo | None:
        event = self._event()
        return event.venue.zone if event else None

    def currency(self) -> str | None:
        event = self._event()
        return event.venue.currency if event else None


@admin.register(TicketType)
class TicketTypeAdmin(HistoryMixin, RuleSavedAdmin):
    """What kinds of ticket an event sells; the rules keep them within its capacity."""

    form = TicketTypeForm
    venue_lookup = "event__venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS
    can_add = True
    readers_see = {"price": "price_shown"}

    list_display = ["name", "event", "price_shown", "sold", "held", "quantity", "visibility_label", "at"]
    list_filter = [VenueFilter, "visibility", "event__status"]
    search_fields = ["name__icontains", "event__name__icontains"]
    list_select_related = ["event__venue"]
    autocomplete_fields = ["event"]
    ordering = ["-event__starts_at", "position", "name"]
    fieldsets = [
        (None, {"fields": ["event", "name", "description", ("price", "quantity"), "stock"]}),
        (
            "When it is sold",
            {"fields": ["sales_start", "sales_end"], "description": "By the clock of the venue. Empty: no limit."},
        ),
        ("Limits", {"fields": [("min_per_order", "max_per_order"), ("visibility", "position")]}),
    ]

    price_shown = columns.money("price", "price", currency="event.venue.currency")
    visibility_label = columns.badge("visibility", "shown")
    at = columns.venue_name()

    @admin.display(description="stock")
    def stock(self, row: TicketType) -> str:
        return f"{row.sold} sold, {row.held} held in carts, {row.left} left"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        head, *rest = super().get_fieldsets(request, obj)
        fields = [name for name in head[1]["fields"] if obj is not None or name != "stock"]
        return [(None, {"fields": fields}), *rest]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["event", "stock"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> TicketType:
        return ticket_types.create(fields.pop("event"), by, **fields)

    def alter(self, row: TicketType, by: Any, fields: dict[str, Any]) -> TicketType:
        return ticket_types.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: TicketType) -> Iterable[Section]:
        yield from history(self, request, row)


class SeatAnswers(Answers):
    """Which seat to give."""

    seat = forms.CharField(
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Such as A-12. Empty: no particular seat.",
    )


@admin.register(Ticket)
class TicketAdmin(HistoryMixin, TenantModelAdmin):
    """Tickets as the door sees them."""

    venue_lookup = "event__venue_id"
    view_permission = (Permission.VIEW_ORDERS, Permission.CHECK_IN)

    list_display = ["number", "state", "holder_name", "event", "ticket_type", "seat", "used", "at"]
    list_filter = [VenueFilter, "status", ("frozen_at", admin.EmptyFieldListFilter)]
    search_fields = ["number__istartswith", "holder_name__icontains", "seat__iexact", "order__number__istartswith"]
    search_help_text = "Ticket or order number, name of the holder, or seat"
    list_select_related = ["event", "ticket_type"]
    ordering = ["-created_at", "ordinal", "id"]
    fieldsets = [
        (None, {"fields": [("number", "state"), ("event", "ticket_type"), ("holder_name", "seat_label")]}),
        ("At the door", {"fields": [("doors", "starts"), ("used", "used_gate"), "frozen"]}),
    ]
    readonly_fields = ["state", "seat_label", "doors", "starts", "used", "frozen"]
    buttons = [
        RowButton(
            name="check-in",
            label="Check in",
            permission=Permission.CHECK_IN,
            run=checkin.admit,
            consequence=lambda ticket: (
                f"Ticket {ticket} of {ticket.holder_name or 'an unnamed holder'} for {ticket.event.name} is used up "
                "now, as if its code had been scanned. Let the holder in."
            ),
            done="Ticket {row} is checked in.",
            available=lambda ticket: ticket.status == Ticket.Status.VALID and ticket.frozen_at is None,
            icon="how_to_reg",
        ),
        RowButton(
            name="undo-check-in",
            label="Undo check-in",
            permission=Permission.CHECK_IN,
            run=checkin.undo,
            consequence="Ticket {row} becomes valid again: whoever holds its code can get in once more.",
            done="Ticket {row} is valid again.",
            available=lambda ticket: ticket.status == Ticket.Status.USED,
            form=ReasonForm,
            icon="undo",
            is_destructive=True,
        ),
        RowButton(
            name="seat",
            label="Assign seat",
            permission=Permission.MANAGE_EVENTS,
            run=seating.assign,
            consequence=lambda ticket: f"Ticket {ticket} now has {ticket.seat or 'no particular seat'}.",
            done="The seat of ticket {row} is settled.",
            available=lambda ticket: ticket.status in (Ticket.Status.VALID, Ticket.Status.USED),
            form=SeatAnswers,
            icon="event_seat",
        ),
    ]

    state = columns.badge("status", "status")
    used = columns.moment("used_at", "used")
    frozen = columns.moment("frozen_at", "admits nobody, being disputed, since")
    doors = columns.moment("event.doors_at", "doors")
    starts = columns.moment("event.starts_at", "starts")
    at = columns.venue_name()

    @admin.display(description="seat")
    def seat_label(self, row: Ticket) -> str:
        return row.seat or "no particular seat"

    def sections(self, request: HttpRequest, row: Ticket) -> Iterable[Section]:
        yield Section(
            title="Order",
            headers=["order", "status"],
            rows=[[self.link(request, row.order), columns.label(row.order.status)]],
        )
        yield Section(
            title="Scans",
            headers=["scan", "why", "gate", "by", "when"],
            rows=[
                [
                    self.link(request, scan, scan.get_result_display()),
                    columns.words(scan.reason),
                    scan.gate or "–",
                    str(scan.scanned_by),
                    columns.local_time(scan.created_at, columns.zone_of(row)),
                ]
                for scan in row.scans.select_related("scanned_by")[:20]
            ],
            empty="Nobody has scanned this ticket yet.",
        )
        yield from history(self, request, row)


@admin.register(Scan)
class ScanAdmin(TenantModelAdmin):
    """What each scanner saw and was told."""

    venue_lookup = "venue_id"
    view_permission = Permission.CHECK_IN

    list_display = ["when", "result_label", "why", "ticket", "event", "gate", "method", "scanned_by", "at"]
    list_display_links = ["when"]
    list_filter = [VenueFilter, "result", "reason", "method"]
    search_fields = ["ticket__number__istartswith", "gate__istartswith"]
    search_help_text = "Ticket number or gate, from their beginning"
    list_select_related = ["ticket", "event", "scanned_by"]
    ordering = ["-created_at"]
    fieldsets = [
        (None, {"fields": [("result_label", "why"), ("ticket", "event"), ("gate", "method"), "scanned_by", "at"]}),
        ("When", {"fields": [("when", "seen")]}),
        ("Evidence", {"fields": ["nonce", "code_hash", "previous_scan"]}),
    ]
    readonly_fields = ["result_label", "why", "at", "when", "seen", "previous_scan"]

    result_label = columns.badge("result", "result")
    when = columns.moment("created_at", "recorded")
    seen = columns.moment("scanned_at", "by the scanner's clock")
    at = columns.venue_name()

    @admin.display(description="why", ordering="reason")
    def why(self, row: Scan) -> str:
        return columns.words(row.reason)

    @admin.display(description="let in before by")
    def previous_scan(self, row: Scan) -> str:
        return columns.anchor(columns.change_url(row.previous), str(row.previous)) if row.previous else "–"
