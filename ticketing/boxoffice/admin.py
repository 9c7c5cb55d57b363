"""The console's pages of house holds, comps and door sales."""

from __future__ import annotations

from collections.abc import Iterable
from functools import update_wrapper
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from events import console_parts
from events.models import Event
from orders.models import Order
from ticketing.boxoffice import comps, figures, house, importing, screens
from ticketing.boxoffice.models import Comp, DoorSale, HouseHold
from ticketing.models import Ticket, TicketType
from ticketing.serializers import MAX_PER_ORDER, MAX_QUANTITY
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers, RuleForm
from trufan.lib.console.importing import ImportMixin
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Choice, Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _

#: Of so many tickets an event's page counts how they went out; of more when it is asked to, by `?ways=1`.
COUNTED = 5_000
WAYS = "ways"


class HouseHoldForm(RuleForm):
    """What is kept back; the rule looks at the stock."""

    class Meta:
        model = HouseHold
        fields = ["ticket_type", "quantity", "label", "note"]


class ReleaseAnswers(Answers):
    """How many go back on sale."""

    quantity = forms.IntegerField(
        min_value=1, required=False, widget=UnfoldAdminIntegerFieldWidget, help_text=_("Empty: all that it keeps.")
    )


class GiveAnswers(Answers):
    """To whom, how many, and why."""

    name = forms.CharField(max_length=160, widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(widget=UnfoldAdminEmailInputWidget, help_text=_("The tickets are sent there."))
    quantity = forms.IntegerField(min_value=1, max_value=MAX_PER_ORDER, initial=1, widget=UnfoldAdminIntegerFieldWidget)
    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Kept in the books. Don't name people here."),
    )


class KeepAnswers(Answers):
    """How many are kept back, and for whom."""

    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY, widget=UnfoldAdminIntegerFieldWidget)
    label = forms.CharField(
        max_length=80, widget=UnfoldAdminTextInputWidget, help_text=_("For whom. Don't name people here.")
    )
    note = forms.CharField(max_length=200, required=False, widget=UnfoldAdminTextInputWidget)


def _sells(ticket_type: TicketType) -> bool:
    return ticket_type.event.status == Event.Status.PUBLISHED


#: On the page of a ticket type.
GIVE = RowButton(
    name="give",
    label=_("Give tickets away"),
    permission=Permission.COMP_TICKETS,
    run=comps.give,
    consequence=_("A named person gets tickets of {row} for nothing, out of what is on sale. They are sent at once."),
    done=_("Tickets of {row} were given away and are on their way."),
    available=_sells,
    form=GiveAnswers,
    figures=figures.of_giving,
    icon="redeem",
)


#: Beside it.
KEEP = RowButton(
    name="keep",
    label=_("Keep tickets back"),
    permission=Permission.COMP_TICKETS,
    run=house.keep,
    consequence=_("Tickets of {row} are taken from sale and kept for the house. You will be asked once more."),
    done=_("Tickets of {row} are kept back: see House holds."),
    available=lambda kind: kind.event.status in (Event.Status.DRAFT, Event.Status.PUBLISHED),
    form=KeepAnswers,
    figures=lambda kind, now, quantity, label, note: figures.of_keeping(kind, quantity),
    icon="bookmark",
)


def event_section(page: TenantModelAdmin, request: HttpRequest, event: Any) -> Iterable[Section]:
    """On an event's page: how its tickets went out, each way by itself, and the way to the counter."""
    if not page.may(request, Permission.VIEW_ORDERS, event):
        return
    sells = page.may(request, Permission.SELL_AT_DOOR, event) and event.status == Event.Status.PUBLISHED
    way: dict[str, Any] = {"link": screens.event_url(event) if sells else "", "link_label": gettext("Sell at the door")}
    if event.tickets_sold > COUNTED and WAYS not in request.GET:
        # Counting looks at every ticket and order of the event; of a large house only when somebody asks for it.
        yield Section(
            title=gettext("How its tickets went out"),
            headers=[],
            rows=[],
            empty=gettext("{count} tickets were sold; they are counted when you ask for it.").format(
                count=event.tickets_sold
            ),
            choices=[Choice(gettext("Count them"), f"?{WAYS}=1#{WAYS}")],
            anchor_id=WAYS,
            **way,
        )
        return
    live = Ticket.objects.live().filter(event=event).order_by()
    counts = dict(live.values_list("order__channel").annotate(Count("pk")))
    paid = Order.objects.filter(event=event, paid_at__isnull=False).order_by()
    money = {
        channel: (number, total - back)
        for channel, number, total, back in paid.values_list("channel").annotate(
            Count("pk"), Sum("amount_paid"), Sum("amount_refunded")
        )
    }
    yield Section(
        title=gettext("How its tickets went out"),
        headers=[gettext("by"), gettext("orders"), gettext("valid tickets"), gettext("money kept")],
        rows=[
            [
                columns.words(channel),
                money.get(channel, (0, 0))[0],
                counts.get(channel, 0),
                columns.show(money.get(channel, (0, 0))[1], event.venue.currency),
            ]
            for channel in Order.Channel.values
        ],
        anchor_id=WAYS,
        **way,
    )


