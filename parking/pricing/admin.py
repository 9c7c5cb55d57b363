"""The console's page of price changes: what moved, when, and why, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext

from parking.lots.console import CapacityLotFilter, DayFilter, multiplier
from parking.lots.models import ParkingLot
from parking.lots.permissions import RUN
from parking.pricing.models import PriceChange
from trufan.lib.console import columns
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

#: How many the page of a lot shows.
_LATEST = 10


class ChangedFilter(DayFilter):
    moment = "at"


@admin.register(PriceChange)
class PriceChangeAdmin(TenantModelAdmin):
    """Never changed, never deleted."""

    venue_lookup = "capacity__lot__venue_id"
    view_permission = RUN

    list_display = ["when", "lot", "kind", "from_to", "causes_shown", "venue_shown"]
    list_display_links = ["when"]
    list_filter = [VenueFilter, CapacityLotFilter, ("capacity__kind", admin.AllValuesFieldListFilter), ChangedFilter]
    search_fields = ["capacity__lot__name__icontains"]
    search_help_text = _("Name of the lot")
    list_select_related = ["capacity__lot"]
    ordering = ["-at", "-id"]
    fields = ["when", ("lot", "kind"), "from_to", "causes_shown", "words", "seen", "venue_shown"]
    readonly_fields = ["when", "lot", "kind", "from_to", "causes_shown", "seen", "venue_shown"]

    when = columns.moment("at", _("when"))
    venue_shown = columns.venue_name()

    @admin.display(description=_("lot"), ordering="capacity__lot__name")
    def lot(self, row: PriceChange) -> str:
        return row.capacity.lot.name

    @admin.display(description=_("kind of space"), ordering="capacity__kind")
    def kind(self, row: PriceChange) -> str:
        return row.capacity.get_kind_display()

    @admin.display(description=_("price"))
    def from_to(self, row: PriceChange) -> str:
        return f"{multiplier(row.old_ppm)} → {multiplier(row.new_ppm)}"

    @admin.display(description=_("why"))
    def causes_shown(self, row: PriceChange) -> str:
        return ", ".join(columns.words(cause) for cause in row.causes) or "–"

    @admin.display(description=_("what was seen"))
    def seen(self, row: PriceChange) -> str:
        return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in row.facts.items()) or "–"


def price_section(page: TenantModelAdmin, request: HttpRequest, lot: ParkingLot) -> Iterable[Section]:
    """How the prices of a lot moved of late, for its page."""
    latest = PriceChange.objects.filter(capacity__lot=lot).select_related("capacity")[:_LATEST]
    yield Section(
        title=gettext("How prices moved"),
        headers=[gettext("when"), gettext("kind of space"), gettext("price"), gettext("why")],
        rows=[_line(page, request, lot, row) for row in latest],
        empty=gettext("They have not moved. They follow demand once the lot has a pricing configuration."),
        link=page.list_url(PriceChange, lot=lot.pk),
        link_label=gettext("All of it"),
    )


def _line(page: TenantModelAdmin, request: HttpRequest, lot: ParkingLot, row: PriceChange) -> list[Any]:
    row.capacity.lot = lot
    return [
        page.link(request, row, columns.local_time(row.at, lot.zone)),
        row.capacity.get_kind_display(),
        f"{multiplier(row.old_ppm)} → {multiplier(row.new_ppm)}",
        row.words,
    ]
