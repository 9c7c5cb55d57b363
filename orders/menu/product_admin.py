"""The console's pages of products, their variants, and the options to pick from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.grants import Permission
from audit.console import HistoryMixin, history
from orders.menu import importing, pictures, products, writing
from orders.menu.models import Option, OptionGroup, Product, ProductVariant
from orders.menu.permissions import RUN
from orders.menu.stock_admin import OutletFilter, PricedForm, VariantForm, VariantOutletFilter, left_of
from orders.menu.vocabulary import Allergen, DietaryMark
from trufan.lib.console import columns
from trufan.lib.console.buttons import RowButton
from trufan.lib.console.filters import VenueFilter
from trufan.lib.console.forms import RuleForm
from trufan.lib.console.importing import ImportMixin
from trufan.lib.console.inlines import RuleSavedInline
from trufan.lib.console.saving import RuleSavedAdmin
from trufan.lib.console.sections import Section
from trufan.lib.words import lazy as _


class ProductForm(RuleForm):
    """A product, its marks to be ticked."""

    allergens = forms.MultipleChoiceField(
        required=False, choices=lambda: Allergen.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    dietary_marks = forms.MultipleChoiceField(
        required=False, choices=lambda: DietaryMark.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = Product
        fields = ["outlet", "picture", *products.FIELDS]


class NewVariantForm(VariantForm):
    """Its first count can be told while it is new; later ones have a reason."""

    class Meta(VariantForm.Meta):
        fields = ["name", "sku", "price", "quantity", "low_at", "position", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["quantity"].disabled = True


class OptionForm(PricedForm):
    amounts = ("price_delta",)
    signed = ("price_delta",)

    class Meta:
        model = Option
        fields = ["name", "price_delta", "is_available", "position"]
        labels = {"price_delta": _("Changes the price by")}


class VariantInline(RuleSavedInline):
    model = ProductVariant
    form = NewVariantForm
    verbose_name_plural = _("variants: what has a price and a stock")
    show_change_link = True
    min_num = 1

    def create(self, parent: Product, by: Any, fields: dict[str, Any]) -> ProductVariant:
        return products.add_variant(parent, by, **fields)

    def alter(self, row: ProductVariant, by: Any, fields: dict[str, Any]) -> ProductVariant:
        return products.change_variant(row, by, **fields)


class OptionGroupInline(RuleSavedInline):
    model = OptionGroup
    verbose_name_plural = _("choices: save, then follow the link to their options")
    show_change_link = True
    can_delete = True

    def create(self, parent: Product, by: Any, fields: dict[str, Any]) -> OptionGroup:
        return products.add_group(parent, by, **fields)

    def alter(self, row: OptionGroup, by: Any, fields: dict[str, Any]) -> OptionGroup:
        return products.change_group(row, by, **fields)

    def remove(self, row: OptionGroup, by: Any) -> None:
        writing.remove(row, by)


class OptionInline(RuleSavedInline):
    model = Option
    form = OptionForm
    can_delete = True

    def create(self, parent: OptionGroup, by: Any, fields: dict[str, Any]) -> Option:
        return products.add_option(parent, by, **fields)

    def alter(self, row: Option, by: Any, fields: dict[str, Any]) -> Option:
        return products.change_option(row, by, **fields)

    def remove(self, row: Option, by: Any) -> None:
        writing.remove(row, by)


def _sold_out(product: Product, *, by: Any, now: datetime) -> Product:
    return products.set_sold_out(product, by, True)


def _back(product: Product, *, by: Any, now: datetime) -> Product:
    return products.set_sold_out(product, by, False)


@admin.register(Product)
class ProductAdmin(ImportMixin, HistoryMixin, RuleSavedAdmin):
    """What outlets sell. Sold out in one touch, from the list."""

    importer = importing.IMPORTER
    form = ProductForm
    venue_lookup = "outlet__venue_id"
    view_permission = RUN
    change_permission = Permission.MANAGE_MENU
    can_add = True

    list_display = ["name", "outlet", "category", "kind_label", "sold_out_label", "is_active", "touch", "at"]
    list_filter = [VenueFilter, OutletFilter, "kind", "is_sold_out", "is_active"]
    search_fields = ["name__icontains", "category__icontains", "outlet__name__icontains"]
    list_select_related = ["outlet__venue"]
    autocomplete_fields = ["outlet", "events"]
    ordering = ["outlet__name", "position", "name"]
    inlines = [VariantInline, OptionGroupInline]
    fieldsets = [
        (None, {"fields": ["outlet", ("name", "category"), "description", "picture", ("kind", "tax_category")]}),
        (_("Marks"), {"fields": ["allergens", "dietary_marks", "minimum_age"]}),
        (_("When it is sold"), {"fields": ["events", "dayparts", ("max_per_order", "position", "is_active")]}),
    ]
    buttons = [
        RowButton(
            name="sold-out",
            label=_("86: sold out"),
            permission=RUN,
            run=_sold_out,
            consequence=_("Nobody can order {row} from now on, whatever its stock says."),
            done=_("{row} is sold out."),
            available=lambda product: not product.is_sold_out,
            icon="remove_shopping_cart",
            is_destructive=True,
        ),
        RowButton(
            name="back",
            label=_("Back on the menu"),
            permission=RUN,
            run=_back,
            consequence=_("{row} can be ordered again."),
            done=_("{row} is back on the menu."),
            available=lambda product: product.is_sold_out,
            icon="add_shopping_cart",
        ),
    ]
    touches = ["sold-out", "back"]

    kind_label = columns.badge("kind", _("kind"), {})
    at = columns.venue_name()

    @admin.display(description=_("sold out"), boolean=True, ordering="is_sold_out")
    def sold_out_label(self, row: Product) -> bool:
        return row.is_sold_out

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["outlet"] if obj else []

    def create(self, by: Any, fields: dict[str, Any]) -> Product:
        picture = fields.pop("picture", None)
        product = products.create(fields.pop("outlet"), by, **fields)
        return pictures.put(product, by, picture) if picture else product

    def alter(self, row: Product, by: Any, fields: dict[str, Any]) -> Product:
        if "picture" in fields:
            pictures.put(row, by, fields.pop("picture") or None)
        return products.change(row, by, **fields)

    def sections(self, request: HttpRequest, row: Product) -> Iterable[Section]:
        variants = list(row.variants.all())
        for variant in variants:
            variant.product = row
        yield Section(
            title=gettext("Stock"),
            headers=[gettext("variant"), gettext("left"), gettext("sold"), gettext("held in carts"), gettext("low")],
            rows=[
                [self.link(request, v), left_of(v), v.sold, v.held, "running low" if v.is_low else "–"]
                for v in variants
            ],
            empty=gettext("Without a variant it can't be sold."),
        )
        yield from history(self, request, row, *variants)


@admin.register(OptionGroup)
class OptionGroupAdmin(HistoryMixin, RuleSavedAdmin):
    """A choice and its options, reached from the page of its product."""

    venue_lookup = "product__outlet__venue_id"
    view_permission = RUN
    change_permission = Permission.MANAGE_MENU

    list_display = ["name", "product", "outlet", "minimum", "maximum", "at"]
    list_filter = [VenueFilter, VariantOutletFilter]
    search_fields = ["name__icontains", "product__name__icontains"]
    list_select_related = ["product__outlet__venue"]
    ordering = ["product__outlet__name", "product__name", "position", "name"]
    fields = ["product", "name", ("minimum", "maximum"), "position"]
    inlines = [OptionInline]

    at = columns.venue_name()

    @admin.display(description=_("outlet"), ordering="product__outlet__name")
    def outlet(self, row: OptionGroup) -> str:
        return str(row.product.outlet)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["product"]

    def alter(self, row: OptionGroup, by: Any, fields: dict[str, Any]) -> OptionGroup:
        return products.change_group(row, by, **fields)

    def sections(self, request: HttpRequest, row: OptionGroup) -> Iterable[Section]:
        yield from history(self, request, row, *row.options.all())
