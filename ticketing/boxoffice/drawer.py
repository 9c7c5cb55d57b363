"""What should be in the drawer: what each person took and paid back on one day, by how it was paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum

from payments.models import TILL, Refund
from payments.statements import Period
from ticketing.boxoffice.models import DoorSale
from venues.models import Venue


@dataclass
class Drawer:
    """One person's day by one method; amounts in minor units of the venue's currency. `seller_id` None: the house."""

    seller_id: UUID | None
    seller: str
    method: str
    sales: int = 0
    amount: int = 0
    refunds: int = 0
    refunded: int = 0

    @property
    def net(self) -> int:
        return self.amount - self.refunded


@dataclass(frozen=True)
class Summary:
    """A venue's day by its clocks, and what each person took in it."""

    day: date
    currency: str
    drawers: list[Drawer]

    @property
    def totals(self) -> dict[str, int]:
        """Method → what is there of it, refunds taken off."""
        sums = dict.fromkeys(DoorSale.Method.values, 0)
        for each in self.drawers:
            sums[each.method] += each.net
        return sums


def summary(venue: Venue, day: date | None, now: datetime) -> Summary:
    """The venue's `day`, by default today there; two queries. Whoever paid a refund back has it in their drawer.

    Raises `Invalid` for a year out of range.
    """
    day = day or now.astimezone(venue.zone).date()
    period = Period(day, day, venue.zone)
    found: dict[tuple[UUID | None, str], Drawer] = {}
    sales = DoorSale.objects.between(venue.pk, period.start, period.end).order_by()
    for *who, method, count, amount in sales.values_list(
        "sold_by", "sold_by__first_name", "sold_by__last_name", "method"
    ).annotate(Count("pk"), Sum("order__amount_total")):
        drawer = _drawer(found, who, method)
        drawer.sales, drawer.amount = count, int(amount)
    refunds = Refund.objects.filter(
        payment__provider=TILL,
        payment__venue_id=venue.pk,
        status=Refund.Status.SUCCEEDED,
        settled_at__gte=period.start,
        settled_at__lt=period.end,
    ).order_by()
    for *who, method, count, amount in refunds.values_list(
        "requested_by", "requested_by__first_name", "requested_by__last_name", "payment__payment_method"
    ).annotate(Count("pk"), Sum("amount")):
        drawer = _drawer(found, who, method)
        drawer.refunds, drawer.refunded = count, int(amount)
    rows = sorted(found.values(), key=lambda row: (row.seller, str(row.seller_id), row.method))
    return Summary(day, venue.currency, rows)


def _drawer(found: dict[tuple[UUID | None, str], Drawer], who: list[Any], method: str) -> Drawer:
    seller_id, *names = who
    name = " ".join(filter(None, names)) or "TruFan"
    return found.setdefault((seller_id, method), Drawer(seller_id, name, method))
