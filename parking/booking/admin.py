"""The console's page of reservations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
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

Status = ParkingReservation.Status
#: How much of a long story is shown on the page.
_LATEST = 30


class PlateAnswers(Answers):
    """Which car comes."""

    plate = forms.CharField(
        max_length=plates.MAX_LENGTH, widget=UnfoldAdminTextInputWidget, help_text="Such as ABC 1234."
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
    search_help_text = "Plate, number of the reservation or its order, name, e-mail address or phone"
    list_select_related = ["capacity__lot__venue"]
    ordering = ["-starts_at", "-id"]
    fieldsets = [
        (None, {"fields": [("number", "state"), ("lot", "kind"), ("plate_shown", "holder_shown"), "event"]}),
        ("When", {"fields": [("begins", "ends"), ("made", "entries"), ("frozen", "returning")]}),
        ("Price", {"fields": [("price_shown", "locked")]}),
    ]
    readonly_fields = [
        "state", "lot", "kind", "plate_shown", "holder_shown", "begins", "ends", "made", "frozen", "returning",
        "price_shown", "locked",
    ]  # fmt: skip

    buttons = [
        RowButton(
            name="cancel",
            label="Cancel",
            permission=Permission.REFUND_ORDERS,
            run=_cancel,
            consequence=lambda row: (
                f"Reservation {row} of {row.holder_name or 'an unnamed holder'} is given up, and its space free again. "
                "All that was paid goes back, whatever the lot keeps of late cancellations, and the holder is told."
            ),
            done="Reservation {row} is cancelled.",
            available=lambda row: row.can_move(Status.CANCELLED) and row.returning_at is None,
            form=ReasonForm,
            icon="close",
            is_destructive=True,
        ),
        RowButton(
            name="plate",
            label="Change the plate",
            permission=Permission.RUN_PARKING,
            run=changing.set_plate,
            consequence="Another car comes with reservation {row}: the gate opens for its plate, not for the old.",
            done="The plate of reservation {row} is changed.",
            available=lambda row: row.status in (Status.CONFIRMED, Status.NO_SHOW),
            form=PlateAnswers,
            icon="directions_car",
        ),
    ]

    state = columns.badge("status", "status")
    begins = columns.moment("starts_at", "from")
    ends = columns.moment("ends_at", "until")
    made = columns.moment("created_at", "reserved")
    frozen = columns.moment("frozen_at", "opens nothing, being disputed, since")
    returning = columns.moment("returning_at", "opens nothing, being refunded, since")
    price_shown = columns.money("price", "price", currency="capacity.lot.venue.currency")
    at = columns.venue_name()

    @admin.display(description="lot", ordering="capacity__lot__name")
    def lot(self, row: ParkingReservation) -> str:
        return row.lot.name

    @admin.display(description="kind of space", ordering="capacity__kind")
    def kind(self, row: ParkingReservation) -> str:
        return row.capacity.get_kind_display()

    @admin.display(description="plate", ordering="plate")
    def plate_shown(self, row: ParkingReservation) -> str:
        return row.plate or "–"

    @admin.display(description="holder", ordering="holder_name")
    def holder_shown(self, row: ParkingReservation) -> str:
        return row.holder_name or "–"

    @admin.display(description="price then")
    def locked(self, row: ParkingReservation) -> str:
        return f"{multiplier(row.multiplier_ppm)} of the tariff, before fees and tax"

    # -- Its story --

    def sections(self, request: HttpRequest, row: ParkingReservation) -> Iterable[Section]:
        zone = row.lot.zone
        yield Section(
            title="Order",
            headers=["order", "status"],
            rows=[[self.link(request, row.order), columns.label(row.order.status)]],
        )
        yield Section(
            title="Stays",
            headers=["stay", "status", "since", "left"],
            rows=[
                [
                    self.link(request, stay),
                    columns.label(stay.status),
                    columns.local_time(stay.started_at, zone),
                    columns.local_time(stay.ended_at, zone),
                ]
                for stay in row.sessions.select_related("lot")
            ],
            empty="It has not been driven in yet.",
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
            title="Changes",
            headers=["status", "kind of space", "from", "until", "difference", "asked for"],
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
            empty="It stands as it was bought.",
        )
