"""The console's pages of tips and ratings: read-only, but for a tip's refund."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Avg, Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from orders.aftersale import tipping
from orders.models import Order, OrderRating, OrderTip
from payments.admin import refund_section
from payments.models import Payment, Refund
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.columns import show
from trufan.lib.console.forms import ReasonForm
from trufan.lib.console.sections import Section
from trufan.lib.console.tenancy import TenantModelAdmin
from trufan.lib.words import lazy as _


@admin.register(OrderTip)
class OrderTipAdmin(HistoryMixin, TenantModelAdmin):
    """Tips that came after the sale."""

    venue_lookup = "order__venue_id"
    view_permission = Permission.VIEW_ORDERS

    list_display = ["number", "amount_shown", "refunded_shown", "state", "at", "asked", "paid"]
    list_filter = ["status"]
    search_fields = ["order__number__istartswith"]
    search_help_text = _("Order number")
    list_select_related = ["order__venue"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": ["order_link", "at", "state", ("amount_shown", "refunded_shown")]}),
        (_("When"), {"fields": [("asked", "paid")]}),
    ]
    readonly_fields = ["order_link", "at", "state", "amount_shown", "refunded_shown", "asked", "paid"]
    buttons = [
        RowButton(
            name="refund",
            label=_("Refund tip"),
            permission=Permission.REFUND_ORDERS,
            run=tipping.refund,
            consequence=lambda tip: gettext(
                "{amount_paid} goes back to the buyer, and is taken back from those who got it. The "
                "order stays as it is. This can't be undone."
            ).format(amount_paid=show(tip.amount_paid - tip.amount_refunded, tip.currency)),
            done=_("The refund of the tip on order {row.order} is under way."),
            available=lambda tip: tip.status == OrderTip.Status.PAID,
            form=ReasonForm,
            icon="undo",
            is_destructive=True,
        )
    ]

    amount_shown = columns.money("amount_total", _("amount"))
    refunded_shown = columns.money("amount_refunded", _("refunded"))
    state = columns.badge("status", _("status"))
    at = columns.venue_name()
    asked = columns.moment("created_at", _("asked for"))
    paid = columns.moment("paid_at", _("paid"))

    @admin.display(description=_("order"), ordering="order__number")
    def number(self, row: OrderTip) -> str:
        return row.order.number

    @admin.display(description=_("order"))
    def order_link(self, row: OrderTip) -> str:
        return columns.anchor(columns.change_url(row.order), row.order.number)

    def sections(self, request: HttpRequest, row: OrderTip) -> Iterable[Section]:
        if self.may(request, Permission.VIEW_PAYMENTS, row):
            payments = list(Payment.objects.of(row))
            refunds = Refund.objects.filter(payment__in=payments).select_related("payment", "requested_by")
            yield Section(
                title=gettext("Payments"),
                headers=[gettext("payment"), gettext("status"), gettext("why it failed")],
                rows=[
                    [
                        self.link(request, payment, show(payment.amount, payment.currency)),
                        columns.label(payment.status),
                        payment.failure_message or "–",
                    ]
                    for payment in payments
                ],
                empty=gettext("Nobody has tried to pay it yet."),
            )
            yield refund_section(self, request, row, refunds)
        yield from history(self, request, row)


@admin.register(OrderRating)
class OrderRatingAdmin(HistoryMixin, TenantModelAdmin):
    """What buyers think, with the average of each outlet above the list."""

    venue_lookup = "order__venue_id"
    view_permission = (Permission.VIEW_ORDERS, Permission.RUN_KITCHEN)

    list_display = ["stars_shown", "comment_start", "about", "number", "at", "rated"]
    list_filter = ["stars"]
    search_fields = ["order__number__istartswith", "outlet__name__icontains", "comment__icontains"]
    search_help_text = _("Order number, outlet, or words of the comment")
    list_select_related = ["order__venue", "outlet"]
    ordering = ["-created_at", "-id"]
    fieldsets = [(None, {"fields": [("stars_shown", "rated"), "about", "comment", "number", "at"]})]
    readonly_fields = ["stars_shown", "rated", "about", "number", "at"]
    list_before_template = "admin/console/sections.html"

    at = columns.venue_name()
    rated = columns.moment("updated_at", _("rated"))

    @admin.display(description=_("stars"), ordering="stars")
    def stars_shown(self, row: OrderRating) -> str:
        return "★" * row.stars + "☆" * (5 - row.stars)

    @admin.display(description=_("comment"))
    def comment_start(self, row: OrderRating) -> str:
        return row.comment if len(row.comment) <= 80 else f"{row.comment[:79]}…"

    @admin.display(description=_("about"), ordering="outlet__name")
    def about(self, row: OrderRating) -> str:
        return row.outlet.name if row.outlet else gettext("the whole order")

    @admin.display(description=_("order"), ordering="order__number")
    def number(self, row: OrderRating) -> str:
        return row.order.number

    def sections(self, request: HttpRequest, row: OrderRating) -> Iterable[Section]:
        yield from history(self, request, row)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        extra = {**(extra_context or {}), "sections": [averages(self.get_queryset(request))]}
        return super().changelist_view(request, extra)


def averages(ratings: QuerySet[OrderRating]) -> Section:
    """How many ratings each outlet has and what they average, the best first. One query."""
    rows = (
        ratings.order_by()
        .values("order__venue__name", "outlet__name")
        .annotate(count=Count("pk"), average=Avg("stars"))
        .order_by("-average", "-count", "order__venue__name", "outlet__name")
    )
    return Section(
        title=gettext("On average"),
        headers=[gettext("venue"), gettext("about"), gettext("ratings"), gettext("average")],
        rows=[
            [
                row["order__venue__name"],
                row["outlet__name"] or gettext("the whole order"),
                row["count"],
                f"{row['average']:.1f}",
            ]
            for row in rows
        ],
        empty=gettext("Nobody has rated anything yet."),
    )


def after_sale_sections(page: TenantModelAdmin, request: HttpRequest, row: Order) -> Iterable[Section]:
    """The tips and ratings of an order, on its page. Two queries."""
    tips, ratings = list(row.tips.select_related("order")), list(row.ratings.select_related("order", "outlet"))
    if tips:
        yield Section(
            title=gettext("Tips after the sale"),
            headers=[gettext("tip"), gettext("status"), gettext("refunded"), gettext("paid")],
            rows=[
                [
                    page.link(request, tip, show(tip.amount_total, tip.currency)),
                    columns.label(tip.status),
                    show(tip.amount_refunded, tip.currency),
                    columns.local_time(tip.paid_at, row.venue.zone),
                ]
                for tip in tips
            ],
        )
    if ratings:
        yield Section(
            title=gettext("Ratings"),
            headers=[gettext("rating"), gettext("about"), gettext("comment"), gettext("when")],
            rows=[
                [
                    page.link(request, rating, gettext("{stars} of 5").format(stars=rating.stars)),
                    rating.outlet.name if rating.outlet else gettext("the whole order"),
                    rating.comment or "–",
                    columns.local_time(rating.updated_at, row.venue.zone),
                ]
                for rating in ratings
            ],
        )
