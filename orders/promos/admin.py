"""The console's page of promo codes: made one by one or in batches, downloaded, and followed to their orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import Count, Max, Model, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from orders.promos import bulk, importing, managing
from orders.promos.exporting import csv_answer
from orders.promos.models import PromoCode
from trufan.lib.console import columns
from trufan.lib.console.bulk import BulkDeed, BulkMixin
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.columns import anchor, show
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import AmountsForm, Answers, VenueTimesForm
from trufan.lib.console.importing import ImportMixin
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _
from venues.models import Venue

#: So many of its uses, and of the venue's batches, a page lists.
SHOWN = 50


class PromoCodeForm(AmountsForm, VenueTimesForm):
    """A code; amounts are in the venue's currency, rates in percent, times by its clock."""

    amounts = ("amount", "maximum")
    rates = ("ppm",)
    ruled = frozenset({"starts_at", "ends_at", "kind", "ppm", "amount", "pieces", "total_limit"})

    class Meta:
        model = PromoCode
        fields = ["venue", *managing.FIELDS]
        labels = {
            "ppm": _("Percent off"),
            "amount": _("Amount off"),
            "pieces": _("Free pieces"),
            "maximum": _("At most"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {*self.amounts, *self.rates} & set(self.fields):
            self.fields[name].required = False

    def _venue(self) -> Venue | None:
        chosen: Venue | None = getattr(self, "cleaned_data", {}).get("venue")
        return chosen or (self.instance.venue if self.instance.venue_id else None)

    def venue_zone(self) -> ZoneInfo | None:
        venue = self._venue()
        return venue.zone if venue else None

    def currency(self) -> str | None:
        venue = self._venue()
        return venue.currency if venue else None

    def clean(self) -> dict[str, Any]:
        empty = {name for name in self.amounts if self.cleaned_data.get(name) == ""}
        for name in empty:
            self.cleaned_data[name] = None
        cleaned = super().clean()
        # An empty limit is none; nothing off, and no percentage, are zero.
        cleaned.update({name: None if name == "maximum" else 0 for name in empty})
        if cleaned.get("ppm") is None and "ppm" in self.fields:
            cleaned["ppm"] = 0
        return cleaned


class BatchForm(Answers):
    """How many codes, and what they are called."""

    count = forms.IntegerField(
        min_value=1, max_value=managing.MAX_BATCH, widget=UnfoldAdminIntegerFieldWidget, label=_("How many")
    )
    begins_with = forms.CharField(
        max_length=20,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Such as VIP-."),
    )
    batch = forms.CharField(
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        label=_("Name of the batch"),
        help_text=_("Such as Sponsors 2027."),
    )


def _deed(deed: bulk.Deed, label: str) -> BulkDeed:
    def figures(rows: QuerySet, now: datetime) -> str:
        return bulk.in_words(bulk.foretell(rows, deed, now), deed)

    def run(rows: QuerySet, by: Any, now: datetime) -> str:
        told = bulk.apply(rows, deed, by=by, now=now)
        said = gettext("Codes changed: {changing}. As they were: {spared}.")
        return said.format(changing=told.changing, spared=told.spared)

    return BulkDeed(deed.value, label, Permission.MANAGE_PROMOS, figures, run)


@admin.register(PromoCode)
class PromoCodeAdmin(ImportMixin, BulkMixin, HistoryMixin, RuleSavedAdmin):
    """What takes something off a cart; switched off rather than deleted."""

    importer = importing.IMPORTER
    form = PromoCodeForm
    venue_lookup = "venue_id"
    view_permission = Permission.MANAGE_PROMOS
    change_permission = Permission.MANAGE_PROMOS
    can_add = True

    list_display = ["code", "name", "gives", "uses_shown", "until", "batch", "is_active", "venue"]
    list_filter = [VenueFilter, "kind", "is_active"]
    search_fields = ["code__istartswith", "name__icontains", "batch__icontains"]
    search_help_text = _("Code, what it is for, or batch")
    list_select_related = ["venue", "product", "outlet", "event"]
    autocomplete_fields = ["event"]
    ordering = ["-created_at", "code"]
    fieldsets = [
        (None, {"fields": [("venue", "code"), "name", ("is_active", "is_stackable")]}),
        (_("What comes off"), {"fields": ["kind", ("ppm", "amount"), ("pieces", "maximum")]}),
        (
            _("Of what"),
            {"fields": [("item_type", "event"), ("outlet", "product")], "description": _("Empty: of everything.")},
        ),
        (_("When and how often"), {"fields": [("starts_at", "ends_at"), ("total_limit", "per_person_limit")]}),
    ]
    buttons = [
        RowButton(
            name="batch",
            label=_("Make many like this"),
            permission=Permission.MANAGE_PROMOS,
            run=managing.generate_like,
            consequence=_(
                "As many new codes as you say, on the terms of {row}, each for one order. They stand "
                "below under “Batches”, to be downloaded."
            ),
            done=_("The codes are made. Download them below, under “Batches”."),
            form=BatchForm,
            icon="content_copy",
        ),
    ]

    bulk = (
        _deed(bulk.Deed.PAUSE, _("Pause")),
        _deed(bulk.Deed.RESUME, _("Resume")),
        _deed(bulk.Deed.END, _("End for good")),
    )

    until = columns.moment("ends_at", _("until"))

    @admin.display(description=_("takes off"))
    def gives(self, row: PromoCode) -> str:
        off = {
            "fixed": show(row.amount, row.venue.currency),
            "free_item": f"{row.pieces} free",
        }.get(row.kind, f"{row.ppm / 10_000:g} %")
        scope = [str(each) for each in (row.get_item_type_display(), row.event, row.outlet, row.product) if each]
        return " of ".join([off, ", ".join(scope)]) if scope else off

    @admin.display(description=_("used"), ordering="used")
    def uses_shown(self, row: PromoCode) -> str:
        return f"{row.used} of {row.total_limit}" if row.total_limit is not None else str(row.used)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["venue"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> PromoCode:
        return managing.create(fields.pop("venue"), by, **fields)

    def alter(self, row: PromoCode, by: Any, fields: dict[str, Any]) -> PromoCode:
        return managing.change(row, by, **fields)

    # -- Its story --

    def sections(self, request: HttpRequest, row: PromoCode) -> Iterable[Section]:
        uses = row.uses.select_related("order__venue")
        yield Section(
            title=gettext("Uses"),
            headers=[gettext("order"), gettext("took off"), gettext("state"), gettext("when")],
            rows=[
                [
                    self.link(request, use.order, use.order.number),
                    show(use.discount, use.order.currency),
                    columns.label(use.status),
                    columns.local_time(use.created_at, columns.zone_of(row)),
                ]
                for use in uses[:SHOWN]
            ],
            empty=gettext("Nobody has used it yet."),
        )
        yield self._batches(row)
        yield from history(self, request, row)

    def _batches(self, row: PromoCode) -> Section:
        made = PromoCode.objects.filter(venue_id=row.venue_id).exclude(batch="").order_by().values("batch")
        batches = made.annotate(count=Count("pk"), spent=Sum("used"), newest=Max("created_at")).order_by("-newest")
        return Section(
            title=gettext("Batches"),
            headers=[gettext("batch"), gettext("codes"), gettext("used"), gettext("download")],
            rows=[
                [
                    each["batch"],
                    each["count"],
                    each["spent"],
                    anchor(_download(row.venue_id, each["batch"]), gettext("CSV")),
                ]
                for each in batches[:SHOWN]
            ],
            empty=gettext("No batch was made at this venue yet."),
        )

    # -- Downloads --

    def get_urls(self) -> list[URLPattern]:
        url = path(
            "batches/<uuid:venue_id>.csv", self.admin_site.admin_view(self.batch_view), name="orders_promocode_batch"
        )
        return [url, *super().get_urls()]

    def batch_view(self, request: HttpRequest, venue_id: UUID) -> HttpResponse:
        """The codes of one batch (`?batch=`) as CSV; of another venue there is none."""
        rows = self.get_queryset(request).filter(venue_id=venue_id, batch=request.GET.get("batch", ""))
        if not request.GET.get("batch") or not rows:
            raise Http404
        return csv_answer(rows.order_by("code"))


def _download(venue_id: UUID, batch: str) -> str:
    return reverse("admin:orders_promocode_batch", args=[venue_id], query={"batch": batch})
