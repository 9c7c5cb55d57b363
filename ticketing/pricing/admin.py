"""The console's pages of releases, unlock codes and bundles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.db.models import Count, Max, Model, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from orders.promos.managing import MAX_BATCH
from ticketing.models import TicketType
from ticketing.pricing import bundles, bundling, releases, unlock_codes
from ticketing.pricing.exporting import csv_answer
from ticketing.pricing.models import Bundle, BundleLine, TicketRelease, UnlockCode
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.columns import anchor, show
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import AmountsForm, Answers, RuleForm, VenueTimesForm
from trufan.lib.console.inlines import RuleSavedInline
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _
from venues.models import Venue

#: So many batches of an event a page lists.
SHOWN = 50


def _end(release: TicketRelease, *, by: Any, now: datetime) -> TicketRelease:
    return releases.change(release, by, until=now)


class _OfVenueForm(AmountsForm, VenueTimesForm):
    """Amounts in the currency, times by the clock of the venue that the chosen row belongs to."""

    def venue(self) -> Venue | None:
        raise NotImplementedError

    def chosen(self, name: str) -> Any:
        """What was chosen as `name`, or is the row's already."""
        given = getattr(self, "cleaned_data", {}).get(name)
        return given or (getattr(self.instance, name) if getattr(self.instance, f"{name}_id") else None)

    def venue_zone(self) -> ZoneInfo | None:
        venue = self.venue()
        return venue.zone if venue else None

    def currency(self) -> str | None:
        venue = self.venue()
        return venue.currency if venue else None


class TicketReleaseForm(_OfVenueForm):
    amounts = ("price",)
    ruled = frozenset({"until", "quantity"})

    class Meta:
        model = TicketRelease
        fields = ["ticket_type", *releases.FIELDS]

    def venue(self) -> Venue | None:
        kind = self.chosen("ticket_type")
        return kind.event.venue if kind else None


@admin.register(TicketRelease)
class TicketReleaseAdmin(HistoryMixin, RuleSavedAdmin):
    """What tickets cost until a date, or for the first so many."""

    form = TicketReleaseForm
    venue_lookup = "ticket_type__event__venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS
    can_add = True
    readers_see = {"price": "price_shown"}

    list_display = ["name", "ticket_type", "event", "price_shown", "ends", "stock", "at"]
    list_filter = [VenueFilter]
    search_fields = ["name__icontains", "ticket_type__name__icontains", "ticket_type__event__name__icontains"]
    list_select_related = ["ticket_type__event__venue"]
    autocomplete_fields = ["ticket_type"]
    ordering = ["-ticket_type__event__starts_at", "ticket_type", "position", "id"]
    fieldsets = [
        (None, {"fields": [("ticket_type", "name"), ("price", "position")]}),
        (
            _("It ends"),
            {
                "fields": [("until", "quantity"), "stock"],
                "description": _(
                    "At a time by the clock of the venue, after so many tickets, or at whichever comes "
                    "first. Then the next one by position opens by itself, and after the last the ticket "
                    "type's own price."
                ),
            },
        ),
    ]
    buttons = [
        RowButton(
            name="end",
            label=_("End now"),
            permission=Permission.MANAGE_EVENTS,
            run=_end,
            consequence=_(
                "Nobody buys at the price of {row} any more: the next one opens. Carts that hold it keep it."
            ),
            done=_("{row} is over."),
            icon="event_busy",
            is_destructive=True,
        )
    ]

    price_shown = columns.money("price", _("price"), currency="ticket_type.event.venue.currency")
    ends = columns.moment("until", _("until"))
    at = columns.venue_name()

    @admin.display(description=_("event"))
    def event(self, row: TicketRelease) -> str:
        return row.ticket_type.event.name

    @admin.display(description=_("stock"))
    def stock(self, row: TicketRelease) -> str:
        left = "" if row.left is None else gettext(", {left} left").format(left=row.left)
        return gettext("{sold} sold, {held} held in carts{left}").format(sold=row.sold, held=row.held, left=left)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["ticket_type", "stock"] if obj else ["stock"]

    def create(self, by: Any, fields: dict[str, Any]) -> TicketRelease:
        return releases.create(fields.pop("ticket_type"), by, **fields)

    def alter(self, row: TicketRelease, by: Any, fields: dict[str, Any]) -> TicketRelease:
        return releases.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: TicketRelease) -> Iterable[Section]:
        yield from history(self, request, row)


