"""A paid order reaches its outlets: one fulfilment each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from orders import announcements
from orders.kitchen import live, numbers
from orders.kitchen.models import Fulfilment
from orders.kitchen.promise import ahead_at, promised
from orders.menu.models import Outlet, Product, ProductVariant
from orders.models import Order, OrderItem
from payments.payable import CannotFulfil

#: How often a number is chosen anew when others were faster.
_TRIES = 10


def place(order: Order, items: Sequence[OrderItem], now: datetime) -> list[Fulfilment]:
    """One fulfilment for each outlet of these lines, to where the order says, promised by the outlet's queue."""
    products = _products(items)
    by_outlet: defaultdict[UUID, list[OrderItem]] = defaultdict(list)
    for item in items:
        by_outlet[products[item.item_id].outlet_id].append(item)
    outlets = {product.outlet_id: product.outlet for product in products.values()}
    ahead = ahead_at(outlets)
    made = [
        _new(order, outlet, [products[item.item_id] for item in by_outlet[pk]], ahead[pk], now)
        for pk, outlet in sorted(outlets.items())
    ]
    _write(order, made)
    for fulfilment in made:
        for item in by_outlet[fulfilment.outlet_id]:
            item.fulfilment = fulfilment
    OrderItem.objects.bulk_update(items, ["fulfilment"])
    announcements.placed(order, made, items)
    for fulfilment in made:
        live.publish_move("fulfilment.placed", fulfilment)
    return made


def _products(items: Sequence[OrderItem]) -> dict[UUID, Product]:
    """Variant id → its product, with its outlet."""
    variants = ProductVariant.objects.select_related("product__outlet").in_bulk({item.item_id for item in items})
    return {pk: variant.product for pk, variant in variants.items()}


def _new(order: Order, outlet: Outlet, products: Iterable[Product], ahead: int, now: datetime) -> Fulfilment:
    to = order.delivery
    return Fulfilment(
        order=order,
        outlet=outlet,
        method=to.get("method", Fulfilment.Method.PICKUP),
        section=to.get("section", ""),
        row=to.get("row", ""),
        seat=to.get("seat", ""),
        note=to.get("note", ""),
        minimum_age=max(product.minimum_age for product in products),
        promised_at=promised(outlet, ahead, now),
        created_at=now,
    )


def _write(order: Order, made: list[Fulfilment]) -> None:
    """Insert them, outlet by outlet in key order; who finds a number just taken takes the next.

    ON CONFLICT DO NOTHING rather than a caught IntegrityError, which would cost a savepoint for every sale.
    """
    waiting = made
    for _ in range(_TRIES):
        taken = taken_at({fulfilment.outlet_id for fulfilment in waiting})
        for fulfilment in waiting:
            fulfilment.pickup_number = numbers.free(order.pk, taken[fulfilment.outlet_id])
        Fulfilment.objects.bulk_create(waiting, ignore_conflicts=True)
        written = set(Fulfilment.objects.filter(pk__in=[each.pk for each in waiting]).values_list("pk", flat=True))
        waiting = [fulfilment for fulfilment in waiting if fulfilment.pk not in written]
        if not waiting:
            return
    raise CannotFulfil(gettext("No pickup number is free."))


def taken_at(outlets: Iterable[UUID]) -> defaultdict[UUID, set[int]]:
    """Outlet → the numbers of its open orders, in one query."""
    rows = Fulfilment.objects.filter(outlet__in=list(outlets), status__in=Fulfilment.OPEN).order_by()
    taken: defaultdict[UUID, set[int]] = defaultdict(set)
    for outlet_id, number in rows.values_list("outlet_id", "pickup_number"):
        taken[outlet_id].add(number)
    return taken
