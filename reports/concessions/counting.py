"""A day of the outlets: money by the rule of the sales, lengths from what the kitchens noted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import ExtractHour

from orders.models import Fulfilment, Order, OrderItem, ProductVariant
from payments.models import JournalEntry
from reports.concessions.models import ConcessionDay, KitchenDay
from reports.rollups.base import VenueDay
from reports.sales.counting import Book, Thing, kind_of, refunds_by
from reports.sales.models import SalesDay
from reports.sales.moves import MOVED, MOVES, free_of, lines_given_back, lines_of, paid_whole, rest_of

KINDS = (SalesDay.Kind.FOOD, SalesDay.Kind.MERCHANDISE)
_SUMS = ("quantity", "gross", "refunded", "quantity_refunded")
#: From which seconds the buckets go up: by the minute to half an hour, then wider.
BUCKETS = [*range(0, 1_800, 60), 1_800, 2_100, 2_400, 2_700, 3_600, 4_500, 5_400, 7_200]
#: When the line's order was paid, by the books.
_CHARGED_AT = Subquery(
    JournalEntry.objects.filter(
        MOVED,
        kind=JournalEntry.Kind.CHARGE,
        payment__counted=True,
        payment__payable_type=Order.payable_type,
        payment__payable_id=OuterRef("order_id"),
    )
    .order_by()
    .values("occurred_at")[:1]
)
_SOLD = {"quantity": Sum("quantity"), "gross": Sum("total")}
_GIVEN_BACK = {"quantity_refunded": Sum("refund_lines__quantity")}
ByHour = dict[int, dict[Thing, Counter[str]]]
_ENDS = {Fulfilment.Status.REFUSED, Fulfilment.Status.CANCELLED}


def compute(day: VenueDay) -> list[ConcessionDay]:
    """Every charge and refund of the day, divided as the sales are, each in its hour."""
    by_hour: ByHour = defaultdict(lambda: defaultdict(Counter))
    for ids in paid_whole(day):
        _add(by_hour, day, lines_of(ids), _CHARGED_AT, _SOLD)
    _add(by_hour, day, lines_of(free_of(day).values("pk")), F("order__paid_at"), _SOLD)
    _add(by_hour, day, lines_given_back(day), F("refund_lines__refund__created_at"), _GIVEN_BACK)
    moves, payments = rest_of(day)
    book = Book.of(payments.values())
    sent: dict[UUID, tuple[int, int]] = {}
    for kind, payment_id, source_id, at in moves:
        hour = at.astimezone(day.zone).hour
        if kind == JournalEntry.Kind.CHARGE:
            book.charge(by_hour[hour], payments[payment_id])
        else:
            sent[source_id] = (MOVES[kind], hour)
    for refund in refunds_by({pk: sign for pk, (sign, _) in sent.items()}):
        sign, hour = sent[refund.pk]
        book.send_back(by_hour[hour], refund, payments[refund.payment_id], -sign)
    return _rows(day, by_hour)


def _add(by_hour: ByHour, day: VenueDay, lines: QuerySet[OrderItem], at: Any, wanted: Mapping[str, Sum]) -> None:
    """Add up what of these lines is an outlet's by the hour of `at`; `wanted` are measures and their sums."""
    of_outlets = lines.filter(item_type=ProductVariant.sellable_type)
    by = of_outlets.values_list("order__currency", "is_food", "thing", ExtractHour(at, tzinfo=day.zone))
    sums = {f"sum_{key}": each for key, each in wanted.items()}
    for currency, is_food, item, hour, *figures in by.annotate(**sums):
        thing = Thing(currency, kind_of(ProductVariant.sellable_type, is_food), item_id=item)
        by_hour[hour][thing].update(dict(zip(wanted, map(int, figures), strict=True)))


def _rows(day: VenueDay, by_hour: ByHour) -> list[ConcessionDay]:
    found: dict[tuple[str, str, UUID, int], Counter[str]] = defaultdict(Counter)
    for hour, sums in by_hour.items():
        for thing, figures in sums.items():
            if thing.kind in KINDS and thing.item_id is not None:
                found[thing.currency, thing.kind, thing.item_id, hour].update(figures)
    rows: Any = ProductVariant.objects.filter(pk__in={item for _, _, item, _ in found})
    outlets = dict(rows.values_list("pk", "product__outlet_id"))
    return [
        ConcessionDay(
            venue_id=day.venue_id, day=day.day, currency=currency, kind=kind, item_id=item, hour=hour,
            outlet_id=outlets.get(item), **{key: figures[key] for key in _SUMS},
        )
        for (currency, kind, item, hour), figures in found.items()
        if any(figures[key] for key in _SUMS)
    ]  # fmt: skip


# -- Kitchens --


def kitchens_first_at(venue_id: UUID) -> datetime | None:
    return Fulfilment.objects.filter(outlet__venue=venue_id).aggregate(at=Min("created_at"))["at"]


def compute_kitchens(day: VenueDay) -> list[KitchenDay]:
    """The orders that came on the day, by outlet, hour and bucket. One query."""
    sums: dict[tuple[UUID, int, int], Counter[str]] = defaultdict(Counter)
    rows = Fulfilment.objects.filter(day.on("created_at"), outlet__venue=day.venue_id).order_by()
    plain = rows.values_list("outlet_id", "status", "created_at", "ready_at", "promised_at")
    for outlet, status, placed, ready, promised in plain.iterator(chunk_size=2_000):
        hour = placed.astimezone(day.zone).hour
        if ready is not None:
            seconds = max(int((ready - placed).total_seconds()), 0)
            sums[outlet, hour, bucket(seconds)].update(made=1, seconds=seconds, late=int(ready > promised))
        elif status in _ENDS:
            sums[outlet, hour, -1]["refused"] += 1
    return [
        KitchenDay(
            venue_id=day.venue_id, day=day.day, currency=day.currency, outlet_id=outlet, hour=hour, bucket=start,
            **found,
        )
        for (outlet, hour, start), found in sums.items()
    ]  # fmt: skip


def bucket(seconds: int) -> int:
    """From which seconds the bucket of this length goes up."""
    return max(start for start in BUCKETS if start <= seconds)


def part_below(counts: Counter[int], part: float) -> float | None:
    """The length that so large a part of the orders stayed below, spread evenly within its bucket.

    `counts` are orders by bucket. Of the last bucket, which has no end, its beginning.
    """
    whole = sum(counts.values())
    if not whole:
        return None
    wanted, seen = whole * part, 0
    for start, end in zip(BUCKETS, [*BUCKETS[1:], BUCKETS[-1]], strict=True):
        here = counts[start]
        if here and seen + here >= wanted:
            return start + (end - start) * (wanted - seen) / here
        seen += here
    return float(BUCKETS[-1])