def prices_of(page: Any, request: HttpRequest, row: TicketType) -> Section:
    """The releases of a ticket type, for its page."""
    may_manage = page.may(request, Permission.MANAGE_EVENTS, row)
    return Section(
        title=gettext("Prices by date and count"),
        headers=[gettext("name"), gettext("price"), gettext("until"), gettext("sold"), gettext("held"), gettext("of")],
        rows=[
            [
                page.link(request, each),
                show(each.price, row.event.venue.currency),
                columns.local_time(each.until, columns.zone_of(row)) if each.until else "–",
                each.sold,
                each.held,
                "–" if each.quantity is None else each.quantity,
            ]
            for each in row.releases.order_by("position", "created_at", "pk")
        ],
        empty=gettext("It has one price."),
        link=reverse("admin:ticketing_ticketrelease_add", query={"ticket_type": row.pk}) if may_manage else "",
        link_label=gettext("Add a price"),
    )


class UnlockCodeForm(VenueTimesForm):
    ruled = frozenset({"starts_at", "ends_at", "max_uses", "code"})

    class Meta:
        model = UnlockCode
        fields = ["event", *unlock_codes.FIELDS, "ticket_types"]

    def venue_zone(self) -> ZoneInfo | None:
        chosen = getattr(self, "cleaned_data", {}).get("event")
        event = chosen or (self.instance.event if self.instance.event_id else None)
        return event.venue.zone if event else None


class UnlockBatchForm(Answers):
    """How many codes, and what they are called."""

    count = forms.IntegerField(
        min_value=1, max_value=MAX_BATCH, widget=UnfoldAdminIntegerFieldWidget, label=_("How many")
    )
    begins_with = forms.CharField(
        max_length=20, required=False, widget=UnfoldAdminTextInputWidget, help_text=_("Such as M-.")
    )
    batch = forms.CharField(
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        label=_("Name of the batch"),
        help_text=_("Such as Members 2027."),
    )


@admin.register(UnlockCode)
class UnlockCodeAdmin(HistoryMixin, RuleSavedAdmin):
    """What opens hidden ticket types; switched off rather than deleted."""

    form = UnlockCodeForm
    venue_lookup = "event__venue_id"
    view_permission = Permission.MANAGE_EVENTS
    change_permission = Permission.MANAGE_EVENTS
    can_add = True

    list_display = ["code", "name", "event", "uses_shown", "ends", "batch", "is_active", "at"]
    list_filter = [VenueFilter, "is_active"]
    search_fields = ["code__istartswith", "name__icontains", "batch__icontains", "event__name__icontains"]
    search_help_text = _("Code, who it is for, batch or event")
    list_select_related = ["event__venue"]
    autocomplete_fields = ["event", "ticket_types"]
    ordering = ["-created_at", "code"]
    fieldsets = [
        (None, {"fields": [("event", "code"), ("name", "is_active"), "ticket_types"]}),
        (
            _("When and how often"),
            {"fields": [("starts_at", "ends_at"), "max_uses"], "description": _("By the clock of the venue.")},
        ),
    ]
    buttons = [
        RowButton(
            name="batch",
            label=_("Make many like this"),
            permission=Permission.MANAGE_EVENTS,
            run=unlock_codes.generate_like,
            consequence=_(
                "As many new codes as you say, which open what {row} opens, each for one ticket. "
                "They stand below under “Batches”, to be downloaded."
            ),
            done=_("The codes are made. Download them below, under “Batches”."),
            form=UnlockBatchForm,
            icon="content_copy",
        ),
    ]

    ends = columns.moment("ends_at", _("until"))
    at = columns.venue_name()

    @admin.display(description=_("used"), ordering="used")
    def uses_shown(self, row: UnlockCode) -> str:
        return f"{row.used} of {row.max_uses}" if row.max_uses is not None else str(row.used)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["event"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> UnlockCode:
        types = list(fields.pop("ticket_types"))
        return unlock_codes.create(fields.pop("event"), by, ticket_types=types, **fields)

    def alter(self, row: UnlockCode, by: Any, fields: dict[str, Any]) -> UnlockCode:
        return unlock_codes.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: UnlockCode) -> Iterable[Section]:
        made = UnlockCode.objects.filter(event=row.event_id).exclude(batch="").order_by().values("batch")
        batches = made.annotate(count=Count("pk"), spent=Sum("used"), newest=Max("created_at")).order_by("-newest")
        yield Section(
            title=gettext("Batches"),
            headers=[gettext("batch"), gettext("codes"), gettext("used"), gettext("download")],
            rows=[
                [
                    each["batch"],
                    each["count"],
                    each["spent"],
                    anchor(_download(row.event_id, each["batch"]), gettext("CSV")),
                ]
                for each in batches[:SHOWN]
            ],
            empty=gettext("No batch was made for this event yet."),
        )
        yield from history(self, request, row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.batch_view)
        url = path("batches/<uuid:event_id>.csv", view, name="ticketing_unlockcode_batch")
        return [url, *super().get_urls()]

    def batch_view(self, request: HttpRequest, event_id: UUID) -> HttpResponse:
        """The codes of one batch (`?batch=`) as CSV; of another venue's event there is none."""
        rows = self.get_queryset(request).filter(event=event_id, batch=request.GET.get("batch", ""))
        if not request.GET.get("batch") or not rows:
            raise Http404
        return csv_answer(rows.order_by("code"))


