"""A day of sales out of the books: every charge and refund of the day, divided by the lines that it was for.

The movements are those of the ledger, so the sums are the ledger's; only what cost nothing comes from the orders.
Orders that were paid whole are added up by the database (`reports.sales.moves`), the rest is divided here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, QuerySet, Sum

from orders.models import Order, OrderItem, OrderRefund, OrderTip
from parking.models import ParkingCharge, ParkingOffer
from payments.models import JournalEntry, Payment, Refund
from reports.rollups.base import VenueDay
from reports.sales.models import SalesDay
from reports.sales.moves import MOVES, Move, lines_given_back, lines_of, orders_of, rest_of
from ticketing.models import TicketType
from trufan.lib.money import allot

Kind = SalesDay.Kind
_SUMS = ("quantity", "gross", "net", "tax", "discount", "fees", "refunded", "quantity_refunded")
#: What a line that was paid whole adds up to.
_WHOLE = {
    "gross": Sum("total"), "net": Sum("net"), "tax": Sum("tax"), "discount": Sum("discount"),
    "fees": Sum(F("fee") + F("service_charge")), "quantity": Sum("quantity"),
}  # fmt: skip


class Thing(NamedTuple):
    """What money was for: the dimensions of a row."""

    currency: str
    kind: str
    channel: str = ""
    event_id: UUID | None = None
    item_id: UUID | None = None


def compute(day: VenueDay) -> list[SalesDay]:
    """The rows of one day."""
    sums: dict[Thing, Counter[str]] = defaultdict(Counter)
    for orders in orders_of(day):
        _add_whole(sums, orders)
    _add_lines(sums, lines_given_back(day), {"quantity_refunded": Sum("refund_lines__quantity")})
    moves, payments = rest_of(day)
    book = Book.of(payments.values())
    for payment in charged(moves, payments):
        book.charge(sums, payment)
    sent = {source: MOVES[kind] for kind, _, source, _ in moves if kind != JournalEntry.Kind.CHARGE}
    for refund in refunds_by(sent):
        book.send_back(sums, refund, payments[refund.payment_id], -sent[refund.pk])
    return [
        SalesDay(venue_id=day.venue_id, day=day.day, **thing._asdict(), **{key: figures[key] for key in _SUMS})
        for thing, figures in sums.items()
        if any(figures.values())
    ]


def _add_whole(sums: dict[Thing, Counter[str]], orders: QuerySet[Order]) -> None:
    """Add up orders that were paid whole, or cost nothing: their lines and tips."""
    _add_lines(sums, lines_of(orders.values("pk")), _WHOLE)
    tips = orders.exclude(tip=0).values_list("currency", "channel", "event_id")
    for currency, channel, event, tip, number in tips.annotate(sum=Sum("tip"), number=Count("pk")):
        sums[Thing(currency, Kind.TIP, channel, event)].update(gross=int(tip), net=int(tip), quantity=number)


def _add_lines(sums: dict[Thing, Counter[str]], lines: QuerySet[OrderItem], wanted: Mapping[str, Sum]) -> None:
    """Add up lines by what they are of; `wanted` are measures and the sums that make them."""
    at = "order__currency", "order__channel", "order__event_id", "item_type", "thing", "is_food"
    found = list(lines.values_list(*at).annotate(**{f"sum_{key}": each for key, each in wanted.items()}))
    events = _events({thing for _, _, _, kind, thing, *_ in found if kind == TicketType.sellable_type})
    for currency, channel, event, item_type, item, is_food, *figures in found:
        thing = Thing(currency, kind_of(item_type, is_food), channel, event, item)
        if thing.kind == Kind.TICKET:
            thing = thing._replace(event_id=events.get(item))
        sums[thing].update(dict(zip(wanted, map(int, figures), strict=True)))


def charged(moves: Iterable[Move], payments: dict[UUID, Payment]) -> list[Payment]:
    return [payments[payment_id] for kind, payment_id, _, _ in moves if kind == JournalEntry.Kind.CHARGE]


def kind_of(item_type: str, is_food: bool) -> str:
    """What a line is reported as."""
    match item_type:
        case TicketType.sellable_type:
            return Kind.TICKET
        case ParkingOffer.sellable_type:
            return Kind.PARKING
    return Kind.FOOD if is_food else Kind.MERCHANDISE


def _events(ticket_types: Iterable[UUID]) -> dict[UUID, UUID]:
    return dict(TicketType.objects.filter(pk__in=ticket_types).values_list("pk", "event_id"))


def refunds_by(sent: dict[UUID, int]) -> list[Refund]:
    parts = "order_refunds__parts", "order_refunds__lines"
    return list(Refund.objects.filter(pk__in=sent).prefetch_related(*parts).order_by("pk"))


class Book:
    """The lines behind the payments of a day, read at once, and how money is divided by them."""

    def __init__(self) -> None:
        self.orders: dict[UUID, Order] = {}
        self.lines: dict[UUID, list[OrderItem]] = defaultdict(list)
        self.tips: dict[UUID, OrderTip] = {}
        self.charges: dict[UUID, ParkingCharge] = {}
        self.events: dict[UUID, UUID] = {}
        self.lots: dict[UUID, UUID] = {}

    @classmethod
    def of(cls, payments: Iterable[Payment]) -> Book:
        book = cls()
        ids: dict[str, set[UUID]] = defaultdict(set)
        for payment in payments:
            ids[payment.payable_type].add(payment.payable_id)
        book.tips = OrderTip.objects.select_related("order").in_bulk(ids[OrderTip.payable_type])
        book.charges = ParkingCharge.objects.in_bulk(ids[ParkingCharge.payable_type])
        book.read(Order.objects.defer("delivery").in_bulk(ids[Order.payable_type]))
        return book

    def read(self, orders: dict[UUID, Order]) -> None:
        self.orders |= orders
        lines = OrderItem.objects.filter(order_id__in=orders).order_by("order_id", "position")
        # A night has many thousands of lines; their JSON is most of the work of reading them.
        items = list(lines.defer("options", "discounts", "description"))
        for item in items:
            self.lines[item.order_id].append(item)
        self.events |= _events({item.item_id for item in items if item.item_type == TicketType.sellable_type})
        offers = {item.item_id for item in items if item.item_type == ParkingOffer.sellable_type}
        self.lots |= dict(ParkingOffer.objects.filter(pk__in=offers).values_list("pk", "capacity__lot_id"))

    # -- Money that came --

    def charge(self, sums: dict[Thing, Counter[str]], payment: Payment) -> None:
        """Divide a charge."""
        if payment.counted and payment.payable_id in self.tips:
            tip = self.tips[payment.payable_id]
            sums[self.tip_of(tip.order)].update(gross=payment.amount, net=payment.amount, quantity=1)
        elif payment.counted and payment.payable_id in self.charges:
            charge = self.charges[payment.payable_id]
            sums[self.charge_of(charge)].update(
                gross=payment.amount, net=payment.amount - charge.tax, tax=charge.tax, discount=charge.discount,
                fees=charge.fee, quantity=1,
            )  # fmt: skip
        elif payment.counted and payment.payable_id in self.orders:
            self._sale(sums, self.orders[payment.payable_id], payment.amount)
        else:
            sums[Thing(payment.currency, Kind.OTHER)].update(gross=payment.amount, net=payment.amount)

    def _sale(self, sums: dict[Thing, Counter[str]], order: Order, amount: int) -> None:
        """An order's lines and tip. Where it was paid in parts, each part is divided in proportion."""
        lines = self.lines[order.pk]
        whole = amount == order.amount_total
        weights = [*(line.total for line in lines), order.tip]
        parts = weights if whole else allot(amount, weights)
        for line, gross in zip(lines, parts, strict=False):
            tax = line.tax if whole else (line.tax * gross // line.total if line.total else 0)
            sums[self.thing_of(order, line)].update(
                gross=gross, net=gross - tax, tax=tax, discount=line.discount if whole else 0,
                fees=line.fee + line.service_charge if whole else 0, quantity=line.quantity if whole else 0,
            )  # fmt: skip
        if parts[-1]:
            sums[self.tip_of(order)].update(gross=parts[-1], net=parts[-1], quantity=1)

    # -- Money that went --

    def send_back(self, sums: dict[Thing, Counter[str]], refund: Refund, payment: Payment, sign: int) -> None:
        """Divide a refund by the lines it was for; `sign` is -1 for one that came back."""
        if payment.payable_id in self.tips:
            sums[self.tip_of(self.tips[payment.payable_id].order)].update(refunded=sign * refund.amount)
            return
        if payment.payable_id in self.charges:
            sums[self.charge_of(self.charges[payment.payable_id])].update(refunded=sign * refund.amount)
            return
        order = self.orders.get(payment.payable_id)
        asked: OrderRefund | None = next(iter(refund.order_refunds.all()), None)
        if order is None or asked is None or not payment.counted:
            sums[Thing(payment.currency, Kind.OTHER)].update(refunded=sign * refund.amount)
            return
        by_line = _by_line(refund, asked)
        lines = {line.pk: line for line in self.lines[order.pk]}
        for item_id, amount in by_line.items():
            sums[self.thing_of(order, lines[item_id])].update(refunded=sign * amount)
        for item_id, count in _pieces(refund, asked).items():
            sums[self.thing_of(order, lines[item_id])].update(quantity_refunded=sign * count)
        rest = refund.amount - sum(by_line.values())
        tip = min(rest, _tip(refund, asked))
        if tip:
            sums[self.tip_of(order)].update(refunded=sign * tip)
        if rest - tip:
            sums[Thing(order.currency, Kind.OTHER, order.channel, order.event_id)].update(refunded=sign * (rest - tip))

    # -- What it was for --

    def thing_of(self, order: Order, line: OrderItem) -> Thing:
        kind = kind_of(line.item_type, line.food_net is not None)
        event, item = order.event_id, line.item_id
        if kind == Kind.TICKET:
            event = self.events.get(item)
        elif kind == Kind.PARKING:
            item = self.lots.get(item, item)
        return Thing(order.currency, kind, order.channel, event, item)

    def tip_of(self, order: Order) -> Thing:
        return Thing(order.currency, Kind.TIP, order.channel, order.event_id)

    def charge_of(self, charge: ParkingCharge) -> Thing:
        kind = Kind.TIP if charge.kind == ParkingCharge.Kind.TIP else Kind.PARKING
        return Thing(charge.currency, kind, "", None, charge.lot_id)


def _by_line(refund: Refund, asked: OrderRefund) -> dict[UUID, int]:
    """Which lines the money of this refund was for."""
    if refund.lines:
        return {UUID(item_id): amount for item_id, amount in refund.lines.items() if amount}
    return _shares_of_full(asked).get(refund.pk, {})


def _shares_of_full(asked: OrderRefund) -> dict[Any, dict[UUID, int]]:
    """A refund in full names no lines to the provider: its lines' amounts, divided among the payments it went by."""
    lines = [line for line in sorted(asked.lines.all(), key=lambda line: line.pk) if line.amount]
    parts = _originals(asked)
    left = [line.amount for line in lines]
    shares: dict[Any, dict[UUID, int]] = {}
    for number, part in enumerate(parts):
        due = min(part.amount, sum(left))
        given = left if number == len(parts) - 1 and due == sum(left) else (allot(due, left) if sum(left) else [])
        given = [min(amount, most) for amount, most in zip(given, left, strict=False)]
        shares[part.pk] = {line.item_id: amount for line, amount in zip(lines, given, strict=False) if amount}
        left = [most - amount for most, amount in zip(left, given, strict=False)] or left
    by_original = {part.replaces_id: part.pk for part in asked.parts.all() if part.replaces_id}
    for original, again in by_original.items():
        shares[again] = shares.get(original, {})
    return shares


def _originals(asked: OrderRefund) -> Sequence[Refund]:
    """Its parts without those that were sent again for one that came back."""
    return sorted((part for part in asked.parts.all() if not part.replaces_id), key=lambda part: part.pk)


def _pieces(refund: Refund, asked: OrderRefund) -> dict[UUID, int]:
    """The pieces that went back, counted with the first part of the money."""
    if refund.replaces_id or refund.pk != _originals(asked)[0].pk:
        return {}
    return {line.item_id: line.quantity for line in asked.lines.all()}


def _tip(refund: Refund, asked: OrderRefund) -> int:
    """How much of this part is the tip: the last parts take it."""
    originals = [part.pk for part in _originals(asked)]
    return asked.tip if (refund.replaces_id or refund.pk) == originals[-1] else 0
