"""The stock of whatever counts it: two counters on one row, moved only by conditional UPDATEs, rows in key order.

A table with `quantity`, `held` and `sold` keeps its stock here. `held` counts what pending orders keep, `sold` what was
bought; together they never exceed `quantity`, and where that is NULL nothing is ever short. An UPDATE that finds too
little changes nothing and says so by its row count; a CHECK constraint of the table stands behind it.

A table that keeps a line of people who wait (`keeps_a_line`) has two more: `waiting`, how many pieces they want, and
`set_aside`, how many of these came free. What comes free is set aside by the UPDATE that frees it, so that at no moment
it is the public's while somebody waits; what is set aside is held by nobody, and is not for sale.

A table that keeps some of it for the house (`keeps_house`) has `house`: how many pieces its seller keeps back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Least

from orders.cart import sold_out
from orders.errors import CounterBroken
from orders.models import OrderItem
from orders.sellable import Pieces
from orders.signals import stock_moved
from trufan.lib.appending import Change, change
from trufan.lib.compiled import UpdateByKeys

#: A table of `Sellable`s that has the three columns.
Table = type[Any]


def hold(table: Table, items: Sequence[OrderItem]) -> None:
    """Hold the stock of all items, or raise `SoldOut` naming every line that is short."""
    _claim(table, items, "held")


def take(table: Table, items: Sequence[OrderItem]) -> None:
    """The same for what is sold at once."""
    _claim(table, items, "sold")


def _claim(table: Any, items: Sequence[OrderItem], counter: str) -> None:
    wanted = _in_key_order(_of_items(items))
    claiming = _claiming(table, counter)

    def refuse(*short: UUID) -> None:
        left = {row.pk: row.left for row in table._default_manager.filter(pk__in=short)}
        raise sold_out((i.position, i.description, left[i.item_id]) for i in items if i.item_id in left)

    if len(wanted) == 1:
        # With the order's own rows, where they wait to be written.
        change(Change(table, *claiming.statement(*wanted[0]), missed=partial(refuse, wanted[0][0])))
    elif short := [thing_id for thing_id, number in wanted if not claiming.run(thing_id, number)]:
        refuse(*short)
    stock_moved.send(sender=table, table=table, ids={item.item_id for item in items})


@cache
def _claiming(table: Any, counter: str) -> UpdateByKeys:
    def build(thing_id: UUID, wanted: int) -> tuple[QuerySet[Any], dict[str, Any]]:
        enough = Q(quantity=None) | Q(quantity__gte=taken(table) + wanted)
        return table._default_manager.filter(enough, pk=thing_id), {counter: F(counter) + wanted}

    return UpdateByKeys(build, UUID, int)


def let_go(table: Table, items: Sequence[OrderItem]) -> None:
    """Give held stock back to the public."""
    for thing_id, count in _in_key_order(_of_items(items)):
        _move(table, thing_id, held=-count)
    stock_moved.send(sender=table, table=table, ids={item.item_id for item in items})


def sell(table: Table, items: Sequence[OrderItem]) -> None:
    """What was held is now sold."""
    for thing_id, count in _in_key_order(_of_items(items)):
        _move(table, thing_id, held=-count, sold=count)


def take_back(table: Table, counts: Mapping[UUID, int]) -> None:
    """Sold pieces return to the stock: thing → how many."""
    for thing_id, count in _in_key_order(counts):
        _move(table, thing_id, sold=-count)
    stock_moved.send(sender=table, table=table, ids=set(counts))


def taken(table: Table) -> Combinable:
    """In SQL: how many pieces are not the public's to buy."""
    kept: Combinable = F("held") + F("sold")
    if table.keeps_house:
        kept = kept + F("house")
    return kept + F("set_aside") if table.keeps_a_line else kept


def set_aside(freed: int) -> Combinable:
    """In SQL: what is set aside once so many come free: no more than people wait for."""
    return Least(F("set_aside") + freed, F("waiting"))


def of_pieces(pieces: Iterable[Pieces]) -> Counter[UUID]:
    """Thing → how many of these pieces."""
    counts: Counter[UUID] = Counter()
    for each in pieces:
        counts[each.item.item_id] += each.quantity
    return counts


def _move(table: Table, thing_id: UUID, *, held: int = 0, sold: int = 0) -> None:
    rows = table._default_manager.filter(pk=thing_id)
    if held < 0:
        rows = rows.filter(held__gte=-held)
    if sold < 0:
        rows = rows.filter(sold__gte=-sold)
    moved: dict[str, Combinable] = {"held": F("held") + held, "sold": F("sold") + sold}
    if table.keeps_a_line and held + sold < 0:
        moved["set_aside"] = set_aside(-held - sold)
    if not rows.update(**moved):
        raise CounterBroken


def _of_items(items: Iterable[OrderItem]) -> Counter[UUID]:
    counts: Counter[UUID] = Counter()
    for item in items:
        counts[item.item_id] += item.quantity
    return counts


def _in_key_order(counts: Mapping[UUID, int]) -> list[tuple[UUID, int]]:
    return sorted(counts.items())
