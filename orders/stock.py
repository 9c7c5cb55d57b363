"""Moving the stock behind an order's lines, kind by kind, always in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from orders.models import Order, OrderItem
from orders.sellable import Pieces, Sellable, sellable_model


def by_kind(items: Iterable[OrderItem]) -> list[tuple[type[Sellable], list[OrderItem]]]:
    """Lines grouped by what they are, in the order in which every transaction takes their stock."""
    ordered = sorted(items, key=lambda item: (item.item_type, item.item_id, item.position))
    return [(sellable_model(kind), list(group)) for kind, group in groupby(ordered, key=lambda item: item.item_type)]


def reserve(items: Sequence[OrderItem], now: datetime) -> None:
    """Hold the stock of all lines or raise `SoldOut`; the caller's transaction rolls back what was held."""
    for model, group in by_kind(items):
        model.reserve(group, now)


def take(order: Order, items: Sequence[OrderItem], now: datetime) -> None:
    """Hold and fulfil all lines of a new order at once. Raises `SoldOut` or `CannotFulfil`."""
    for model, group in by_kind(items):
        model.take(order, group, now)


def release(items: Sequence[OrderItem], now: datetime) -> None:
    """Give held stock back and mark the lines."""
    for model, group in by_kind(items):
        model.release(group, now)
    _mark(items, OrderItem.Status.RELEASED)


def rehold(before: Sequence[OrderItem], after: Sequence[OrderItem], now: datetime) -> None:
    """Hold what the lines `after` need in place of `before`; only the differences move. Raises `SoldOut`."""
    groups: dict[type[Sellable], tuple[list[OrderItem], list[OrderItem]]] = {}
    for model, items in by_kind([*before, *after]):
        ids = {id(item) for item in items}
        groups[model] = [i for i in before if id(i) in ids], [i for i in after if id(i) in ids]
    for model, (old, new) in groups.items():
        model.rehold(old, new, now)


def fulfil(order: Order, items: Sequence[OrderItem], now: datetime) -> None:
    """Turn every hold into the thing itself. May raise `CannotFulfil`."""
    _mark(items, OrderItem.Status.FULFILLED)
    for model, group in by_kind(items):
        model.fulfil(order, group, now)


def revoke(order: Order, pieces: Sequence[Pieces], now: datetime) -> None:
    """Take so many pieces of each line back and return their stock; a line without any left is revoked."""
    by_item = {each.item.pk: each for each in pieces}
    for model, group in by_kind(each.item for each in pieces):
        model.revoke(order, [by_item[item.pk] for item in group], now)
    for each in pieces:
        each.item.quantity_refunded += each.quantity
        if each.item.quantity_refunded == each.item.quantity:
            each.item.status = OrderItem.Status.REVOKED
    OrderItem.objects.bulk_update([each.item for each in pieces], ["quantity_refunded", "status"])


def freeze(order: Order, now: datetime) -> None:
    """Keep from its holders what the order's lines brought, while it is disputed whose money it is."""
    for model, group in by_kind(order.all_lines()):
        model.freeze(group, now)


def thaw(order: Order, now: datetime) -> None:
    """Let go what `freeze` kept."""
    for model, group in by_kind(order.all_lines()):
        model.thaw(group, now)


def suspend(pieces: Sequence[Pieces], now: datetime) -> None:
    """What is on its way back is of no use to anyone, until `resume` or `revoke`."""
    by_item = {each.item.pk: each for each in pieces}
    for model, group in by_kind(each.item for each in pieces):
        model.suspend([by_item[item.pk] for item in group], now)


def resume(pieces: Sequence[Pieces]) -> None:
    """It stays with its buyer after all."""
    by_item = {each.item.pk: each for each in pieces}
    for model, group in by_kind(each.item for each in pieces):
        model.resume([by_item[item.pk] for item in group])


def _mark(items: Sequence[OrderItem], status: str) -> None:
    OrderItem.objects.filter(pk__in=[item.pk for item in items]).update(status=status)
    for item in items:
        item.status = status
