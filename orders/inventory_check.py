"""The proof that counters say what rows say. A counter and its rows are read by one statement, at one moment.

Whoever keeps a stock registers its check, from `AppConfig.ready()`; `manage.py check_inventory` runs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from orders.models import Order, OrderItem, ProductVariant
from orders.sellable import Sellable


@dataclass(frozen=True)
class Difference:
    """A counter (`held`) of a row that says `counted` where what it counts (`lines`) are `found`."""

    kind: str
    id: UUID
    name: str
    counter: str
    counted: int
    of: str
    found: int

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.name}): {self.counter} is {self.counted}, the {self.of} say {self.found}"


Check = Callable[[], Iterator[Difference]]
_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Add the check of a stock; it yields every counter that is wrong."""
    _checks[name] = check


def differences() -> Iterator[Difference]:
    """Every counter of any stock that is wrong."""
    for _, check in sorted(_checks.items()):
        yield from check()


def with_lines(table: type[Sellable]) -> QuerySet[Any]:
    """The rows of a table with a stock, with what the lines say of them.

    `held_lines` are the held lines of pending orders, `fulfilled_lines` what was not taken back of the fulfilled ones.
    """
    lines = OrderItem.objects.filter(item_type=table.sellable_type, item_id=OuterRef("pk"))
    held = lines.filter(status=OrderItem.Status.HELD, order__status=Order.Status.PENDING)
    fulfilled = lines.filter(status=OrderItem.Status.FULFILLED)
    return table._default_manager.annotate(
        held_lines=total(held, "item_id", Sum("quantity")),
        fulfilled_lines=total(fulfilled, "item_id", Sum(F("quantity") - F("quantity_refunded"))),
    )


def total(rows: QuerySet[Any], by: str, sum_up: Any) -> Coalesce:
    """The sum over the rows that belong to the outer row, as a column of it; 0 without any."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(total=sum_up).values("total")), 0)


def variants() -> Iterator[Difference]:
    """The check of what outlets sell."""
    for row in with_lines(ProductVariant).select_related("product").iterator():
        for counter, counted, found in (
            ("held", row.held, row.held_lines),
            ("sold", row.sold, row.fulfilled_lines),
        ):
            if counted != found:
                yield Difference("product variant", row.pk, str(row), counter, counted, "lines", found)
