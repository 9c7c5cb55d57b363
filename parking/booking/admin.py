"""The console's page of reservations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from parking.booking import cancelling, changing
from parking.booking.models import ParkingReservation
from parking.lots.console import CapacityLotFilter, PlateSearchMixin, StartsFilter, multiplier
from parking.stays.charge_admin import charge_section, money_sections
from parking.stays.gate_admin import gate_section
from parking.stays.models import ParkingCharge
from parking.vehicles import plates
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.columns import show
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers, ReasonForm
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

Status = ParkingReservation.Status
#: How much of a long story is shown on the page.
_LATEST = 30


class PlateAnswers(Answers):
    """Which car comes."""

    plate = forms.CharField(
        max_length=plates.MAX_LENGTH, widget=UnfoldAdminTextInputWidget, help_text=_("Such as ABC 1234.")
    )


def _cancel(reservation: ParkingReservation, *, by: Any, now: datetime, reason: str) -> None:
    cancelling.cancel(reservation, by=by, by_buyer=False, reason=reason, now=now)


@admin.register(ParkingReservation)
class ParkingReservationAdmin(PlateSearchMixin, HistoryMixin, TenantModelAdmin):
    """Spaces that are paid for ahead."""

    venue_lookup = "capacity__lot__venue_id"
    view_permission = Permission.RUN_PARKING

    list_display = ["number", "state", "plate_shown", "holder_shown", "lot", "kind", "begins", "ends", "price_shown",
                    "at"]  # fmt: skip
    list_filter = [VenueFilter, CapacityLotFilter, "status", "capacity__kind", StartsFilter]
    search_fields = [
        "number__istartswith", "order__number__istartswith", "holder_name__icontains",
        "order__contact_email__istartswith", "order__contact_phone__contains",
    ]  # fmt: skip
    search_help_text = _("Plate, number of the reservation or its order, name, e-mail address or phone")
    list_select_related = ["capacity__lot__venue"]
    ordering = ["-starts_at", "-id"]
    fieldsets = [
        (None, {"fields": [("number", "state"), ("lot", "kind"), ("plate_shown", "holder_shown"), "event"]}),
        (_("When"), {"fields": [("begins", "ends"), ("made", "entries"), ("frozen", "returning")]}),
        (_("Price"), {"fields": [("price_shown", "locked")]}),
    ]
    readonly_fields = [
        "state", "lot", "kind", "plate_shown", "holder_shown", "begins", "ends", "made", "frozen", "returning",
        "price_shown", "locked",
    ]  # fmt: skip

    buttons = [
        RowButton(
            name="cancel",
            label=_("Cancel"),
            permission=Permission.REFUND_ORDERS,
            run=_cancel,
            consequence=lambda row: gettext(
                "Reservation {row} of {holder_name} is given up, and its space free again. All that "
                "was paid goes back, whatever the lot keeps of late cancellations, and the holder is "
                "told."
            ).format(row=row, holder_name=row.holder_name or "an unnamed holder"),
            done=_("Reservation {row} is cancelled."),
            available=lambda row: row.can_move(Status.CANCELLED) and row.returning_at is None,
            form=ReasonForm,
            icon="close",
            is_destructive=True,
        ),
        RowButton(
            name="plate",
            label=_("Change the plate"),
            permission=Permission.RUN_PARKING,
            run=changing.set_plate,
            consequence=_("Another car comes with reservation {row}: the gate opens for its plate, not for the old."),
            done=_("The plate of reservation {row} is changed."),
            available=lambda row: row.status in (Status.CONFIRMED, Status.NO_SHOW),
            form=PlateAnswers,
            icon="directions_car",
        ),
    ]

    state = columns.badge("status", _("status"))
    begins = columns.moment("starts_at", _("from"))
    ends = columns.moment("ends_at", _("until"))
    made = columns.moment("created_at", _("reserved"))
    frozen = columns.moment("frozen_at", _("opens nothing, being disputed, since"))
    returning = columns.moment("returning_at", _("opens nothing, being refunded, since"))
    price_shown = columns.money("price", _("price"), currency="capacity.lot.venue.currency")
    at = columns.venue_name()

    @admin.display(description=_("lot"), ordering="capacity__lot__name")
    def lot(self, row: ParkingReservation) -> str:
        return row.lot.name

    @admin.display(description=_("kind of space"), ordering="capacity__kind")
    def kind(self, row: ParkingReservation) -> str:
        return row.capacity.get_kind_display()

    @admin.display(description=_("plate"), ordering="plate")
    def plate_shown(self, row: ParkingReservation) -> str:
        return row.plate or "–"

    @admin.display(description=_("holder"), ordering="holder_name")
    def holder_shown(self, row: ParkingReservation) -> str:
        return row.holder_name or "–"

    @admin.display(description=_("price then"))
    def locked(self, row: ParkingReservation) -> str:
        return gettext("{multiplier} of the tariff, before fees and tax").format(
            multiplier=multiplier(row.multiplier_ppm)
        )

    # -- Its story --

    def sections(self, request: HttpRequest, row: ParkingReservation) -> Iterable[Section]:
        zone = row.lot.zone
        yield Section(
            title=gettext("Order"),
            headers=[gettext("order"), gettext("status")],
            rows=[[self.link(request, row.order), columns.label(row.order.status)]],
        )
        yield Section(
            title=gettext("Stays"),
            headers=[gettext("stay"), gettext("status"), gettext("since"), gettext("left")],
            rows=[
                [
                    self.link(request, stay),
                    columns.label(stay.status),
                    columns.local_time(stay.started_at, zone),
                    columns.local_time(stay.ended_at, zone),
                ]
                for stay in row.sessions.select_related("lot")
            ],
            empty=gettext("It has not been driven in yet."),
        )
        yield self._changes(row)
        charges = list(ParkingCharge.objects.filter(change__reservation=row).order_by("created_at", "pk"))
        for charge in charges:
            charge.lot = row.lot
        if charges:
            yield charge_section(self, request, charges)
            yield from money_sections(self, request, row, charges)
        yield gate_section(self, request, row.gate_events.select_related("seen_by", "lot")[:_LATEST], zone)
        yield from history(self, request, row, *charges)

    def _changes(self, row: ParkingReservation) -> Section:
        zone, currency = row.lot.zone, row.lot.currency
        return Section(
            title=gettext("Changes"),
            headers=[
                gettext("status"),
                gettext("kind of space"),
                gettext("from"),
                gettext("until"),
                gettext("difference"),
                gettext("asked for"),
            ],
            rows=[
                [
                    columns.label(change.status),
                    change.capacity.get_kind_display(),
                    columns.local_time(change.starts_at, zone),
                    columns.local_time(change.ends_at, zone),
                    show(change.difference, currency),
                    columns.local_time(change.created_at, zone),
                ]
                for change in row.changes.select_related("capacity")
            ],
            empty=gettext("It stands as it was bought."),
        )
