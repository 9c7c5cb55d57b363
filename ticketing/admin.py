"""The console's pages of ticket types, tickets and scans."""

from __future__ import annotations

from collections.abc import Iterable
from functools import update_wrapper
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events.models import Event
from ticketing import finding, seating, ticket_types
from ticketing.attendees import console as attendees
from ticketing.attendees.admin import QuestionAdmin as QuestionAdmin
from ticketing.boxoffice.admin import GIVE, KEEP
from ticketing.boxoffice.admin import CompAdmin as CompAdmin
from ticketing.boxoffice.admin import DoorSaleAdmin as DoorSaleAdmin
from ticketing.boxoffice.admin import HouseHoldAdmin as HouseHoldAdmin
from ticketing.door import checkin, order_console, screens
from ticketing.door.admin import CheckInListAdmin as CheckInListAdmin
from ticketing.door.admin import ScanAdmin as ScanAdmin
from ticketing.door.forms import GatesField
from ticketing.exchanges.admin import TicketExchangeAdmin as TicketExchangeAdmin
from ticketing.models import Ticket, TicketType
from ticketing.pricing.admin import BundleAdmin as BundleAdmin
from ticketing.pricing.admin import TicketReleaseAdmin as TicketReleaseAdmin
from ticketing.pricing.admin import UnlockCodeAdmin as UnlockCodeAdmin
from ticketing.pricing.admin import prices_of
from ticketing.scanner import console as scanner_console
from ticketing.seats import console as seats_console
from ticketing.seats.console import SeatPictureMixin
from ticketing.slots.admin import EntrySlotAdmin as EntrySlotAdmin
from ticketing.transfers.admin import TicketTransferAdmin as TicketTransferAdmin
from ticketing.waitingroom.admin import WaitingRoomAdmin as WaitingRoomAdmin
from ticketing.waitlist.admin import WaitlistEntryAdmin as WaitlistEntryAdmin
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import AmountsForm, Answers, ReasonForm, VenueTimesForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

scanner_console.connect()
seats_console.connect()
order_console.connect()


class TicketTypeForm(AmountsForm, VenueTimesForm):
    """The price is in the currency of the event's venue, the sales window by its clock."""

    amounts = ("price", "min_price")
    optional = ("min_price",)
    ruled = frozenset({"sales_start", "sales_end", "min_per_order", "max_per_order", "max_per_person", "min_price"})
    gates = GatesField()

    class Meta:
        model = TicketType
        fields = [
            "event", "name", "description", "price", "quantity", "sales_start", "sales_end", "min_per_order",
            "max_per_order", "visibility", "position", "needs_slot", "max_per_person", "min_price", "addon_of", "gates",
        ]  # fmt: skip
        labels = {"min_price": _("Least price"), "addon_of": _("Sold on top of")}

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
class TicketTypeAdmin(SeatPictureMixin, HistoryMixin, RuleSavedAdmin):
    """What kinds of ticket an event sells; the rules keep them within its capacity."""

    form = TicketTypeForm
    venue_lookup = "event__venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS
    can_add = True
    readers_see = {"price": "price_shown", "min_price": "min_price_shown"}

    list_display = ["name", "event", "price_shown", "sold", "held", "quantity", "visibility_label", "at"]
    list_filter = [VenueFilter, "visibility", "event__status"]
    search_fields = ["name__icontains", "event__name__icontains"]
    list_select_related = ["event__venue"]
    autocomplete_fields = ["event", "addon_of"]
    ordering = ["-event__starts_at", "position", "name"]
    fieldsets = [
        (None, {"fields": ["event", "name", "description", ("price", "quantity"), "stock"]}),
        (
            _("When it is sold"),
            {"fields": ["sales_start", "sales_end"], "description": _("By the clock of the venue. Empty: no limit.")},
        ),
        (
            _("Limits"),
            {
                "fields": [
                    ("min_per_order", "max_per_order", "max_per_person"),
                    ("visibility", "position"),
                    ("needs_slot", "gates"),
                ]
            },
        ),
        (
            _("Price and company"),
            {
                "fields": [("min_price", "addon_of")],
                "description": _(
                    "With a least price buyers name what they give, and the price is suggested. What is "
                    "sold on top of others is sold to who has, or buys with it, one of those."
                ),
            },
        ),
    ]
    buttons = [GIVE, KEEP]

    price_shown = columns.money("price", _("price"), currency="event.venue.currency")
    min_price_shown = columns.money("min_price", _("least price"), currency="event.venue.currency")
    visibility_label = columns.badge("visibility", _("shown"))
    at = columns.venue_name()

    @admin.display(description=_("stock"))
    def stock(self, row: TicketType) -> str:
        line = f"; {row.waiting} waited for, {row.set_aside} set aside for them" if row.waiting else ""
        house = f", {row.house} kept for the house" if row.house else ""
        return gettext("{sold} sold, {held} held in carts{house}, {left} left{line}").format(
            sold=row.sold, held=row.held, house=house, left=row.left, line=line
        )

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
        yield prices_of(self, request, row)
        yield from history(self, request, row)


class SeatAnswers(Answers):
    """Which seat to give."""

    seat = forms.CharField(
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Such as A-12. Empty: no particular seat."),
    )


