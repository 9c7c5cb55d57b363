"""What an outlet has before it: its open fulfilments, the oldest first, and what of them goes to seats.

However many orders came before, a reading costs the same: the partial index `fulfilment_queue` holds the open ones
alone, and their lines come with them in a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from orders.kitchen.models import Fulfilment
from orders.menu.models import Outlet
from orders.models import OrderItem, RefundLine
from orders.refund_plan import pieces_left

#: How many of a queue are read: more than any screen shows, or any kitchen looks ahead.
LIMIT = 200


@dataclass(frozen=True)
class Line:
    """So many of one product that are still wanted, with the options and the wish of who ordered them."""

    id: UUID
    description: str
    quantity: int
    options: Sequence[str]
    note: str


@dataclass(frozen=True)
class Queue:
    """The open fulfilments of an outlet, at most `LIMIT` of them; each with its `lines` and whether it is `late`."""

    outlet: Outlet
    count: int
    fulfilments: Sequence[Fulfilment]

    @property
    def late(self) -> int:
        return sum(1 for each in self.fulfilments if each.late)


@dataclass(frozen=True)
class Deliveries:
    """What runners of an outlet carry: `(section, fulfilments)`, each by row and seat."""

    outlet: Outlet
    sections: Sequence[dict[str, Any]]

    @property
    def count(self) -> int:
        return sum(len(each["fulfilments"]) for each in self.sections)


def queue_of(outlet: Outlet, now: datetime) -> Queue:
    """All that is not handed over, the oldest first."""
    rows = open_at(outlet)
    found = _ready_to_show(rows[:LIMIT], now)
    return Queue(outlet, len(found) if len(found) < LIMIT else rows.count(), found)


def deliveries_of(outlet: Outlet, now: datetime) -> Deliveries:
    """What is made and goes to seats, or is on its way there, section by section."""
    rows = open_at(outlet).filter(
        method=Fulfilment.Method.SEAT, status__in=[Fulfilment.Status.READY, Fulfilment.Status.OUT_FOR_DELIVERY]
    )
    found = sorted(_ready_to_show(rows[:LIMIT], now), key=_way)
    return Deliveries(
        outlet,
        [
            {"section": section, "fulfilments": list(group)}
            for section, group in groupby(found, key=lambda each: each.section.upper())
        ],
    )


def entry(fulfilment: Fulfilment, now: datetime) -> Fulfilment:
    """One fulfilment, open or not, as the queue shows it."""
    return _ready_to_show(Fulfilment.objects.filter(pk=fulfilment.pk), now)[0]


def counts(outlets: Iterable[Outlet], now: datetime) -> dict[UUID, tuple[int, int]]:
    """Outlet → how many are open there, and how many of them late; one query."""
    open_ones = Fulfilment.objects.filter(outlet__in=list(outlets), status__in=Fulfilment.OPEN).order_by()
    waits = Q(status=Fulfilment.Status.READY, method=Fulfilment.Method.PICKUP)
    late = Count("pk", filter=Q(promised_at__lt=now) & ~waits)
    rows = open_ones.values_list("outlet_id").annotate(waiting=Count("pk"), overdue=late)
    return {outlet_id: (waiting, overdue) for outlet_id, waiting, overdue in rows}


def open_at(outlet: Outlet) -> QuerySet[Fulfilment]:
    """The open fulfilments there, the oldest first."""
    return Fulfilment.objects.filter(outlet=outlet, status__in=Fulfilment.OPEN).order_by("created_at", "id")


def _ready_to_show(rows: QuerySet[Fulfilment], now: datetime) -> list[Fulfilment]:
    """The rows with outlet, order and lines: six queries at most, however many rows."""
    claims = Prefetch("refund_lines", RefundLine.objects.select_related("refund").prefetch_related("refund__parts"))
    items = Prefetch("items", OrderItem.objects.order_by("position").prefetch_related(claims))
    found = list(rows.select_related("outlet__venue", "order").prefetch_related(items))
    for row in found:
        row.late = row.is_late(now)
        row.lines = [_line(item) for item in row.items.all()]
    return found


def _line(item: OrderItem) -> Line:
    claims = [line for line in item.refund_lines.all() if not line.refund.has_lapsed]
    chosen = [_picked(pick) for pick in item.options.get("chosen", [])]
    return Line(item.pk, item.description, pieces_left(item, claims), chosen, item.options.get("note", ""))


def _picked(pick: dict[str, Any]) -> str:
    count = pick.get("quantity", 1)
    return f"{count} × {pick['name']}" if count > 1 else pick["name"]


def _way(fulfilment: Fulfilment) -> tuple[tuple[int, str], ...]:
    """Sections, rows and seats as people count them: 9 before 12, A before B."""
    return tuple(
        (len(name), name) if name.isdigit() else (99, name)
        for name in (fulfilment.section.upper(), fulfilment.row.upper(), fulfilment.seat.upper())
    )
