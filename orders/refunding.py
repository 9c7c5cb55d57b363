"""Giving an order's money back: in full, by line, or an amount as a kindness.

Nothing is taken back before its money went: until then its lines are claimed, so that nobody refunds them twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from orders.completion import pieces_of, revoke
from orders.errors import AlreadyRefunded, NotRefundable
from orders.kitchen.following import follow
from orders.locking import lock
from orders.models import Order, OrderRefund, RefundLine
from orders.refund_aftermath import freeze
from orders.refund_plan import AskedLine, KeptBy, Plan, money_left, parts_of_lines, plan, rests, tip_due
from orders.sellable import Pieces
from orders.signals import taken_back_free
from payments import refunds
from payments.errors import RefundExceedsPayment
from payments.models import Payment, Refund
from trufan.lib.errors import DomainError
from trufan.lib.money import allot, show


def refund_order(order: Order, *, by: Any, reason: str, now: datetime) -> Order:
    """Ask for all that is left of the order's money to go back; a free order is simply taken back.

    Tickets are void and stock returns when the money has gone. Raises `NotRefundable`.
    """
    request(order, by=by, reason=reason, now=now)
    return Order.objects.get(pk=order.pk)


def request(
    order: Order,
    *,
    asked: Sequence[AskedLine] | None = None,
    amount: int | None = None,
    by: Any,
    by_buyer: bool = False,
    kept_by: KeptBy | None = None,
    reason: str,
    now: datetime,
) -> OrderRefund:
    """Ask for lines, an amount, or all that is left to go back; what costs nothing is taken back at once.

    The provider is called once this transaction commits. `by` is None for a guest. Raises what `plan` raises, and
    `RefundExceedsPayment`.
    """
    with transaction.atomic():
        locked = lock(order.pk)
        planned = plan(locked, asked=asked, amount=amount, by_buyer=by_buyer, kept_by=kept_by, now=now)
        parts = _send(planned, reason=reason, by=by, now=now)
        refund = _write(planned, parts, reason, by, by_buyer)
        record("order.refund_requested", locked, new=_said(refund, planned), actor=by)
        follow(locked, now, reason=refund.reason, by=by)
        if not parts:
            revoke(locked, pieces_of(locked, refund), now)
            record("order.refunded", locked, new={"amount": 0, "refund": refund.pk}, actor=by)
            taken_back_free.send(sender=OrderRefund, refund=refund)
        elif planned.lines:
            freeze(locked, refund, now)
    return refund


def give_back(order: Order, item_id: UUID, amount: int, *, by: Any, reason: str, now: datetime) -> OrderRefund | None:
    """Ask for a part of what a line cost to go back, while its buyer keeps it: it became cheaper, its seller says.

    The caller holds the order. At most what is left of the line, and of the order's money; None where that is nothing.
    It comes from those whose line it was. Raises `PaymentDisputed`.
    """
    refunds.refuse_disputed(order)
    of_line = next(rest.value for rest in rests(order) if rest.item.pk == item_id)
    due = min(amount, of_line, money_left(order))
    if due <= 0:
        return None
    planned = Plan(order, OrderRefund.Kind.AMOUNT, due, of_line=item_id)
    parts = _send(planned, reason=reason, by=by, now=now)
    refund = _write(planned, parts, reason, by, by_buyer=False)
    record("order.refund_requested", order, new={**_said(refund, planned), "of": item_id}, actor=by)
    return refund


def retry(refund: OrderRefund, *, by: Any, now: datetime) -> None:
    """Ask once more for what of a refund did not arrive: refused by the provider, or sent back by the buyer's bank.

    Raises `NotRefundable` where nothing of it is left to try, and what `payments.refunds.retry` raises.
    """
    with transaction.atomic():
        lock(refund.order_id)
        again = [part for part in OrderRefund.objects.get(pk=refund.pk).present_parts if part.may_retry]
        if not again:
            raise NotRefundable(gettext("Nothing of this refund failed."))
        for part in again:
            refunds.retry(part, by=by, now=now)


def refuse_again(order: Order, refund: Refund) -> DomainError | None:
    """Why a refund that failed may not be asked for again: its lines were refunded otherwise meanwhile."""
    asked = refund.order_refunds.prefetch_related("lines__item", "parts").first()
    if asked is None or not asked.has_lapsed:
        return None
    rest_of_lines = rests(order, without=asked.pk)
    left = {rest.item.pk: rest for rest in rest_of_lines}
    if any(amount > left[item_id].value for item_id, amount in parts_of_lines(asked).items()):
        return _refunded_otherwise()
    for line in asked.lines.all():
        rest = left[line.item_id]
        # The last pieces of a line take exactly what is left of its value; of what cost nothing any pieces do.
        fits = line.value == rest.value if line.quantity == rest.quantity else line.value <= rest.value
        if line.quantity > rest.quantity or not fits or rest.claimed & {UUID(thing) for thing in line.things}:
            return _refunded_otherwise()
    lines = [Pieces(line.item, line.quantity) for line in asked.lines.all()]
    if lines and asked.tip != tip_due(order, rest_of_lines, lines, without=asked.pk):
        return _refunded_otherwise()
    return None


def _refunded_otherwise() -> AlreadyRefunded:
    return AlreadyRefunded(gettext("Its lines were refunded otherwise meanwhile. Refund anew what is left of them."))


def _send(planned: Plan, *, reason: str, by: Any, now: datetime) -> list[Refund]:
    """The payments' refunds that carry the plan's money; none where there is none."""
    if planned.kind == OrderRefund.Kind.FULL:
        return refunds.request_all(planned.order, reason=reason, by=by, now=now)
    if planned.kind == OrderRefund.Kind.LINES and not planned.amount:
        return []
    # The payments that the order counts come first: there is one, save where a due was paid in parts.
    paid = Payment.objects.of(planned.order).filter(status=Payment.Status.SUCCEEDED).order_by("-counted", "pk")
    lines = {line.pieces.item.pk: line.amount for line in planned.lines if line.amount}
    if planned.of_line is not None:
        lines = {planned.of_line: planned.amount}
    sent, due = [], planned.amount
    for payment in paid:
        part = min(due, refunds.remainder(payment))
        if part > 0:
            of_part = dict(zip(lines, allot(part, list(lines.values())), strict=True)) if lines else {}
            sent.append(refunds.request(payment, part, reason=reason, by=by, now=now, lines=of_part))
            lines = {item: amount - of_part[item] for item, amount in lines.items()}
            due -= part
    if due:
        left = show(planned.amount - due, planned.order.currency)
        raise RefundExceedsPayment(
            gettext("Only {left} of this order is left to refund.").format(left=left), left=planned.amount - due
        )
    return sent


def _write(planned: Plan, parts: list[Refund], reason: str, by: Any, by_buyer: bool) -> OrderRefund:
    refund = OrderRefund.objects.create(
        order=planned.order,
        kind=planned.kind,
        amount=sum(part.amount for part in parts),
        kept=planned.kept,
        tip=planned.tip,
        reason=reason[:200],
        requested_by=by,
        by_buyer=by_buyer,
    )
    refund.parts.set(parts)
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            item=line.pieces.item,
            quantity=line.pieces.quantity,
            value=line.value,
            fee=line.fee,
            kept=line.kept,
            amount=line.amount,
            things=[str(thing) for thing in line.pieces.things],
        )
        for line in planned.lines
    )
    return refund


def _said(refund: OrderRefund, planned: Plan) -> dict[str, Any]:
    lines = [{"item": line.pieces.item.pk, "quantity": line.pieces.quantity} for line in planned.lines]
    return {
        "refund": refund.pk,
        "kind": refund.kind,
        "amount": refund.amount,
        "kept": refund.kept,
        "tip": refund.tip,
        "lines": lines,
    }