@admin.register(Ticket)
class TicketAdmin(IndexedSearchMixin, HistoryMixin, TenantModelAdmin):
    """Tickets as the door sees them."""

    venue_lookup = "event__venue_id"
    view_permission = (Permission.VIEW_ORDERS, Permission.CHECK_IN)

    list_display = ["number", "state", "holder_name", "event", "ticket_type", "seat", "used", "at"]
    list_filter = [VenueFilter, "status", ("frozen_at", admin.EmptyFieldListFilter)]
    search_fields = ["number", "holder_name", "seat", "order__number"]
    search_help_text = _("Ticket or order number; at events that are near also the holder’s name or the seat")
    list_select_related = ["event__venue", "ticket_type", "order", "holder", "slot", "attendee"]
    ordering = ["-created_at", "ordinal", "id"]
    fieldsets = [
        (None, {"fields": [("number", "state"), ("event", "ticket_type"), ("holder_name", "seat_label"), "entry"]}),
        (_("At the door"), {"fields": [("doors", "starts"), ("used", "used_gate"), ("inside", "entries"), "frozen"]}),
    ]
    readonly_fields = ["state", "seat_label", "entry", "doors", "starts", "used", "inside", "entries", "frozen"]
    buttons = [
        RowButton(
            name="check-in",
            label=_("Check in"),
            permission=Permission.CHECK_IN,
            run=checkin.admit,
            consequence=lambda ticket: gettext(
                "Ticket {ticket} of {holder_name} for {event} is used up now, as if its code had "
                "been scanned. Let the holder in."
            ).format(ticket=ticket, holder_name=ticket.holder_name or "an unnamed holder", event=ticket.event.name),
            done=_("Ticket {row} is checked in."),
            available=lambda ticket: ticket.status == Ticket.Status.VALID and ticket.frozen_at is None,
            icon="how_to_reg",
        ),
        RowButton(
            name="let-out",
            label=_("Count out"),
            permission=Permission.CHECK_IN,
            run=checkin.let_out,
            consequence=_("Whoever came in with ticket {row} has left. Whether they get in again is the event's rule."),
            done=_("Ticket {row} is counted out."),
            available=lambda ticket: ticket.inside,
            icon="logout",
        ),
        RowButton(
            name="undo-check-in",
            label=_("Undo check-in"),
            permission=Permission.CHECK_IN,
            run=checkin.undo,
            consequence=_(
                "What was last done with ticket {row} at a door, in or out, counts as if it had not "
                "been. Taken back its only entry, it is valid again: whoever holds its code can get "
                "in once more."
            ),
            done=_("Ticket {row} is valid again."),
            available=lambda ticket: ticket.status == Ticket.Status.USED,
            form=ReasonForm,
            icon="undo",
            is_destructive=True,
        ),
        RowButton(
            name="seat",
            label=_("Assign seat"),
            permission=Permission.MANAGE_EVENTS,
            run=seating.assign,
            consequence=lambda ticket: gettext("Ticket {ticket} now has {seat}.").format(
                ticket=ticket, seat=ticket.seat or "no particular seat"
            ),
            done=_("The seat of ticket {row} is settled."),
            available=lambda ticket: ticket.status in (Ticket.Status.VALID, Ticket.Status.USED),
            form=SeatAnswers,
            icon="event_seat",
        ),
        attendees.BUTTON,
    ]

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        return finding.ways(request, typed, in_list=True)

    state = columns.badge("status", _("status"))
    used = columns.moment("used_at", _("used"))
    frozen = columns.moment("frozen_at", _("admits nobody, being disputed, since"))
    doors = columns.moment("event.doors_at", _("doors"))
    starts = columns.moment("event.starts_at", _("starts"))
    at = columns.venue_name()

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: screens.View) -> screens.View:
            def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                return self.admin_site.admin_view(view)(request, *args, **kwargs)

            return update_wrapper(guarded, view)

        return [*screens.urls(wrap), *super().get_urls()]

    @admin.display(description=_("seat"))
    def seat_label(self, row: Ticket) -> str:
        return row.seat or gettext("no particular seat")

    @admin.display(description=_("entry slot"))
    def entry(self, row: Ticket) -> str:
        return columns.local_time(row.slot.starts_at, columns.zone_of(row)) if row.slot else gettext("any time")

    def sections(self, request: HttpRequest, row: Ticket) -> Iterable[Section]:
        yield from attendees.sections(row)
        yield Section(
            title=gettext("Order"),
            headers=[gettext("order"), gettext("status")],
            rows=[[self.link(request, row.order), columns.label(row.order.status)]],
        )
        yield Section(
            title=gettext("Changed hands"),
            headers=[gettext("offer"), gettext("from"), gettext("to"), gettext("when")],
            rows=[
                [
                    self.link(request, offer, offer.get_status_display()),
                    offer.from_name or "–",
                    offer.to,
                    columns.local_time(offer.created_at, columns.zone_of(row)),
                ]
                for offer in row.transfers.all()[:20]
            ],
            empty=gettext("It was offered to nobody."),
        )
        yield Section(
            title=gettext("Scans"),
            headers=[gettext("scan"), gettext("why"), gettext("gate"), gettext("by"), gettext("when")],
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
            empty=gettext("Nobody has scanned this ticket yet."),
        )
        yield from history(self, request, row)
