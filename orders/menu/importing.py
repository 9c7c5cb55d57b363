"""A menu out of a file: a row for each variant, recognised by its SKU, else by the names of product and variant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from accounts.grants import Permission
from orders.menu import products, stocktaking
from orders.menu.models import Outlet, Product, ProductVariant
from trufan.lib.importing.reports import Deed, Report, change
from trufan.lib.importing.rows import Column, Row
from trufan.lib.importing.running import Importer, trying
from trufan.lib.money import to_decimal
from trufan.lib.words import lazy as _
from venues.models import TaxRate

_NAME = Product._meta.get_field("name")
_VARIANT_NAME = ProductVariant._meta.get_field("name")


@dataclass
class _Menu:
    """What the outlet sells, and what the file has said of it so far."""

    outlet: Outlet
    products: dict[str, Product] = field(default_factory=dict)
    variants: dict[tuple[str, str], ProductVariant] = field(default_factory=dict)
    by_sku: dict[str, ProductVariant] = field(default_factory=dict)
    #: Variant → its row; product → what a row said of it, and which row.
    rows: dict[Any, int] = field(default_factory=dict)
    said: dict[tuple[str, str], tuple[Any, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, outlet: Outlet) -> _Menu:
        """Two queries."""
        menu = cls(outlet)
        found = list(ProductVariant.objects.filter(product__outlet=outlet).order_by("pk"))
        rows = {product.pk: product for product in Product.objects.filter(outlet=outlet)}
        for product in rows.values():
            product.outlet = outlet
            menu.products[product.name] = product
        counted = Counter(variant.sku for variant in found)
        for variant in found:
            variant.product = rows[variant.product_id]
            # A SKU that several have tells none of them.
            menu.add(variant, knows_sku=counted[variant.sku] == 1)
        return menu

    def add(self, variant: ProductVariant, *, knows_sku: bool = True) -> None:
        self.variants[variant.product.name, variant.name] = variant
        if variant.sku and knows_sku:
            self.by_sku[variant.sku] = variant


class MenuImporter(Importer):
    name = "products"
    title = _("Import products")
    target_label = _("Outlet")
    recognised = _(
        "A row for each variant. It is recognised by its SKU, else by the names of product and variant; what is there "
        "already is changed, never made twice. Nothing is removed."
    )
    permission = Permission.MANAGE_MENU
    max_rows = 2_000
    columns = (
        Column("product", _("Name on the menu."), True, "Burger"),
        Column("variant", _("Size or kind; empty where there is only one."), False, "Large"),
        Column("sku", _("Your own number for the variant."), False, "BUR-L"),
        Column("price", _("In the venue's currency; needed for a new variant."), False, "12.50"),
        Column("stock", _("What is there and not sold yet; empty: as it is, for a new one not counted."), False, "120"),
        Column("low_at", _("Warn the staff when so many are left."), False, "10"),
        Column("category", _("Its heading on the menu."), False, "Burgers"),
        Column("kind", _("concession or merchandise."), False, "concession"),
        Column("tax", _("Which of the venue's taxes it bears: a tax category."), False, "food"),
        Column("description", _("What the menu says of it."), False, "With cheese"),
        Column("minimum_age", _("Years."), False, "0"),
        Column("max_per_order", _("How many one order may have."), False, "20"),
        Column("active", _("yes or no: whether the variant is sold."), False, "yes"),
    )

    def targets(self, now: datetime) -> QuerySet[Outlet]:
        return Outlet.objects.filter(is_active=True).select_related("venue").order_by("venue__name", "name")

    def put(self, target: Outlet, rows: Sequence[Row], report: Report, *, by: Any, now: datetime) -> None:
        menu = _Menu.of(target)
        for row in rows:
            wanted = self._read(row, target.venue.currency)
            if not row.is_wrong:
                with trying(row, self.columns):
                    _put(menu, row, *wanted, by=by)

    def _read(self, row: Row, currency: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the row says of the product, and of the variant: the names, and what else is filled in."""
        product: dict[str, Any] = {
            "name": row.text("product", _NAME),
            "category": row.text("category", Product._meta.get_field("category")),
            "kind": row.choice("kind", Product.Kind.values),
            "tax_category": row.choice("tax", TaxRate.Category.values),
            "description": row.text("description", is_long=True),
            "minimum_age": row.whole("minimum_age", 0, 99),
            "max_per_order": row.whole("max_per_order", 1, 32_767),
        }
        variant: dict[str, Any] = {
            "name": row.text("variant", _VARIANT_NAME),
            "sku": row.text("sku", ProductVariant._meta.get_field("sku")),
            "price": row.amount("price", currency),
            "stock": row.whole("stock", 0, 1_000_000_000),
            "low_at": row.whole("low_at", 0, 1_000_000_000),
            "is_active": row.flag("active"),
        }
        return _filled(product), {"name": variant["name"], **_filled(variant)}


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _put(menu: _Menu, row: Row, about: dict[str, Any], wanted: dict[str, Any], *, by: Any) -> None:
    variant = menu.by_sku.get(wanted.get("sku", "")) or menu.variants.get((about["name"], wanted["name"]))
    what = f"{about['name']}, {wanted['name']}" if wanted["name"] else about["name"]
    if variant is not None and variant.product.name != about["name"]:
        said = gettext("This SKU is a variant of {product}.").format(product=variant.product.name)
        row.wrong("sku", said)
    elif variant is None and "price" not in wanted:
        row.wrong("price", gettext("A new variant needs a price."))
    elif _once(menu, row, variant.pk if variant else (about["name"], wanted["name"])) and _agrees(menu, row, about):
        if variant is None:
            made = _make(menu, about, wanted, by)
            menu.add(made)
            menu.rows[made.pk] = row.number
            row.report.did(row.number, Deed.MADE, what, _told(made, wanted))
        else:
            there = None if variant.quantity is None else variant.quantity - variant.sold
            changes = [*_change_product(menu, about, by), *_change(variant, wanted, there, by)]
            notes = (
                [gettext("stock until now: {there}").format(there=there)] if wanted.get("stock", there) != there else []
            )
            row.report.did(row.number, Deed.CHANGED if changes else Deed.SAME, what, changes, notes)


