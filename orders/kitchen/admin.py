"""The console's page of fulfilments, and the way to the kitchen's screens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import update_wrapper
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from orders.kitchen import ending, moves, queue, screens
from orders.kitchen.models import Fulfilment
from orders.models import Order
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import Answers
from trufan.lib.console.searching import IndexedSearchMixin
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.numbers import read_out
from trufan.lib.words import lazy as _

Status = Fulfilment.Status


class BuyerReasonForm(Answers):
    """A reason that the buyer is told."""

    reason = forms.CharField(
        max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), help_text=_("The buyer reads it.")
    )


def of_order(page: TenantModelAdmin, request: HttpRequest, order: Order) -> Iterable[Section]:
    """What each outlet owes an order, for the order's own page; nothing where nobody has to make anything."""
    rows = [
        [
            page.link(request, row, str(row.pickup_number)),
            columns.label(row.status),
            row.outlet.name,
            row.place or "the counter",
            columns.local_time(row.promised_at, order.venue.zone),
            columns.local_time(row.ended_at, order.venue.zone),
            row.reason or "–",
        ]
        for row in order.fulfilments.select_related("outlet").order_by("outlet__name")
    ]
    if rows:
        headers = [
            gettext("number"),
            gettext("status"),
            gettext("outlet"),
            gettext("to"),
            gettext("promised for"),
            gettext("ended"),
            gettext("why"),
        ]
        yield Section(title=gettext("In the kitchen"), headers=headers, rows=rows)


def _step_back(row: Fulfilment, *, by: Any, now: datetime) -> Fulfilment:
    return moves.back(row, since=row.status, by=by, now=now)


@admin.register(Fulfilment)
class FulfilmentAdmin(IndexedSearchMixin, HistoryMixin, TenantModelAdmin):
    """What outlets made, or have still to make; they work at the kitchen's screens, and look things up here."""

    venue_lookup = "outlet__venue_id"
    view_permission = (Permission.RUN_KITCHEN, Permission.VIEW_ORDERS)

    list_display = ["number", "state", "outlet", "to_where", "order_number", "placed", "promised", "ended"]
    list_display_links = ["number"]
    list_filter = [VenueFilter, "status", "method"]
    search_fields = ["order__number", "pickup_number", "section", "seat"]
    search_help_text = _("Order number; of the last two days also pickup number, section or seat")
    list_select_related = ["outlet", "order"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": [("number", "state"), ("outlet", "to_where"), ("note", "age"), "reason"]}),
        (_("When"), {"fields": [("placed", "promised"), ("accepted", "preparing"), ("made", "sent_out"), "ended"]}),
    ]
    readonly_fields = [
        "number", "state", "to_where", "age", "placed", "promised", "accepted", "preparing", "made", "sent_out",
        "ended",
    ]  # fmt: skip
    buttons = [
        RowButton(
            name="refuse",
            label=_("Refuse"),
            permission=Permission.RUN_KITCHEN,
            run=ending.refuse,
            consequence=_("{row} won't be made. What is left of its lines is refunded, and the buyer told why."),
            done=_("{row} is refused."),
            available=lambda row: row.can_move(Status.REFUSED),
            form=BuyerReasonForm,
            icon="block",
            is_destructive=True,
        ),
        RowButton(
            name="cancel",
            label=_("Cancel"),
            permission=Permission.RUN_KITCHEN,
            run=ending.cancel,
            consequence=_("{row} is given up. What is left of its lines is refunded, and the buyer told why."),
            done=_("{row} is cancelled."),
            available=lambda row: row.can_move(Status.CANCELLED),
            form=BuyerReasonForm,
            icon="close",
            is_destructive=True,
        ),
        RowButton(
            name="back",
            label=_("Step back"),
            permission=Permission.RUN_KITCHEN,
            run=_step_back,
            consequence=lambda row: gettext("{row} is {words} again.").format(
                row=row, words=columns.words(moves.previous(row)).lower()
            ),
            done=_("{row} is back."),
            available=lambda row: bool(moves.previous(row)),
            icon="undo",
        ),
    ]

    state = columns.badge("status", _("status"))
    placed = columns.moment("created_at", _("placed"))
    promised = columns.moment("promised_at", _("promised for"))
    accepted = columns.moment("accepted_at", _("accepted"))
    preparing = columns.moment("preparing_at", _("begun"))
    made = columns.moment("ready_at", _("ready"))
    sent_out = columns.moment("sent_out_at", _("sent out"))
    ended = columns.moment("ended_at", _("ended"))

    def ways(self, request: HttpRequest, typed: str) -> list[Q]:
        lately = Q(created_at__gte=timezone.now() - timedelta(days=2))
        found = [lately & (Q(section__iexact=typed) | Q(seat__iexact=typed))]
        if number := read_out(typed):
            found.append(Q(order__number__startswith=number))
        if typed.isdecimal() and len(typed) < 6:
            found.append(lately & Q(pickup_number=int(typed)))
        return found

    @admin.display(description=_("number"), ordering="pickup_number")
    def number(self, row: Fulfilment) -> int:
        return row.pickup_number

    @admin.display(description=_("order"))
    def order_number(self, row: Fulfilment) -> str:
        return row.order.number

    @admin.display(description=_("to"))
    def to_where(self, row: Fulfilment) -> str:
        return row.place or gettext("the counter")

    @admin.display(description=_("age"))
    def age(self, row: Fulfilment) -> str:
        if not row.needs_age_check:
            return gettext("nothing to check")
        return (
            gettext("{minimum_age} or older, checked")
            if row.age_checked_at
            else gettext("{minimum_age} or older, to be checked")
        ).format(minimum_age=row.minimum_age)

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Any) -> Any:
            def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
                return self.admin_site.admin_view(view)(*args, **kwargs)

            return update_wrapper(wrapped, view)

        return [*screens.urls(wrap), *super().get_urls()]

    def sections(self, request: HttpRequest, row: Fulfilment) -> Iterable[Section]:
        yield Section(
            title=gettext("What it is"),
            headers=[gettext("how many"), gettext("what"), gettext("with"), gettext("wish")],
            rows=[
                [f"{line.quantity} ×", line.description, ", ".join(line.options) or "–", line.note or "–"]
                for line in queue.entry(row, timezone.now()).lines
            ],
        )
        yield Section(
            title=gettext("Order"),
            headers=[gettext("order"), gettext("status")],
            rows=[[self.link(request, row.order), columns.label(row.order.status)]],
        )
        yield from history(self, request, row)