def _download(event_id: UUID, batch: str) -> str:
    return reverse("admin:ticketing_unlockcode_batch", args=[event_id], query={"batch": batch})


class BundleForm(AmountsForm):
    amounts = ("price",)
    optional = ("price",)
    rates = ("ppm",)
    ruled = frozenset({"price", "ppm", "max_per_order"})

    class Meta:
        model = Bundle
        fields = ["event", *bundles.FIELDS]
        labels = {"ppm": _("Percent off")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "ppm" in self.fields:
            self.fields["ppm"].required = False

    def currency(self) -> str | None:
        chosen = getattr(self, "cleaned_data", {}).get("event")
        event = chosen or (self.instance.event if self.instance.event_id else None)
        return event.venue.currency if event else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "ppm" in self.fields and cleaned.get("ppm") is None:
            cleaned["ppm"] = 0
        return cleaned


class BundleLineForm(RuleForm):
    class Meta:
        model = BundleLine
        fields = ["ticket_type", "count"]


class BundleLineInline(RuleSavedInline):
    model = BundleLine
    form = BundleLineForm
    verbose_name_plural = _("tickets in it")
    autocomplete_fields = ["ticket_type"]
    can_delete = True

    def create(self, parent: Bundle, by: Any, fields: dict[str, Any]) -> BundleLine:
        return bundles.set_line(parent, by, fields["ticket_type"], fields["count"])

    def alter(self, row: BundleLine, by: Any, fields: dict[str, Any]) -> BundleLine:
        kind = fields.get("ticket_type", row.ticket_type)
        return bundles.set_line(row.bundle, by, kind, fields.get("count", row.count), instead_of=row.ticket_type)

    def remove(self, row: BundleLine, by: Any) -> None:
        bundles.set_line(row.bundle, by, row.ticket_type, 0)


@admin.register(Bundle)
class BundleAdmin(HistoryMixin, RuleSavedAdmin):
    """Tickets sold together; switched off rather than deleted."""

    form = BundleForm
    venue_lookup = "event__venue_id"
    view_permission = Permission.VIEW_VENUE
    change_permission = Permission.MANAGE_EVENTS
    can_add = True
    readers_see = {"price": "price_shown"}

    list_display = ["name", "event", "price_shown", "is_active", "at"]
    list_filter = [VenueFilter, "is_active"]
    search_fields = ["name__icontains", "event__name__icontains"]
    list_select_related = ["event__venue"]
    autocomplete_fields = ["event"]
    ordering = ["-event__starts_at", "position", "name"]
    inlines = [BundleLineInline]
    fieldsets = [
        (None, {"fields": [("event", "name"), "description", ("is_active", "position")]}),
        (
            _("Price"),
            {
                "fields": [("price", "ppm"), "max_per_order"],
                "description": _("One price for the whole bundle, or so much off the single prices."),
            },
        ),
    ]

    at = columns.venue_name()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("lines__ticket_type")

    @admin.display(description=_("price"))
    def price_shown(self, row: Bundle) -> str:
        return show(bundling.price_of(row), row.event.venue.currency)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["event"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> Bundle:
        return bundles.create(fields.pop("event"), by, **fields)

    def alter(self, row: Bundle, by: Any, fields: dict[str, Any]) -> Bundle:
        return bundles.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: Bundle) -> Iterable[Section]:
        yield from history(self, request, row)
