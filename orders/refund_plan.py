"""What would go back of an order, and what is kept: asked before a refund, and again under the order's lock.

The tip is for the food: it goes back, whole, with the refund that leaves no food, and so with one of everything.
Pending refunds count as gone, of the money and of each line; a refund that the provider refused counts no more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext

from orders.errors import AlreadyRefunded, NotRefundable, RefundNotOffered, RefundRefused
from orders.models import Order, OrderItem, OrderRefund, RefundLine
from orders.pricing import Terms, worth
from orders.sellable import Pieces
from orders.stock import by_kind
from payments import refunds
from payments.errors import RefundExceedsPayment
from payments.models import Payment, Refund
from trufan.lib.errors import Detail, DomainError, Forbidden, Invalid
from trufan.lib.money import allot, show

Kind = OrderRefund.Kind
#: What is kept of a line's pieces.
KeptBy = Callable[[OrderItem], Terms]


@dataclass(frozen=True)
class AskedLine:
    """So many pieces of a line, all that is left without a `quantity`; `tickets` are the ids of those meant."""

    id: UUID
    quantity: int | None = None
    tickets: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class PlannedLine:
    """Pieces that go back: what they cost (`value`, of it `fee`), what is kept and what goes back."""

    pieces: Pieces
    value: int
    fee: int
    kept: int
    amount: int


@dataclass(frozen=True)
class Plan:
    """What a refund of this kind would be."""

    order: Order
    kind: str
    amount: int
    lines: Sequence[PlannedLine] = ()
    #: The tip that goes with them.
    tip: int = 0
    #: The line that an amount is a part of, while its buyer keeps it; None: of no line more than of another.
    of_line: UUID | None = None

    @property
    def kept(self) -> int:
        return sum(line.kept for line in self.lines)


@dataclass(frozen=True)
class Rest:
    """What of a line is neither refunded nor on its way: pieces, what they cost, and the things that are going."""

    item: OrderItem
    quantity: int
    value: int
    fee: int
    claimed: frozenset[UUID]


def money_left(order: Order) -> int:
    """What may still go back of the order's money: refunds under way and disputes count as gone."""
    under_way = Refund.objects.filter(
        payment__in=Payment.objects.of(order).filter(counted=True), status=Refund.Status.PENDING
    ).aggregate(sum=Sum("amount"))
    return max(0, order.amount_paid - order.amount_refunded - order.amount_disputed - (under_way["sum"] or 0))


def rests(order: Order, *, without: UUID | None = None) -> list[Rest]:
    """What is left of each line; `without` leaves one refund out of account. Three queries."""
    claims: defaultdict[UUID, list[RefundLine]] = defaultdict(list)
    cheaper: Counter[UUID] = Counter()
    for refund in order.refunds.prefetch_related("parts", "lines"):
        if not refund.has_lapsed and refund.pk != without:
            for line in refund.lines.all():
                claims[line.item_id].append(line)
            cheaper.update(parts_of_lines(refund))
    return [_rest(item, claims[item.pk], cheaper[item.pk]) for item in order.all_lines()]


def parts_of_lines(refund: OrderRefund) -> Counter[UUID]:
    """What of an amount went back for which line, while its buyer kept it."""
    found: Counter[UUID] = Counter()
    if refund.kind == Kind.AMOUNT:
        for part in refund.present_parts:
            for item_id, amount in part.lines.items():
                found[UUID(item_id)] += amount
    return found


def tip_due(order: Order, rest: Sequence[Rest], pieces: Iterable[Pieces], *, without: UUID | None = None) -> int:
    """The tip that goes back with `pieces`: all that was not yet, where they are the last of the food; else none.

    An order without food, as a tip can only have come to later, goes by all of its lines.
    """
    if not order.tip:
        return 0
    taken = {each.item.pk: each.quantity for each in pieces}
    served = [line for line in rest if line.item.food_net is not None] or rest
    if any(line.quantity > taken.get(line.item.pk, 0) for line in served):
        return 0
    claimed = [one for one in order.refunds.prefetch_related("parts") if not one.has_lapsed and one.pk != without]
    return order.tip - sum(one.tip for one in claimed)


