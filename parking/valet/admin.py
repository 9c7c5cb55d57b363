"""The console's pages of valet tickets and incidents, and the way to the valet's board."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial, update_wrapper
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from parking.valet import moves, pins, screens
from parking.valet.models import ValetIncident, ValetTicket
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.columns import anchor
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import ReasonForm
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

Status = ValetTicket.Status


@admin.register(ValetTicket)
class ValetTicketAdmin(HistoryMixin, TenantModelAdmin):
    """Cars that were handed over; attendants work at the board, and look things up here."""

    venue_lookup = "lot__venue_id"
    view_permission = (Permission.RUN_PARKING, Permission.MANAGE_PARKING)

    list_display = ["number_shown", "state", "lot", "plate", "vehicle", "place", "taken", "wanted", "ended"]
    list_display_links = ["number_shown"]
    list_filter = [VenueFilter, "status"]
    search_fields = ["=number", "vehicle__icontains", "session__plate__istartswith", "place__istartswith"]
    search_help_text = _("Number, car, plate or where it stands")
    list_select_related = ["lot__venue", "session"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": [("number_shown", "state"), ("lot", "stay"), ("plate", "vehicle"), "notes",
                           ("place", "key_tag"), "board"]}),
        (_("When"), {"fields": [("taken", "parked"), ("requested", "wanted"), ("made_ready", "ended"), "taken_by"]}),
    ]  # fmt: skip
    readonly_fields = [
        "number_shown", "state", "stay", "plate", "board", "taken", "parked", "requested", "wanted", "made_ready",
        "ended",
    ]  # fmt: skip
    buttons = [
        RowButton(
            name="hand-over",
            label=_("Hand over without PIN"),
            permission=Permission.RUN_PARKING,
            run=partial(moves.hand_over, unpaid=True),
            consequence=_(
                "{row} goes to who stands there, without the PIN and whether or not it is paid. Your reason is kept."
            ),
            done=_("{row} is handed over."),
            available=lambda row: row.can_move(Status.HANDED_OVER),
            form=ReasonForm,
            icon="key",
            is_destructive=True,
        ),
        RowButton(
            name="reset-pin",
            label=_("Let the PIN be tried again"),
            permission=Permission.RUN_PARKING,
            run=moves.reset_pin,
            consequence=_("The PIN of {row} was wrong too often. It can be tried again."),
            done=_("The PIN of {row} can be tried again."),
            available=lambda row: row.wrong_pins >= pins.MOST_WRONG,
            icon="lock_open",
        ),
    ]

    state = columns.badge("status", _("status"))
    taken = columns.moment("created_at", _("taken"))
    parked = columns.moment("parked_at", _("parked"))
    requested = columns.moment("requested_at", _("asked for"))
    wanted = columns.moment("wanted_at", _("wanted for"))
    made_ready = columns.moment("ready_at", _("ready"))
    ended = columns.moment("ended_at", _("handed over"))

    @admin.display(description=_("number"), ordering="number")
    def number_shown(self, row: ValetTicket) -> int:
        return row.number

    @admin.display(description=_("plate"))
    def plate(self, row: ValetTicket) -> str:
        return row.session.plate or "–"

    @admin.display(description=_("stay"))
    def stay(self, row: ValetTicket) -> str:
        return anchor(columns.change_url(row.session), row.session.number)

    @admin.display(description=_("board"))
    def board(self, row: ValetTicket) -> str:
        return anchor(screens.sheet_url(row), gettext("Open it at the board"))

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Any) -> Any:
            def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
                return self.admin_site.admin_view(view)(*args, **kwargs)

            return update_wrapper(wrapped, view)

        return [*screens.urls(wrap), *super().get_urls()]

    def sections(self, request: HttpRequest, row: ValetTicket) -> Iterable[Section]:
        zone = row.lot.zone
        yield Section(
            title=gettext("Incidents"),
            headers=[gettext("when"), gettext("what"), gettext("reported by")],
            rows=[
                [columns.local_time(each.happened_at, zone), each.words, str(each.reported_by)]
                for each in row.incidents.select_related("reported_by")
            ],
            empty=gettext("None."),
        )
        yield Section(
            title=gettext("Pictures"),
            headers=[gettext("when"), gettext("what it shows"), gettext("picture")],
            rows=[
                [
                    columns.local_time(each.created_at, zone),
                    each.words or "–",
                    anchor(screens.photo_url(each), gettext("Open")),
                ]
                for each in row.photos.select_related("ticket")
            ],
            empty=gettext("None were taken."),
        )
        yield from history(self, request, row)


@admin.register(ValetIncident)
class ValetIncidentAdmin(TenantModelAdmin):
    """What happened to cars in our hands, read-only."""

    venue_lookup = "ticket__lot__venue_id"
    view_permission = (Permission.RUN_PARKING, Permission.MANAGE_PARKING)

    list_display = ["happened", "lot", "car", "short"]
    list_filter = [VenueFilter]
    search_fields = ["words__icontains", "ticket__vehicle__icontains"]
    list_select_related = ["ticket__lot__venue"]
    ordering = ["-happened_at", "-id"]
    fields = ["happened", "lot", "car", "words", "reported_by"]
    readonly_fields = ["happened", "lot", "car"]

    happened = columns.moment("happened_at", _("when"))

    @admin.display(description=_("lot"))
    def lot(self, row: ValetIncident) -> str:
        return row.ticket.lot.name

    @admin.display(description=_("car"))
    def car(self, row: ValetIncident) -> str:
        return anchor(columns.change_url(row.ticket), f"{row.ticket} {row.ticket.vehicle}".strip())

    @admin.display(description=_("what"))
    def short(self, row: ValetIncident) -> str:
        return row.words if len(row.words) <= 80 else f"{row.words[:80]}…"