def _once(menu: _Menu, row: Row, key: Any) -> bool:
    first = menu.rows.setdefault(key, row.number)
    if first != row.number:
        row.wrong("variant", gettext("Row {first} is of the same variant.").format(first=first))
    return first == row.number


def _agrees(menu: _Menu, row: Row, about: dict[str, Any]) -> bool:
    """What several rows say of one product is the same."""
    for name, value in about.items():
        before, first = menu.said.setdefault((about["name"], name), (value, row.number))
        if before != value:
            column = "tax" if name == "tax_category" else name
            row.wrong(column, gettext("Row {first} says otherwise of this product.").format(first=first))
            return False
    return True


def _make(menu: _Menu, about: dict[str, Any], wanted: dict[str, Any], by: Any) -> ProductVariant:
    """A new variant, of a new product where there is none of the name."""
    product = menu.products.get(about["name"])
    if product is None:
        product = products.create(menu.outlet, by, **about)
        menu.products[product.name] = product
    else:
        _change_product(menu, about, by)
    fields = {name: value for name, value in wanted.items() if name != "stock"}
    position = sum(1 for of, _name in menu.variants if of == product.name)
    return products.add_variant(product, by, position=position, quantity=wanted.get("stock"), **fields)


def _told(made: ProductVariant, wanted: dict[str, Any]) -> Iterable[str]:
    for name in wanted:
        if name not in ("name", "sku"):
            yield change(name, "", _shown(made, name, wanted[name]))


def _change_product(menu: _Menu, about: dict[str, Any], by: Any) -> list[str]:
    product = menu.products[about["name"]]
    differing = {name: value for name, value in about.items() if getattr(product, name) != value}
    if not differing:
        return []
    changes = [change(name, getattr(product, name), value) for name, value in differing.items()]
    fresh = products.change(product, by, **differing)
    for name in differing:
        setattr(product, name, getattr(fresh, name))
    return changes


def _change(variant: ProductVariant, wanted: dict[str, Any], there: int | None, by: Any) -> list[str]:
    fields = {name: value for name, value in wanted.items() if name != "stock"}
    differing = {name: value for name, value in fields.items() if getattr(variant, name) != value}
    changes = [
        change(name, _shown(variant, name, getattr(variant, name)), _shown(variant, name, value))
        for name, value in differing.items()
    ]
    if differing:
        products.change_variant(variant, by, **differing)
    stock = wanted.get("stock")
    if stock is not None and stock != there:
        stocktaking.count(variant, by, counted=stock, reason="Imported from a file")
        # Sales move what was there; what it becomes is what the person agrees to.
        changes.append(f"stock: {stock}")
    return changes


def _shown(variant: ProductVariant, name: str, value: Any) -> Any:
    if name == "price":
        return to_decimal(value, variant.product.outlet.venue.currency)
    if name == "is_active":
        return gettext("yes") if value else gettext("no")
    return value


IMPORTER = MenuImporter()