def plan(
    order: Order,
    *,
    asked: Sequence[AskedLine] | None = None,
    amount: int | None = None,
    by_buyer: bool,
    kept_by: KeptBy | None = None,
    now: datetime,
) -> Plan:
    """Some lines (`asked`), an `amount` for which nothing is taken back, or else all that is left.

    A buyer's refund goes by what each line's seller allows; staff give everything back; `kept_by` says otherwise.
    Raises `NotRefundable`,
    `RefundRefused` (each problem by line), `RefundExceedsPayment`, `Invalid` (a line or ticket the order does not
    have), `Forbidden` for a buyer who asks for an amount, `PaymentDisputed`.
    """
    refunds.refuse_disputed(order)
    if by_buyer and order.channel != Order.Channel.WEB:
        raise RefundNotOffered(gettext("This was handed out at the box office; only its staff take it back."))
    if amount is not None:
        return _some_money(order, amount, asked, by_buyer)
    if order.status != Order.Status.PAID:
        raise NotRefundable(gettext("This order is {status}; there is nothing to refund.").format(status=order.status))
    left, rest = money_left(order), rests(order)
    whole = asked is None and not by_buyer
    wanted = [(line, line.quantity, ()) for line in rest if line.quantity] if asked is None else _match(rest, asked)
    pieces = _choose(wanted, by_buyer)
    items = [each.item for each in pieces]
    if kept_by is not None:
        terms = [kept_by(item) for item in items]
    else:
        terms = _terms(items, now) if by_buyer else [Terms()] * len(items)
    tip = tip_due(order, rest, pieces)
    lines, tip_back = _price([line for line, _, _ in wanted], pieces, terms, tip, left)
    due = sum(each.amount for each in lines) + tip_back
    found = Plan(order, Kind.FULL if whole else Kind.LINES, left if whole else due, lines, tip)
    if not found.amount and (not lines or tip or any(line.value for line in lines)):
        raise NotRefundable(_why_nothing(left, lines))
    return found


def _why_nothing(left: int, lines: Sequence[PlannedLine]) -> str:
    if not left:
        return gettext("All of its money is on its way back already.")
    return (
        gettext("All of it is kept: nothing would go back.")
        if lines
        else gettext("All of its lines are refunded already.")
    )


def pieces_left(item: OrderItem, claims: Iterable[RefundLine]) -> int:
    """How many pieces of a line are neither refunded nor, by these `claims` on it, on their way back."""
    return max(min(item.quantity - sum(line.quantity for line in claims), item.quantity_left), 0)


def _rest(item: OrderItem, claims: list[RefundLine], cheaper: int) -> Rest:
    return Rest(
        item,
        pieces_left(item, claims),
        item.total - sum(line.value for line in claims) - cheaper,
        item.fee - sum(line.fee for line in claims),
        frozenset(UUID(thing) for line in claims for thing in line.things),
    )


def _some_money(order: Order, amount: int, asked: Sequence[AskedLine] | None, by_buyer: bool) -> Plan:
    if by_buyer:
        raise Forbidden(gettext("Only the venue's staff refund by amount."))
    if asked is not None:
        raise Invalid.field("amount", "Refund lines or an amount, not both in one.")
    if order.status not in (Order.Status.PAID, Order.Status.REFUNDED):
        raise NotRefundable(gettext("This order is {status}; there is nothing to refund.").format(status=order.status))
    if amount < 1:
        raise Invalid.field("amount", "Refund at least one minor unit.")
    if amount > (left := money_left(order)):
        raise RefundExceedsPayment(
            gettext("Only {left} of this order is left to refund.").format(left=show(left, order.currency)), left=left
        )
    return Plan(order, Kind.AMOUNT, amount)


_Wanted = tuple[Rest, int, tuple[UUID, ...]]


