"""A day of tax: what each rate came to on what was charged, and what of it went back.

What goes back is reckoned as on credit notes (`orders.receipts.crediting`): each refund of an order continues where the
one before ended, so that all of a rate's tax has gone back, to the cent, once all of its money has.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Sum

from orders.models import Order, OrderItem
from orders.receipts import crediting
from orders.receipts.contents import TIP, taxes_of
from parking.models import ParkingCharge
from payments.models import JournalEntry, Payment, Refund
from reports.rollups.base import VenueDay
from reports.sales.counting import Book, charged, kind_of
from reports.sales.models import SalesDay
from reports.sales.moves import MOVED, lines_of, paid_whole, rest_of
from reports.taxes.models import TaxDay

_SUMS = ("net", "tax", "refunded_net", "refunded_tax")
Entry = JournalEntry.Kind


class At(NamedTuple):
    """The dimensions of a row."""

    currency: str
    kind: str
    rate: str


class Part(NamedTuple):
    """A part of what was bought: what it came to all in, and net and tax of it by rate."""

    total: int
    kind: str
    rates: list[tuple[str, int, int]]


Parts = dict[str, Part]
Sums = dict[At, Counter[str]]


def compute(day: VenueDay) -> list[TaxDay]:
    """The rows of one day."""
    sums: Sums = defaultdict(Counter)
    for ids in paid_whole(day):
        _whole(sums, ids)
    moves, payments = rest_of(day)
    counted = {pk: payment for pk, payment in payments.items() if payment.counted}
    book = Book.of(counted.values())
    for payment in charged(moves, payments):
        if payment.counted:
            _charge(sums, payment, book)
    given_back = {source_id for kind, _, source_id, _ in moves if kind != Entry.CHARGE}
    _give_back(sums, day, counted, book, given_back)
    return [
        TaxDay(venue_id=day.venue_id, day=day.day, **at._asdict(), **{key: figures[key] for key in _SUMS})
        for at, figures in sorted(sums.items())
        if any(figures.values())
    ]


def _whole(sums: Sums, orders: Sequence[UUID]) -> None:
    """Orders that were paid whole. What was sold at the same amounts bears the same tax, so that it is read once."""
    at = "order__currency", "item_type", "is_food", "net", "tax", "tax_lines"
    for currency, item_type, is_food, *amounts, number in lines_of(orders).values_list(*at).annotate(Count("pk")):
        line = OrderItem(**dict(zip(at[3:], amounts, strict=True)))
        for rate, net, tax in rates_of(line):
            sums[At(currency, kind_of(item_type, is_food), rate)].update(net=net * number, tax=tax * number)
    tips = Order.objects.filter(pk__in=orders).exclude(tip=0).order_by().values_list("currency")
    for currency, tip in tips.annotate(sum=Sum("tip")):
        sums[At(currency, SalesDay.Kind.TIP, "")].update(net=int(tip), tax=0)


def rates_of(line: OrderItem | ParkingCharge) -> list[tuple[str, int, int]]:
    """Rate, net and tax of a line. What no rate is on is without one."""
    rows = [(f"{row['ppm'] or ''}:{row['name']}", row["net"], row["tax"]) for row in taxes_of(line)]
    untaxed = line.net - max((net for _, net, _ in rows), default=0)
    return [*rows, ("", untaxed, 0)] if untaxed > 0 else rows


def _charge(sums: Sums, payment: Payment, book: Book) -> None:
    for part in _parts(payment, book).values():
        for rate, net, tax in part.rates:
            sums[At(payment.currency, part.kind, rate)].update(net=net, tax=tax)


def _parts(payment: Payment, book: Book) -> Parts:
    """What the payment was for, by the names that credit notes have for it."""
    if payment.payable_id in book.orders:
        return _parts_of_order(book.orders[payment.payable_id], book)
    if payment.payable_id in book.charges:
        charge = book.charges[payment.payable_id]
        return {str(charge.pk): Part(charge.amount_total, book.charge_of(charge).kind, rates_of(charge))}
    if payment.payable_id in book.tips:
        kind = book.tip_of(book.tips[payment.payable_id].order).kind
        return {TIP: Part(payment.amount, kind, [("", payment.amount, 0)])}
    return {}


def _parts_of_order(order: Order, book: Book) -> Parts:
    lines = {
        str(line.pk): Part(line.total, book.thing_of(order, line).kind, rates_of(line)) for line in book.lines[order.pk]
    }
    tip = Part(order.tip, book.tip_of(order).kind, [("", order.tip, 0)])
    return {**lines, TIP: tip} if order.tip else lines


def _give_back(sums: Sums, day: VenueDay, payments: dict[UUID, Payment], book: Book, today: set[UUID]) -> None:
    """Go through all refunds so far of the payments that had one on the day; count those of the day."""
    touched = set(Refund.objects.filter(pk__in=today, payment_id__in=payments).values_list("payment_id", flat=True))
    rows = JournalEntry.objects.filter(MOVED, payment_id__in=touched, occurred_at__lt=day.end)
    story: dict[UUID, list[JournalEntry]] = defaultdict(list)
    for entry in rows.order_by("occurred_at", "pk"):
        if entry.kind != Entry.CHARGE and entry.payment_id:
            story[entry.payment_id].append(entry)
    ids = {entry.source_id for entries in story.values() for entry in entries}
    refunds = {row.pk: row for row in Refund.objects.filter(pk__in=ids).prefetch_related("order_refunds__lines")}
    for payment_id, entries in story.items():
        _replay(sums, day, payments[payment_id], _parts(payments[payment_id], book), entries, refunds)


def _replay(
    sums: Sums, day: VenueDay, payment: Payment, parts: Parts, entries: Iterable[JournalEntry],
    refunds: dict[UUID, Refund],
) -> None:  # fmt: skip
    gone: Counter[str] = Counter()
    sent: dict[UUID, dict[str, int]] = {}
    for entry in entries:
        came_back = entry.kind == Entry.REFUND_RETURN
        if not came_back:
            left = {name: part.total - gone[name] for name, part in parts.items()}
            sent[entry.source_id] = _spread(refunds[entry.source_id], left)
        moved = sent.get(entry.source_id, {})
        if came_back:
            gone.subtract(moved)
        if entry.occurred_at >= day.start:
            _count(sums, payment.currency, parts, gone, moved, -1 if came_back else 1)
        if not came_back:
            gone.update(moved)


def _spread(refund: Refund, left: dict[str, int]) -> dict[str, int]:
    """The parts that the refund was for."""
    asked = next(iter(refund.order_refunds.all()), None)
    wanted = {str(line.item_id): line.amount for line in asked.lines.all()} | {TIP: asked.tip} if asked else {}
    return crediting.spread(refund.amount, left, {name: part for name, part in wanted.items() if name in left})


def _count(
    sums: Sums, currency: str, parts: Parts, gone: Counter[str], moved: dict[str, int], sign: int
) -> None:  # fmt: skip
    for name, amount in moved.items():
        part = parts[name]
        for rate, net, tax in part.rates:
            net, tax = (crediting.due_of(whole, part.total, gone[name], amount) for whole in (net, tax))
            sums[At(currency, part.kind, rate)].update(refunded_net=sign * net, refunded_tax=sign * tax)
