"""Changing an order that is not paid yet: priced anew under its lock, with its holds moved by difference.

The time to pay stays what it was: a change never lengthens the hold.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from audit.trail import record
from orders import completion, line_fields, stock
from orders.cart import Extras, Held, PricedCart, cart_lines, price_cart
from orders.cart_rules import Buyer, check
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
    asks: Mapping[str, Any] = MappingProxyType({}),
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
            _extras(locked, tip, codes, delivery),
            event_id=locked.event_id if event_id is _KEEP else event_id,
            asks=asks,
        )
        cart = price_cart(_lines(locked, lines, asks), now, extras, _held(before))
        cart = delivered(cart, locked.user, now)
        if cart.venue.pk != locked.venue_id:
            raise CartRefused(details=[NotForSale(gettext("One order is for one venue.")).at("items[0].id")])
        check(cart, _buyer(locked, asks), now, placing=True)
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
        raise OrderNotChangeable(
            gettext("This order is {status}; it does not change any more.").format(status=order.status)
        )
    if order.is_overdue(now):
        raise OrderNotChangeable(gettext("The hold on this order ran out. Place it again."))
    if Payment.objects.of(order).filter(status__in=_IN_FLIGHT).exists():
        raise PaymentInProgress


def _extras(order: Order, tip: Tip | None, codes: tuple[str, ...] | None, delivery: dict[str, Any] | None) -> Extras:
    return Extras(
        Tip(order.tip if order.tip_ppm is None else 0, order.tip_ppm) if tip is None else tip,
        tuple(order.discount_by_code) if codes is None else codes,
        order.delivery if delivery is None else delivery,
    )


def _buyer(order: Order, asks: Mapping[str, Any]) -> Buyer:
    return Buyer(order.user, order.contact_email, str(order.contact_phone), asks=asks, order=order)


def _lines(order: Order, given: Sequence[CartLine] | None, asks: Mapping[str, Any]) -> list[CartLine]:
    """What is given, and what stays: `given` takes the place of the lines that were named one by one, and a field of
    the cart that of the lines it stood for.
    """
    stays = []
    for item in order.all_lines():
        field = next((name for name in line_fields.fields_of_lines() if name in item.asked), None)
        if given is None if field is None else field not in asks:
            stays.append(item)
    return [*(given or ()), *_lines_of(stays)]


def _lines_of(items: Sequence[OrderItem]) -> list[CartLine]:
    return cart_lines(
        (item.item_type, item.item_id, item.quantity, _options(item), item.note, item.asked) for item in items
    )


def _options(item: OrderItem) -> tuple[tuple[UUID, int], ...]:
    """What was picked for each piece, as a cart says it."""
    return tuple((UUID(str(each["id"])), each["quantity"]) for each in item.chosen)


def _held(before: Sequence[OrderItem]) -> Held:
    held = defaultdict[tuple[str, UUID], list[tuple[Mapping[str, Any], int]]](list)
    for item in before:
        held[item.item_type, item.item_id].append((item.options, item.quantity))
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


def _alike(item: OrderItem) -> tuple[str, UUID, frozenset[tuple[UUID, int]], str]:
    return item.item_type, item.item_id, frozenset(_options(item)), json.dumps(item.asked, sort_keys=True, default=str)


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
