"""Which movements and orders a day is made of: those that are summed by the database, and the rest, which is divided.

Most of a busy day are orders that one payment paid, or that cost nothing. Every line of such an order counts with the
amounts that it was sold at, so the database adds them up, and a day costs little however many there were. What was paid
in parts, by other than an order, or went back is read and divided one by one (`reports.sales.counting`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, F, Min, OuterRef, Q, QuerySet, Subquery, UUIDField, When
from django.db.models.expressions import ExpressionWrapper
from django.db.models.functions import Coalesce

from orders.models import Order, OrderItem, OrderRefund
from parking.models import ParkingOffer
from payments.models import JournalEntry, Payment
from reports.rollups.base import VenueDay
from trufan.lib.ids import earliest_at

#: The movements that are sales or refunds, and which way.
MOVES: dict[str, int] = {JournalEntry.Kind.CHARGE: 1, JournalEntry.Kind.REFUND: -1, JournalEntry.Kind.REFUND_RETURN: 1}
#: Those movements themselves, without what corrects them.
MOVED = Q(kind__in=MOVES, counter_of=None) & ~Q(reference__startswith="instead:")
#: Kind, payment, source, and when.
Move = tuple[str, UUID, UUID, datetime]

_TOTAL = Subquery(Order.objects.filter(pk=OuterRef("payment__payable_id")).values("amount_total")[:1])
#: A charge that paid an order whole. It has no other then: what is counted is never more than the order's total.
_WHOLE = Q(
    kind=JournalEntry.Kind.CHARGE,
    payment__counted=True,
    payment__payable_type=Order.payable_type,
    # Never null, so that what is not whole is exactly the rest.
    payment__amount=Coalesce(_TOTAL, -1),
)
#: How far the clocks of machines that make keys may be off.
_SLACK = timedelta(days=1)
#: Orders whose lines one statement adds up.
_BATCH = 2_000
_LOT = Subquery(ParkingOffer.objects.filter(pk=OuterRef("item_id")).values("capacity__lot_id")[:1])


def first_at(venue_id: UUID) -> datetime | None:
    """When the venue first sold anything."""
    booked = JournalEntry.objects.filter(venue_id=venue_id).aggregate(at=Min("occurred_at"))["at"]
    free = Order.objects.filter(venue_id=venue_id, amount_total=0).aggregate(at=Min("paid_at"))["at"]
    return min(filter(None, (booked, free)), default=None)


def booked_on(day: VenueDay) -> QuerySet[JournalEntry]:
    """The day's charges and refunds."""
    return JournalEntry.objects.filter(MOVED, day.on("occurred_at"), venue_id=day.venue_id)


def rest_of(day: VenueDay) -> tuple[list[Move], dict[UUID, Payment]]:
    """What no sum has: the other movements in the order they were booked, and their payments by id."""
    moves = list(
        booked_on(day)
        .filter(~_WHOLE)
        .order_by("occurred_at", "pk")
        .values_list("kind", "payment_id", "source_id", "occurred_at")
    )
    return moves, Payment.objects.in_bulk({payment_id for _, payment_id, _, _ in moves})


def paid_whole(day: VenueDay) -> Iterator[list[UUID]]:
    """The ids of the orders that one payment of the day paid, some thousands at a time.

    Ids and not the question for them: where the database still takes its tables for empty, as on a first night, it
    answers a question within a question by walking through all of the one for each row of the other.
    """
    ids = list(
        booked_on(day).filter(_WHOLE).order_by("payment__payable_id").values_list("payment__payable_id", flat=True)
    )
    for begin in range(0, len(ids), _BATCH):
        yield ids[begin : begin + _BATCH]


def free_of(day: VenueDay) -> QuerySet[Order]:
    """What was handed out on the day for nothing."""
    return Order.objects.filter(day.on("paid_at"), venue_id=day.venue_id, amount_total=0)


def orders_of(day: VenueDay) -> Iterator[QuerySet[Order]]:
    """The orders whose lines are summed: those that were paid whole, those that were free."""
    for ids in paid_whole(day):
        yield Order.objects.filter(pk__in=ids).order_by()
    yield free_of(day).order_by()


def given_back_free(day: VenueDay) -> QuerySet[OrderRefund]:
    """What went back on the day and had cost nothing, so that it is in no book."""
    keys = {"pk__gte": earliest_at(day.start - _SLACK), "pk__lt": earliest_at(day.end + _SLACK)}
    return OrderRefund.objects.filter(
        day.on("created_at"), order__venue_id=day.venue_id, amount=0, **keys
    ).order_by()  # fmt: skip


def lines_of(orders: Iterable[UUID] | QuerySet[Any]) -> QuerySet[OrderItem]:
    """The lines of the orders with these ids, as `told` tells them."""
    return told(OrderItem.objects.filter(order_id__in=orders))


def lines_given_back(day: VenueDay) -> QuerySet[OrderItem]:
    """The lines of which pieces went back on the day for nothing, once with each refund."""
    return told(OrderItem.objects.filter(refund_lines__refund__in=given_back_free(day).values("pk")))


def told(lines: QuerySet[OrderItem]) -> QuerySet[OrderItem]:
    """Each line with `thing`, the id that it is reported by, and `is_food`.

    A space is reported by its lot, of which each quote is another offer.
    """
    space = When(item_type=ParkingOffer.sellable_type, then=Coalesce(_LOT, F("item_id")))
    return lines.order_by().annotate(
        thing=Case(space, default=F("item_id"), output_field=UUIDField()),
        is_food=ExpressionWrapper(Q(food_net__isnull=False), output_field=BooleanField()),
    )
