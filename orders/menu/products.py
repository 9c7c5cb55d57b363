"""Setting up what an outlet sells: products, their variants, and the options to pick from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from audit.trail import record
from orders.menu import stock, vocabulary, writing
from orders.menu.models import Option, OptionGroup, Outlet, Product, ProductVariant
from orders.menu.vocabulary import Allergen, DietaryMark
from trufan.lib.errors import Invalid
from venues.models import TaxRate

#: What staff may set; being sold out, the picture and the stock have rules of their own.
FIELDS = (
    "name", "description", "kind", "category", "tax_category", "allergens", "dietary_marks", "minimum_age",
    "max_per_order", "events", "dayparts", "position", "is_active",
)  # fmt: skip
#: What a product is taxed as where nobody says; a bar says so of its beer.
TAX_BY_KIND = {
    Product.Kind.CONCESSION: TaxRate.Category.FOOD,
    Product.Kind.MERCHANDISE: TaxRate.Category.MERCHANDISE,
}


def create(outlet: Outlet, by: Any, *, variants: Sequence[Mapping[str, Any]] = (), **fields: Any) -> Product:
    """Add a product with its variants, each at least a `price`. Raises `NameInUse`, `Invalid`."""
    fields.setdefault("tax_category", TAX_BY_KIND[Product.Kind(fields.get("kind", Product.Kind.CONCESSION))])
    with transaction.atomic():
        product = writing.add(Product(outlet=outlet), by, _checked(fields), _refuse_product)
        for position, variant in enumerate(variants):
            add_variant(product, by, **{"position": position, **variant})
    return product


def change(product: Product, by: Any, **fields: Any) -> Product:
    """Change some fields; orders keep what they were placed at. Raises `NameInUse`, `Invalid`."""
    return writing.change(product, by, _checked(fields), _refuse_product)


def set_sold_out(product: Product, by: Any, is_sold_out: bool) -> Product:
    """ "86": sold out from now on, whatever the stock says, or back on the menu. The same again changes nothing."""
    with transaction.atomic():
        row = writing.locked(product)
        if row.is_sold_out != is_sold_out:
            row.is_sold_out = is_sold_out
            row.save(update_fields=["is_sold_out", "updated_at"])
            record(f"product.{'sold_out' if is_sold_out else 'back'}", row, actor=by)
    return row


def add_variant(product: Product, by: Any, **fields: Any) -> ProductVariant:
    """Add a variant; `price` at least. Raises `NameInUse`."""
    return writing.add(ProductVariant(product=product), by, fields, _fine)


def change_variant(variant: ProductVariant, by: Any, **fields: Any) -> ProductVariant:
    """Change some fields; `quantity` is not one of them (see `stocktaking`). Raises `NameInUse`."""
    with transaction.atomic():
        row = writing.change(variant, by, fields, _fine)
        if "low_at" in fields:
            stock.note_refilled([row.pk])
            stock.warn([row.pk])
    return row


def add_group(product: Product, by: Any, *, options: Sequence[Mapping[str, Any]] = (), **fields: Any) -> OptionGroup:
    """Add a choice with its options. Raises `NameInUse`, `Invalid`."""
    with transaction.atomic():
        group = writing.add(OptionGroup(product=product), by, fields, _refuse_group)
        for position, option in enumerate(options):
            add_option(group, by, **{"position": position, **option})
    return group


def change_group(group: OptionGroup, by: Any, **fields: Any) -> OptionGroup:
    """Raises `NameInUse`, `Invalid`."""
    return writing.change(group, by, fields, _refuse_group)


def add_option(group: OptionGroup, by: Any, **fields: Any) -> Option:
    """Raises `NameInUse`."""
    return writing.add(Option(group=group), by, fields, _fine)


def change_option(option: Option, by: Any, **fields: Any) -> Option:
    """Raises `NameInUse`."""
    return writing.change(option, by, fields, _fine)


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """The same, its marks in the words of the lists."""
    for name, known in (("allergens", Allergen), ("dietary_marks", DietaryMark)):
        if name in fields:
            fields[name] = vocabulary.checked(name, fields[name], known)
    return fields


def _refuse_product(product: Product, changes: Mapping[str, Any]) -> None:
    for name in ("events", "dayparts"):
        if any(thing.venue_id != product.venue_id for thing in changes.get(name, ())):
            raise Invalid.field(name, "This is of another venue.", "not_found")


def _refuse_group(group: OptionGroup, changes: Mapping[str, Any]) -> None:
    if group.maximum < max(group.minimum, 1):
        raise Invalid.field("maximum", "At least one, and not less than the minimum.")


def _fine(row: Any, changes: Mapping[str, Any]) -> None:
    """The form and the table's constraints say all there is to say."""