console_parts.add_sections(event_section)


@admin.register(HouseHold)
class HouseHoldAdmin(HistoryMixin, RuleSavedAdmin):
    """Tickets that the venue keeps back for itself: released again, or given away."""

    form = HouseHoldForm
    venue_lookup = "ticket_type__event__venue_id"
    view_permission = Permission.COMP_TICKETS
    change_permission = Permission.COMP_TICKETS
    can_add = True

    list_display = ["label", "ticket_type", "event", "quantity", "left_shown", "given", "released", "made", "at"]
    list_filter = [VenueFilter, ("released_at", admin.EmptyFieldListFilter)]
    search_fields = ["label__icontains", "ticket_type__name__icontains", "ticket_type__event__name__icontains"]
    list_select_related = ["ticket_type__event__venue"]
    autocomplete_fields = ["ticket_type"]
    ordering = ["-created_at", "-id"]
    fieldsets = [(None, {"fields": ["ticket_type", "quantity", "label", "note"]})]
    buttons = [
        RowButton(
            name="give",
            label=_("Give tickets away"),
            permission=Permission.COMP_TICKETS,
            run=comps.give_out_of,
            consequence=lambda hold: gettext(
                "A named person gets some of the {left} tickets for nothing, at once."
            ).format(left=hold.left),
            done=_("Tickets of {row.label} were given away and are on their way."),
            available=lambda hold: bool(hold.left) and _sells(hold.ticket_type),
            form=GiveAnswers,
            figures=figures.of_giving_out_of,
            icon="redeem",
        ),
        RowButton(
            name="release",
            label=_("Release"),
            permission=Permission.COMP_TICKETS,
            run=house.release,
            consequence=_("They go back on sale: first for people on the waiting list, then for everybody."),
            done=_("{row.label}: released."),
            available=lambda hold: bool(hold.left),
            form=ReleaseAnswers,
            figures=figures.of_releasing,
            icon="lock_open",
            is_destructive=True,
        ),
    ]

    made = columns.moment("created_at", _("kept since"))
    at = columns.venue_name()

    @admin.display(description=_("event"))
    def event(self, row: HouseHold) -> str:
        return row.ticket_type.event.name

    @admin.display(description=_("left"))
    def left_shown(self, row: HouseHold) -> int:
        return row.left

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fields: list[Any] = ["ticket_type", "quantity", "label", "note"]
        if obj is not None:
            fields += [("left_shown", "given", "released"), ("made", "made_by"), "at"]
        return [(None, {"fields": fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """What was kept back stands; the buttons move it."""
        if obj is None:
            return []
        return ["ticket_type", "quantity", "label", "note", "left_shown", "given", "released", "made", "made_by", "at"]

    def figures_of(self, fields: dict[str, Any]) -> str:
        return figures.of_keeping(fields["ticket_type"], fields["quantity"])

    def create(self, by: Any, fields: dict[str, Any]) -> HouseHold:
        return house.keep(fields.pop("ticket_type"), **fields, by=by, now=timezone.now())

    def alter(self, row: HouseHold, by: Any, fields: dict[str, Any]) -> HouseHold:
        return row

    def sections(self, request: HttpRequest, row: HouseHold) -> Iterable[Section]:
        given = row.comps.select_related("order", "given_by").order_by("-created_at")[:50]
        yield comp_section(self, request, row, given)
        yield from history(self, request, row)


def comp_section(page: TenantModelAdmin, request: HttpRequest, owner: Any, rows: Iterable[Comp]) -> Section:
    """What was given away, on the page of what it came out of."""
    return Section(
        title=gettext("Given away"),
        headers=[gettext("order"), gettext("to"), gettext("why"), gettext("by"), gettext("when")],
        rows=[
            [
                page.link(request, comp),
                comp.order.contact_name,
                comp.reason,
                str(comp.given_by),
                columns.local_time(comp.created_at, columns.zone_of(owner)),
            ]
            for comp in rows
        ],
        empty=gettext("Nothing was given away out of it."),
    )


@admin.register(Comp)
class CompAdmin(ImportMixin, HistoryMixin, TenantModelAdmin):
    """Tickets that were given away, apart from what was sold; their order takes them back."""

    importer = importing.IMPORTER

    venue_lookup = "order__venue_id"
    view_permission = Permission.COMP_TICKETS

    list_display = ["number", "event", "to", "tickets", "reason", "house_hold_label", "given_by", "given", "at"]
    list_filter = [VenueFilter, "order__status"]
    search_fields = ["order__number__istartswith", "order__contact_name__icontains", "reason__icontains"]
    search_help_text = _("Order number, name or reason")
    list_select_related = ["order__event", "house_hold", "given_by"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": [("number", "event"), "to", "reason", "house_hold_label", ("given_by", "given"), "at"]})
    ]
    readonly_fields = ["number", "event", "to", "house_hold_label", "given", "at"]

    given = columns.moment("created_at", _("given"))
    at = columns.venue_name()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("order__items")

    @admin.display(description=_("order"))
    def number(self, row: Comp) -> str:
        return row.order.number

    @admin.display(description=_("event"))
    def event(self, row: Comp) -> str:
        return str(row.order.event or "–")

    @admin.display(description=_("to"))
    def to(self, row: Comp) -> str:
        return row.order.contact_name or "–"

    @admin.display(description=_("tickets"))
    def tickets(self, row: Comp) -> int:
        return sum(item.quantity for item in row.order.all_lines())

    @admin.display(description=_("out of"))
    def house_hold_label(self, row: Comp) -> str:
        return row.house_hold.label if row.house_hold else gettext("what was on sale")

    def sections(self, request: HttpRequest, row: Comp) -> Iterable[Section]:
        yield order_section(self, request, row.order)
        yield from history(self, request, row)


@admin.register(DoorSale)
class DoorSaleAdmin(HistoryMixin, TenantModelAdmin):
    """What was sold over the counter. Their order pays them back."""

    venue_lookup = "order__venue_id"
    view_permission = Permission.SELL_AT_DOOR

    list_display = ["number", "event", "method_label", "total", "refunded", "sold_by", "sold", "at"]
    list_filter = [VenueFilter, "method"]
    search_fields = ["order__number__istartswith", "terminal_reference__istartswith"]
    search_help_text = _("Order number, or what the terminal printed")
    list_select_related = ["order__event", "sold_by"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": [("number", "event"), ("total", "refunded"), ("sold_by", "sold"), "at"]}),
        (_("Paid"), {"fields": ["method_label", ("tendered_shown", "change_shown"), "terminal_reference"]}),
    ]
    readonly_fields = [
        "number", "event", "total", "refunded", "sold", "at", "method_label", "tendered_shown", "change_shown",
    ]  # fmt: skip

    method_label = columns.badge("method", _("paid"))
    total = columns.money("order.amount_total", _("total"), currency="order.currency")
    refunded = columns.money("order.amount_refunded", _("paid back"), currency="order.currency")
    sold = columns.moment("created_at", _("sold"))
    at = columns.venue_name()

    @admin.display(description=_("order"))
    def number(self, row: DoorSale) -> str:
        return row.order.number

    @admin.display(description=_("event"))
    def event(self, row: DoorSale) -> str:
        return str(row.order.event or "–")

    @admin.display(description=_("handed over"))
    def tendered_shown(self, row: DoorSale) -> str:
        return "–" if row.tendered is None else columns.show(row.tendered, row.order.currency)

    @admin.display(description=_("change"))
    def change_shown(self, row: DoorSale) -> str:
        return columns.show(row.change, row.order.currency)

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Any) -> Any:
            def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
                return self.admin_site.admin_view(view)(*args, **kwargs)

            return update_wrapper(wrapped, view)

        return [*screens.urls(wrap), *super().get_urls()]

    def sections(self, request: HttpRequest, row: DoorSale) -> Iterable[Section]:
        yield order_section(self, request, row.order)
        yield Section(
            title=gettext("Hand them out again"),
            headers=[gettext("codes and paper")],
            rows=[[columns.anchor(screens.sale_url(row), gettext("Show the codes"))]] if row.order.event_id else [],
        )
        yield from history(self, request, row)


def order_section(page: TenantModelAdmin, request: HttpRequest, order: Any) -> Section:
    """The order behind it, where it is refunded."""
    return Section(
        title=gettext("Order"),
        headers=[gettext("order"), gettext("status")],
        rows=[[page.link(request, order), columns.label(order.status)]],
    )
