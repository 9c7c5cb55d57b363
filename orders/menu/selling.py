"""Whether, and for how much, a variant of a product is sold."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from orders.errors import NotForSale
from orders.menu import availability
from orders.menu.picking import pick
from orders.sellable import CartLine, Offer
from trufan.lib.errors import Detail

if TYPE_CHECKING:
    from orders.menu.models import ProductVariant


def by_asked_id(ids: set[UUID], now: datetime) -> dict[UUID, ProductVariant]:
    """The variants by their own ids, and by the id of a product that sells only one."""
    from orders.menu.models import ProductVariant

    found = list(ProductVariant.objects.priced(now).filter(Q(pk__in=ids) | Q(product__in=ids)))
    things = {variant.pk: variant for variant in found if variant.pk in ids}
    of_products: defaultdict[UUID, list[ProductVariant]] = defaultdict(list)
    for variant in found:
        if variant.product_id in ids and variant.is_active:
            of_products[variant.product_id].append(variant)
    return things | {product_id: only[0] for product_id, only in of_products.items() if len(only) == 1}


def make_offer(variant: ProductVariant, line: CartLine, now: datetime) -> Offer:
    """The offer for a line of a cart. Raises `NotForSale` with a detail for everything that is wrong with the line."""
    product = variant.product
    picked, problems = pick(product, line)
    problems = [*_problems(variant, line, now), *problems]
    if problems:
        raise NotForSale(details=problems)
    name = f"{variant} ({', '.join(map(str, picked))})" if picked else str(variant)
    return Offer(
        description=name,
        venue=product.outlet.venue,
        unit_price=max(variant.price + sum(each.price_delta for each in picked), 0),
        unit_fee=0,
        tax_category=product.tax_category,
        recipient_id=product.outlet.connected_account_id,
        outlet_id=product.outlet_id,
        service_charge_ppm=product.outlet.service_charge_ppm,
        is_food=product.kind == product.Kind.CONCESSION,
        belongs_to=frozenset({product.pk, product.outlet_id}),
        options=tuple(each.as_dict() for each in picked),
    )


def _problems(variant: ProductVariant, line: CartLine, now: datetime) -> list[Detail]:
    """What keeps the variant from being sold, options apart."""
    product = variant.product
    problems = []
    refusal = availability.why_not(product, now, line.events)
    if refusal:
        problems.append(refusal.at("id"))
    elif not variant.is_active:
        problems.append(NotForSale(gettext("{variant} is not on sale.").format(variant=variant)).at("id"))
    if line.in_cart > product.max_per_order:
        message = gettext("At most {max_per_order} of {variant} in one order.").format(
            max_per_order=product.max_per_order, variant=variant
        )
        problems.append(NotForSale(message).at("quantity"))
    return problems
