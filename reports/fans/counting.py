"""A day of fans: its buyers, by when each had bought here last. Three statements, whatever the day was like."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Max, Min, Sum

from orders.models import Order
from payments.models import JournalEntry, LedgerLine
from reports.fans.models import BuyerOfOrder, FanDay
from reports.rollups.base import VenueDay
from reports.sales.moves import first_at as first_sale

Kind, Account = JournalEntry.Kind, LedgerLine.Account
_SUMS = ("buyers", "orders", "spent", "unknown_orders", "unknown_spent", "refunded")
Sums = dict[tuple[str, date | None], Counter[str]]


def first_at(venue_id: UUID) -> datetime | None:
    """When the venue first sold anything."""
    bought = BuyerOfOrder.objects.filter(venue_id=venue_id).aggregate(at=Min("at"))["at"]
    return min(filter(None, (bought, first_sale(venue_id))), default=None)


def compute(day: VenueDay) -> list[FanDay]:
    """The rows of one day."""
    sums: Sums = defaultdict(Counter)
    _buyers(sums, day)
    _refunds(sums, day)
    return [
        FanDay(venue_id=day.venue_id, day=day.day, currency=currency, previous=previous,
               **{key: figures[key] for key in _SUMS})
        for (currency, previous), figures in sums.items()
        if any(figures.values())
    ]  # fmt: skip


def _buyers(sums: Sums, day: VenueDay) -> None:
    bought = BuyerOfOrder.objects.filter(day.on("at"), venue_id=day.venue_id)
    keys = bought.exclude(key="").order_by().values("key")
    before = BuyerOfOrder.objects.filter(venue_id=day.venue_id, key__in=keys, at__lt=day.start)
    last = dict(before.order_by().values_list("key").annotate(last=Max("at")))
    each = bought.order_by().values_list("currency", "key").annotate(orders=Count("pk"), spent=Sum("amount"))
    for currency, key, orders, spent in each:
        if not key:
            sums[currency, None].update(unknown_orders=orders, unknown_spent=int(spent))
            continue
        previous = last[key].astimezone(day.zone).date() if key in last else None
        sums[currency, previous].update(buyers=1, orders=orders, spent=int(spent))


def _refunds(sums: Sums, day: VenueDay) -> None:
    """What went back of orders. It is of nobody in particular, and stands with those who came for the first time."""
    lines = LedgerLine.objects.filter(
        day.on("entry__occurred_at"),
        entry__venue_id=day.venue_id,
        entry__kind__in=[Kind.REFUND, Kind.REFUND_RETURN],
        entry__payment__payable_type=Order.payable_type,
        entry__payment__counted=True,
        account__in=[Account.GATEWAY, Account.TILL],
    )
    for currency, amount in lines.order_by().values_list("currency").annotate(sum=Sum("amount")):
        sums[currency, None].update(refunded=-int(amount))
