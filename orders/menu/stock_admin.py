"""The console's page of the stock, and what the pages of the menu share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from orders.menu import products, stocktaking
from orders.menu.models import Outlet, ProductVariant
from orders.menu.permissions import RUN
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import OfVenueFilter, VenueFilter
from trufan.lib.console.forms import AmountsForm, ReasonForm
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.errors import Invalid
from trufan.lib.words import lazy as _


class PricedForm(AmountsForm):
    """A row below a product, its amounts in the currency of the product's venue."""

    parent: Any = None

    def currency(self) -> str | None:
        try:
            owner = self.parent or getattr(self.instance, "group", None) or self.instance
            return getattr(owner, "product", owner).outlet.venue.currency
        except ObjectDoesNotExist:
            return None


class VariantForm(PricedForm):
    amounts = ("price",)

    class Meta:
        model = ProductVariant
        fields = ["name", "sku", "price", "low_at", "position", "is_active"]


class OutletFilter(OfVenueFilter):
    """By outlet: those of the reader's venues."""

    title = _("outlet")
    parameter_name = "outlet"
    model = Outlet
    path = "outlet_id"


class VariantOutletFilter(OutletFilter):
    path = "product__outlet_id"


class StockAnswers(ReasonForm):
    """A count or a difference, and why."""

    counted = forms.IntegerField(
        min_value=0,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("What is there and not sold yet, carts included. Either this or a difference."),
    )
    delta = forms.IntegerField(
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        label=_("Difference"),
        help_text=_("So many more; -3 for fewer."),
    )
    field_order = ["counted", "delta", "reason"]


def _correct(
    variant: ProductVariant, *, by: Any, now: datetime, counted: int | None, delta: int | None, reason: str
) -> ProductVariant:
    if (counted is None) == (delta is None):
        raise Invalid(gettext("Give either a count or a difference."))
    if delta is not None:
        return stocktaking.correct(variant, by, delta=delta, reason=reason)
    return stocktaking.count(variant, by, counted=counted, reason=reason)


def _stop_counting(variant: ProductVariant, *, by: Any, now: datetime, reason: str) -> ProductVariant:
    return stocktaking.count(variant, by, counted=None, reason=reason)


@admin.register(ProductVariant)
class ProductVariantAdmin(HistoryMixin, RuleSavedAdmin):
    """The stock list. Variants are added on the page of their product."""

    form = VariantForm
    venue_lookup = "product__outlet__venue_id"
    view_permission = RUN
    change_permission = Permission.MANAGE_MENU
    readers_see = {"price": "price_shown"}

    list_display = ["__str__", "outlet", "price_shown", "left_shown", "sold", "held", "is_low", "is_active", "at"]
    list_filter = [VenueFilter, VariantOutletFilter, "is_low", "is_active"]
    search_fields = ["product__name__icontains", "name__icontains", "sku__istartswith"]
    list_select_related = ["product__outlet__venue"]
    ordering = ["product__outlet__name", "product__position", "product__name", "position", "name"]
    fieldsets = [
        (None, {"fields": ["product", ("name", "sku"), "price", ("position", "is_active")]}),
        (_("Stock"), {"fields": [("left_shown", "sold", "held"), "low_at"]}),
    ]
    buttons = [
        RowButton(
            name="stock",
            label=_("Correct stock"),
            permission=Permission.MANAGE_MENU,
            run=_correct,
            consequence=lambda variant: gettext("{variant}: {left_of} left, {sold} sold, {held} in carts.").format(
                variant=variant, left_of=left_of(variant), sold=variant.sold, held=variant.held
            ),
            done=_("The stock of {row} is corrected."),
            form=StockAnswers,
            icon="inventory",
        ),
        RowButton(
            name="stop-counting",
            label=_("Stop counting"),
            permission=Permission.MANAGE_MENU,
            run=_stop_counting,
            consequence=_("{row} is never short any more, until somebody counts it."),
            done=_("Nobody counts {row}."),
            available=lambda variant: variant.quantity is not None,
            form=ReasonForm,
            icon="all_inclusive",
            is_destructive=True,
        ),
    ]

    price_shown = columns.money("price", _("price"), currency="product.outlet.venue.currency")
    at = columns.venue_name()

    @admin.display(description=_("outlet"), ordering="product__outlet__name")
    def outlet(self, row: ProductVariant) -> str:
        return str(row.product.outlet)

    @admin.display(description=_("left"))
    def left_shown(self, row: ProductVariant) -> str:
        return left_of(row)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["product", "left_shown", "sold", "held"]

    def alter(self, row: ProductVariant, by: Any, fields: dict[str, Any]) -> ProductVariant:
        return products.change_variant(row, by, **fields)

    def sections(self, request: HttpRequest, row: ProductVariant) -> Iterable[Section]:
        yield from history(self, request, row)


def left_of(variant: ProductVariant) -> str:
    return gettext("not counted") if variant.quantity is None else str(variant.left)