def _match(rest: list[Rest], asked: Sequence[AskedLine]) -> list[_Wanted]:
    """What is asked of each line, beside what is left of it; every problem is named by its place in `asked`."""
    by_id = {line.item.pk: line for line in rest}
    ids = [each.id for each in asked]
    wrong = [
        Detail(f"items[{at}].id", "not_found", gettext("This order has no such line."))
        for at, pk in enumerate(ids)
        if pk not in by_id
    ]
    wrong += [Detail(f"items[{at}].id", "invalid", gettext("Name each line once.")) for at, pk in enumerate(ids)
              if pk in ids[:at]]  # fmt: skip
    wrong += [
        Detail(f"items[{at}].tickets", "invalid", gettext("These are more tickets than the quantity."))
        for at, each in enumerate(asked)
        if each.quantity is not None and len(each.tickets) > each.quantity
    ]
    if wrong:
        raise Invalid(details=wrong)
    wanted = [(by_id[each.id], each.quantity or len(each.tickets) or by_id[each.id].quantity, each.tickets)
              for each in asked]  # fmt: skip
    short = {at: _shortage(line) for at, (line, n, _) in enumerate(wanted) if n > line.quantity or not n}
    _refuse({at: refusal.at(f"items[{at}].quantity") for at, refusal in short.items()})
    return wanted


def _shortage(line: Rest) -> DomainError:
    if not line.quantity:
        return AlreadyRefunded()
    return AlreadyRefunded(
        gettext("Only {quantity} of {description} can still be refunded.").format(
            quantity=line.quantity, description=line.item.description
        )
    )


def _choose(wanted: Sequence[_Wanted], by_buyer: bool) -> list[Pieces]:
    asked = {line.item.pk: Pieces(line.item, quantity, things, line.claimed) for line, quantity, things in wanted}
    answers: dict[UUID, Pieces | DomainError] = {}
    for model, items in by_kind(line.item for line, _, _ in wanted):
        chosen = model.choose([asked[item.pk] for item in items], by_buyer=by_buyer)
        answers.update(zip((item.pk for item in items), chosen, strict=True))
    return _all_or_refuse([answers[line.item.pk] for line, _, _ in wanted])


def _terms(items: list[OrderItem], now: datetime) -> list[Terms]:
    answers: dict[UUID, Terms | DomainError] = {}
    for model, group in by_kind(items):
        answers.update(zip((item.pk for item in group), model.refund_terms(group, now), strict=True))
    return _all_or_refuse([answers[item.pk] for item in items])


def _all_or_refuse(answers: list) -> list:
    refusals = {at: answer for at, answer in enumerate(answers) if isinstance(answer, DomainError)}
    if wrong := {at: each for at, each in refusals.items() if isinstance(each, Invalid)}:
        raise Invalid(details=[Detail(f"items[{at}].tickets", "not_found", each.message) for at, each in wrong.items()])
    _refuse({at: refusal.at(f"items[{at}]") for at, refusal in refusals.items()})
    return answers


def _refuse(problems: dict[int, Detail]) -> None:
    if problems:
        details = list(problems.values())
        raise RefundRefused(details[0].message if len(details) == 1 else None, details=details)


def _price(
    rest: Iterable[Rest], pieces: list[Pieces], terms: list[Terms], tip: int, left: int
) -> tuple[list[PlannedLine], int]:
    """What each line's pieces are worth, what goes back of them, and of the tip; together no more than is `left`."""
    lines = []
    for line, each, kept_by in zip(rest, pieces, terms, strict=True):
        value, fee = (worth(sum_left, line.quantity, each.quantity) for sum_left in (line.value, line.fee))
        kept = kept_by.kept(value, fee)
        lines.append(PlannedLine(each, value, fee, kept, value - kept))
    due = [*(line.amount for line in lines), tip]
    # Money given back by amount is gone from the lines, and from the tip, as well.
    *parts, tip_back = allot(left, due) if sum(due) > left else due
    return [replace(line, amount=part) for line, part in zip(lines, parts, strict=True)], tip_back
