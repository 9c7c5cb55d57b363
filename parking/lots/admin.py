"""The console's page of lots: drawn up here, opened and closed by buttons, with what their prices mean beside them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import update_wrapper
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, Model, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from parking.board import board, screens
from parking.board.filling import fillings
from parking.figures.page import FiguresMixin
from parking.lots import numbered, setting_up, simple_tariff
from parking.lots.console import multiplier
from parking.lots.inlines import CapacityInline, HoursInline, PhotoInline
from parking.lots.lot_form import LotForm, NumbersForm, block_form, lift_form
from parking.lots.models import ParkingLot, ParkingSpace
from parking.lots.permissions import RUN, block_of
from parking.lots.preview_admin import PreviewMixin
from parking.lots.space_admin import ParkingCapacityAdmin as ParkingCapacityAdmin
from parking.lots.space_admin import ParkingSpaceAdmin as ParkingSpaceAdmin
from parking.pricing.admin import price_section
from parking.pricing.simulation_page import NAME as SIMULATION
from parking.pricing.simulation_page import SimulationMixin
from parking.spaces import blocks
from parking.spaces.models import SpaceUse
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.columns import anchor
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _


def _open(lot: ParkingLot, *, by: Any, now: datetime) -> ParkingLot:
    return setting_up.open_lot(lot, by)


def _close(lot: ParkingLot, *, by: Any, now: datetime) -> ParkingLot:
    return setting_up.close(lot, by)


def _number(
    lot: ParkingLot, *, by: Any, now: datetime, begins_with: str, first: int, last: int, width: int, **where: str
) -> list[ParkingSpace]:
    return numbered.add_many(lot, by, numbered.series(begins_with, first, last, width), **where)


def _block(lot: ParkingLot, *, by: Any, now: datetime, kind: str, **asked: Any) -> SpaceUse:
    capacity = lot.capacities.get(pk=kind)
    return blocks.block(capacity, by, now, **asked)


def _lift(lot: ParkingLot, *, by: Any, now: datetime, block: str) -> None:
    blocks.lift(block_of(lot, UUID(block)), by, now)


@admin.register(ParkingLot)
class ParkingLotAdmin(PreviewMixin, SimulationMixin, FiguresMixin, HistoryMixin, RuleSavedAdmin):
    """Lots; closed by a button rather than deleted."""

    form = LotForm
    venue_lookup = "venue_id"
    view_permission = RUN
    change_permission = Permission.MANAGE_PARKING
    can_add = True
    readers_see = {"cancel_fee": "cancel_fee_shown", "lost_ticket_price": "lost_ticket_shown"}

    list_display = ["name", "venue", "state", "spaces_shown", "operator", "screens_shown", "touch"]
    list_filter = [VenueFilter, "status", "takes_reservations", "takes_drive_ups"]
    search_fields = ["name__icontains", "slug__istartswith", "operator_name__icontains", "street__icontains"]
    search_help_text = _("Name, slug, operator or street")
    list_select_related = ["venue"]
    ordering = ["venue__name", "name"]
    fieldsets = [
        (None, {"fields": [("venue", "state"), ("name", "slug"), "description", ("operator_name", "connected_account"),
                           "screens_shown"]}),
        (_("Tariff"), {"classes": ["tab"], "fields": [("tariff", "tariff_preview")]}),
        (_("Dynamic prices"), {"classes": ["tab"], "fields": [("pricing", "pricing_preview")]}),
        (
            _("Rules"),
            {
                "classes": ["tab"],
                "fields": [
                    ("takes_reservations", "takes_drive_ups"), ("has_barrier", "allows_reentry"),
                    ("quote_minutes", "early_entry_minutes", "no_show_minutes"),
                    ("cancel_free_minutes", "cancel_fee"), ("assumed_stay_minutes", "exit_grace_minutes"),
                    ("overstay_percent", "overstay_grace_minutes"), ("lost_ticket_price", "plate_days"),
                    "valet_minutes",
                ],
            },
        ),
        (
            _("Where"),
            {
                "classes": ["tab"],
                "fields": [
                    "street", ("city", "region"), ("postal_code", "country"), ("latitude", "longitude"),
                    ("height_limit_cm", "hours"), "amenities", "sign_code",
                ],
            },
        ),
    ]  # fmt: skip
    inlines = [CapacityInline, HoursInline, PhotoInline]
    buttons = [
        RowButton(
            name="open",
            label=_("Open"),
            permission=Permission.MANAGE_PARKING,
            run=_open,
            consequence=_("{row} is found by fans, sells its spaces, and lets cars in within its hours."),
            done=_("{row} is open."),
            available=lambda lot: lot.status != ParkingLot.Status.OPEN,
            icon="garage_door",
        ),
        RowButton(
            name="close",
            label=_("Close"),
            permission=Permission.MANAGE_PARKING,
            run=_close,
            consequence=(
                _(
                    "{row} lets no more cars in and sells nothing more. Who is inside drives out as "
                    "usual, and what is reserved stays reserved: those who come are let in by staff."
                )
            ),
            done=_("{row} is closed."),
            available=lambda lot: lot.status == ParkingLot.Status.OPEN,
            icon="block",
            is_destructive=True,
        ),
        RowButton(
            name="simple-tariff",
            label=_("Simple tariff"),
            permission=Permission.MANAGE_PARKING,
            run=simple_tariff.set_tariff,
            consequence=simple_tariff.explained,
            done=_("The tariff of {row} is set."),
            form=simple_tariff.form_for,
            figures=simple_tariff.figures,
            icon="payments",
        ),
        RowButton(
            name="block",
            label=_("Block spaces"),
            permission=RUN,
            run=_block,
            consequence=(
                _(
                    "So many spaces of {row} are neither sold nor given to cars that drive up, for that "
                    "time. What is promised already stays promised: where too few are free, nothing is "
                    "blocked."
                )
            ),
            done=_("The spaces of {row} are blocked."),
            available=lambda lot: bool(lot.capacities.all()),
            form=block_form,
            icon="front_hand",
        ),
        RowButton(
            name="lift",
            label=_("Lift a block"),
            permission=RUN,
            run=_lift,
            consequence=_("The spaces of {row} that you choose are free again, from now on."),
            done=_("The block at {row} is lifted."),
            available=lambda lot: blocks.live(lot, timezone.now()).exists(),
            form=lift_form,
            icon="lock_open",
        ),
        RowButton(
            name="numbers",
            label=_("Number spaces"),
            permission=Permission.MANAGE_PARKING,
            run=_number,
            consequence=_("{row} gets a row of numbered spaces. How many it sells is said by kind, not by numbers."),
            done=_("The spaces of {row} are numbered."),
            form=NumbersForm,
            icon="pin",
        ),
    ]
    fixed = ["state", "screens_shown", "tariff_preview", "pricing_preview", "sign_code"]

    state = columns.badge("status", _("status"))
    cancel_fee_shown = columns.money("cancel_fee", _("fee for cancelling late"), currency="venue.currency")
    lost_ticket_shown = columns.money("lost_ticket_price", _("lost ticket"), currency="venue.currency")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(spaces_count=Sum("capacities__spaces", default=0))

    @admin.display(description=_("spaces"), ordering="spaces_count")
    def spaces_shown(self, row: ParkingLot) -> int:
        return row.spaces_count  # type: ignore[attr-defined]

    @admin.display(description=_("run by"))
    def operator(self, row: ParkingLot) -> str:
        return row.operator_name or row.venue.name

    @admin.display(description=_("screens"))
    def screens_shown(self, row: ParkingLot) -> SafeString | str:
        """The live board, the figures, and what other prices would have done."""
        if row.pk is None or row._state.adding:
            return "Save it first."
        figures = reverse("admin:parking_parkinglot_figures", args=[row.pk])
        simulation = reverse(f"admin:{SIMULATION}", args=[row.pk])
        links = [
            (board.board_url(row), gettext("Live board")),
            (figures, gettext("Figures")),
            (simulation, gettext("Try prices")),
        ]
        return format_html_join(" · ", "{}", ((anchor(where, words),) for where, words in links))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["venue", *self.fixed] if obj else self.fixed

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new one has no state yet, nor anything that follows from being saved."""
        if obj is not None:
            return super().get_fieldsets(request, obj)
        later = {"state", "screens_shown", "sign_code"}
        return [(title, {**options, "fields": _without(options["fields"], later)})
                for title, options in super().get_fieldsets(request, obj)]  # fmt: skip

    def create(self, by: Any, fields: dict[str, Any]) -> ParkingLot:
        return setting_up.create(fields.pop("venue"), by, **fields)

    def alter(self, row: ParkingLot, by: Any, fields: dict[str, Any]) -> ParkingLot:
        return setting_up.change(row, by, **fields)

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Any) -> Any:
            def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
                return self.admin_site.admin_view(view)(*args, **kwargs)

            return update_wrapper(wrapped, view)

        return [*screens.urls(wrap), *super().get_urls()]

    # -- What belongs to it --

    def sections(self, request: HttpRequest, row: ParkingLot) -> Iterable[Section]:
        yield self._kinds(request, row)
        yield self._blocks(row)
        yield from price_section(self, request, row)
        yield self._numbered(row)
        yield from history(self, request, row, *row.capacities.all())

    def _kinds(self, request: HttpRequest, row: ParkingLot) -> Section:
        found = fillings(row.capacities.all(), timezone.now())
        for each in found.values():
            each.capacity.lot = row
        return Section(
            title=gettext("Kinds of space, just now"),
            headers=[
                gettext("kind"),
                gettext("spaces"),
                gettext("free"),
                gettext("inside"),
                gettext("expected soon"),
                gettext("blocked"),
                gettext("price"),
                gettext("tariff"),
            ],
            rows=[
                [
                    self.link(request, each.capacity, each.kind),
                    each.capacity.spaces,
                    max(each.free, 0),
                    each.inside,
                    each.expected,
                    each.blocked,
                    multiplier(each.capacity.multiplier_ppm),
                    gettext("of its own") if each.capacity.tariff else gettext("the lot's"),
                ]
                for each in found.values()
            ],
            empty=gettext("It can't be opened without spaces. Say above how many of which kind it has."),
        )

    def _blocks(self, row: ParkingLot) -> Section:
        rows = blocks.live(row, timezone.now())
        return Section(
            title=gettext("Blocked spaces"),
            headers=[gettext("how many"), gettext("kind"), gettext("from"), gettext("until"), gettext("why")],
            rows=[
                [
                    use.quantity,
                    use.capacity.get_kind_display(),
                    columns.local_time(use.starts_at, row.zone),
                    columns.local_time(use.ends_at, row.zone),
                    use.reason or "–",
                ]
                for use in rows
            ],
            empty=gettext("None. What is blocked is neither sold nor given to cars that drive up."),
        )

    def _numbered(self, row: ParkingLot) -> Section:
        levels = row.spaces.filter(is_active=True).order_by("level").values_list("level").annotate(count=Count("pk"))
        return Section(
            title=gettext("Numbered spaces"),
            headers=[gettext("level"), gettext("how many")],
            rows=[[level or "–", count] for level, count in levels],
            empty=gettext("Its spaces have no numbers."),
            link=self.list_url(ParkingSpace, lot=row.pk),
            link_label=gettext("All of them"),
        )


def _without(fields: Iterable[Any], names: set[str]) -> list[Any]:
    """The fields but for those, in whatever rows they stand."""
    kept = [field if isinstance(field, str) else tuple(_without(field, names)) for field in fields]
    return [field for field in kept if field not in names and field != ()]
