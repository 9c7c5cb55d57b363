"""Changing an order that is not paid yet: priced anew under its lock, with its holds moved by difference.

The time to pay stays what it was: a change never lengthens the hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from audit.trail import record
from orders import completion, stock
from orders.cart import Extras, Held, PricedCart, cart_lines, price_cart
from orders.checkout import delivered, item_values, order_values
from orders.errors import CartRefused, NotForSale, OrderNotChangeable
from orders.expiry import make_room
from orders.locking import lock
from orders.models import Order, OrderItem
from orders.pricing import Tip
from orders.promos import uses
from orders.sellable import CartLine
from payments import charges
from payments.errors import PaymentInProgress
from payments.models import Payment

#: More than any position: lines move there before they take their new places, two of which may be one another's.
_ASIDE = 10_000
#: Says that the order's event stays: None takes it away.
_KEEP: Any = object()
#: At these the provider may be collecting the old amount at this moment.
_IN_FLIGHT = (Payment.Status.CREATED, Payment.Status.PROCESSING)


def change_order(
    order: Order,
    *,
    lines: Sequence[CartLine] | None = None,
    tip: Tip | None = None,
    codes: tuple[str, ...] | None = None,
    delivery: dict[str, Any] | None = None,
    event_id: UUID | None = _KEEP,
    by: Any,
    now: datetime,
) -> Order:
    """Put what is given in the place of what the order has; all of it is priced as at `now`, or nothing changes.

    Lines that stay keep their ids. An order that comes to nothing is complete at once. The caller goes on to
    `charges.follow` once this is committed. Raises `OrderNotChangeable`, `PaymentInProgress`, `CartRefused`,
    `SoldOut`, `PromoUsedUp`, `Invalid` (a delivery that is not to be had).
    """
    with transaction.atomic():
        locked = lock(order.pk)
        _refuse(locked, now)
        before = locked.all_lines()
        extras = replace(
            _extras(locked, tip, codes, delivery), event_id=locked.event_id if event_id is _KEEP else event_id
        )
        cart = price_cart(_lines_of(locked) if lines is None else lines, now, extras, _held(before))
        cart = delivered(cart, locked.user, now)
        if cart.venue.pk != locked.venue_id:
            raise CartRefused(details=[NotForSale("One order is for one venue.").at("items[0].id")])
        old = _said(locked)
        had_codes = bool(locked.discount)
        if cart.short_lines or cart.codes:
            make_room(cart, now, uses.of_person(locked.user_id, locked.contact_email), also=before)
        _write(locked, cart, before)
        stock.rehold(before, locked.all_lines(), now)
        if cart.codes or had_codes:
            uses.rehold(locked, cart.codes)
        record("order.changed", locked, old=old, new=_said(locked), actor=by)
        if locked.is_free:
            completion.settle(locked, None, now)
            charges.cancel_open(locked, now)
    return locked


def _refuse(order: Order, now: datetime) -> None:
    if order.status != Order.Status.PENDING:
        raise OrderNotChangeable(f"This order is {order.status}; it does not change any more.")
    if order.is_overdue(now):
        raise OrderNotChangeable("The hold on this order ran out. Place it again.")
    if Payment.objects.of(order).filter(status__in=_IN_FLIGHT).exists():
        raise PaymentInProgress


def _extras(order: Order, tip: Tip | None, codes: tuple[str, ...] | None, delivery: dict[str, Any] | None) -> Extras:
    return Extras(
        Tip(order.tip if order.tip_ppm is None else 0, order.tip_ppm) if tip is None else tip,
        tuple(order.discount_by_code) if codes is None else codes,
        order.delivery if delivery is None else delivery,
    )


def _lines_of(order: Order) -> list[CartLine]:
    return cart_lines(
        (item.item_type, item.item_id, item.quantity, _options(item), item.note) for item in order.all_lines()
    )


def _options(item: OrderItem) -> tuple[tuple[UUID, int], ...]:
    """What was picked for each piece, as a cart says it."""
    return tuple((UUID(str(each["id"])), each["quantity"]) for each in item.chosen)


def _held(before: Sequence[OrderItem]) -> Held:
    held = Counter[tuple[str, UUID]]()
    for item in before:
        held[item.item_type, item.item_id] += item.quantity
    return held


def _write(order: Order, cart: PricedCart, before: Sequence[OrderItem]) -> None:
    """Store the order and its lines as the cart has them; a line of the same thing, made alike, keeps its row."""
    values = order_values(cart)
    for name, value in values.items():
        setattr(order, name, value)
    order.save(update_fields=[*values, "updated_at"])
    rows: defaultdict[Any, list[OrderItem]] = defaultdict(list)
    for item in reversed(before):
        rows[_alike(item)].append(item)
    kept, added = [], []
    for position, line in enumerate(cart.lines):
        item = OrderItem(order=order, **item_values(position, line))
        if same := rows[_alike(item)]:
            old = same.pop()
            item.pk, item.created_at = old.pk, old.created_at
            kept.append(item)
        else:
            added.append(item)
    OrderItem.objects.filter(order=order).exclude(pk__in=[item.pk for item in kept]).delete()
    OrderItem.objects.filter(order=order).update(position=F("position") + _ASIDE)
    if kept:
        OrderItem.objects.bulk_update(kept, list(item_values(0, cart.lines[0])))
    OrderItem.objects.bulk_create(added)
    order.lines = sorted([*kept, *added], key=lambda item: item.position)


def _alike(item: OrderItem) -> tuple[str, UUID, frozenset[tuple[UUID, int]]]:
    return item.item_type, item.item_id, frozenset(_options(item))


def _said(order: Order) -> dict[str, Any]:
    return {
        "total": order.amount_total,
        "tip": order.tip,
        "discount": order.discount,
        "lines": [
            {"item": item.item_id, "quantity": item.quantity}
            | ({"options": [each["name"] for each in item.chosen]} if item.chosen else {})
            for item in order.all_lines()
        ],
    }
