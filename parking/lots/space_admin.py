"""The console's pages of kinds of space, with their own tariffs, and of numbered spaces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from parking.lots import capacities, numbered
from parking.lots.console import LotFilter, multiplier
from parking.lots.lot_form import CapacityForm
from parking.lots.models import ParkingCapacity, ParkingSpace
from parking.lots.permissions import RUN
from parking.lots.preview_admin import PreviewMixin
from trufan.lib.console import columns
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _
from venues.models import Venue


@admin.register(ParkingCapacity)
class ParkingCapacityAdmin(PreviewMixin, HistoryMixin, RuleSavedAdmin):
    """How many spaces of a kind a lot has, and what they cost; reached from the page of the lot."""

    form = CapacityForm
    venue_lookup = "lot__venue_id"
    view_permission = RUN
    change_permission = Permission.MANAGE_PARKING
    without_tariff = _("It has no tariff of its own: the lot's is asked.")

    list_display = ["kind_shown", "lot", "spaces", "price_now", "at"]
    list_filter = [VenueFilter, LotFilter, "kind"]
    search_fields = ["lot__name__icontains"]
    list_select_related = ["lot__venue"]
    ordering = ["lot__name", "kind"]
    fieldsets = [
        (None, {"fields": [("lot", "kind"), ("spaces", "price_now")]}),
        (_("Tariff of its own"), {"fields": [("tariff", "tariff_preview")]}),
    ]

    at = columns.venue_name()

    @admin.display(description=_("kind"), ordering="kind")
    def kind_shown(self, row: ParkingCapacity) -> str:
        return row.get_kind_display()

    @admin.display(description=_("price just now"))
    def price_now(self, row: ParkingCapacity) -> str:
        return gettext("{multiplier} of the tariff").format(multiplier=multiplier(row.multiplier_ppm))

    def venue_of(self, row: ParkingCapacity) -> Venue:
        return row.lot.venue

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["lot", "kind", "price_now", "tariff_preview"]

    def alter(self, row: ParkingCapacity, by: Any, fields: dict[str, Any]) -> ParkingCapacity:
        return capacities.change(row, by, timezone.now(), **fields)

    def sections(self, request: HttpRequest, row: ParkingCapacity) -> Iterable[Section]:
        yield from history(self, request, row)


@admin.register(ParkingSpace)
class ParkingSpaceAdmin(HistoryMixin, RuleSavedAdmin):
    """Spaces with a number, where a lot numbers them; taken out of use rather than deleted."""

    venue_lookup = "lot__venue_id"
    view_permission = RUN
    change_permission = Permission.MANAGE_PARKING
    can_add = True

    list_display = ["number", "level", "lot", "kind_shown", "is_active", "at"]
    list_filter = [VenueFilter, LotFilter, "kind", "is_active"]
    search_fields = ["number__istartswith", "level__icontains", "lot__name__icontains"]
    search_help_text = _("Number, level or lot")
    list_select_related = ["lot__venue"]
    autocomplete_fields = ["lot"]
    ordering = ["lot__name", "level", "number"]
    fields = ["lot", ("number", "level"), ("kind", "is_active")]

    at = columns.venue_name()

    @admin.display(description=_("kind"), ordering="kind")
    def kind_shown(self, row: ParkingSpace) -> str:
        return row.get_kind_display()

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["lot"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> ParkingSpace:
        return numbered.add(fields.pop("lot"), by, **fields)

    def alter(self, row: ParkingSpace, by: Any, fields: dict[str, Any]) -> ParkingSpace:
        return numbered.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: ParkingSpace) -> Iterable[Section]:
        yield from history(self, request, row)
