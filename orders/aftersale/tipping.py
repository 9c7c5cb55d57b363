"""A tip after the sale: how much it may be, whose it is, and what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from audit.trail import record
from orders.aftersale.models import OrderTip
from orders.aftersale.window import refuse_late
from orders.completion import tell
from orders.errors import AlreadyTipped, NotRefundable, TipNotTaken
from orders.models import Order, OrderItem
from orders.receipts import issuing
from orders.sharing import TIP
from payments import charges, refunds
from payments.errors import PaymentInProgress
from payments.models import Payment, Refund
from payments.payable import CannotFulfil, Share
from trufan.lib.errors import Invalid
from trufan.lib.money import allot, share, show
from venues import payouts

Status = OrderTip.Status


def give(
    order: Order,
    *,
    amount: int | None = None,
    ppm: int | None = None,
    payer: Any,
    payment_method: str,
    now: datetime,
) -> Payment:
    """Charge a tip of `amount`, or of `ppm` millionths of what the served lines cost before tax; the payment.

    Called outside of any transaction. Asked again while the tip is unpaid it is the same tip, with the amount asked for
    last. Raises `TipNotTaken`, `AlreadyTipped`, `WindowClosed`, `Invalid` (nothing, or more than what was served cost),
    and what `charges.start` raises.
    """
    tip = _open(order, amount, ppm, payer, now)
    return charges.start(tip, payer=payer, payment_method=payment_method, now=now)


def served_lines(order: Order) -> list[OrderItem]:
    """The lines of food and drink that the buyer still has."""
    return [item for item in order.all_lines() if item.food_net is not None and item.quantity_left]


def shares_of(tip: OrderTip) -> list[Share]:
    """All of it theirs whose lines were served, by what those cost before tax; the platform takes nothing.

    Where nothing is left of those lines when the money comes, it is the venue's, until `on_paid` sends it back.
    """
    own = payouts.recipient_of(tip.order.venue)
    lines = served_lines(tip.order)
    if not lines:
        return [Share(own, tip.amount_total, TIP)]
    parts = allot(tip.amount_total, [line.food_net or 0 for line in lines])
    return [
        Share(line.recipient_id or own, part, TIP, line.pk) for line, part in zip(lines, parts, strict=True) if part
    ]


def settle(tip: OrderTip, payment: Payment, now: datetime) -> None:
    """The money is there. Raises `CannotFulfil` where the order was given back meanwhile."""
    if tip.status != Status.PENDING or tip.order.status != Order.Status.PAID or not served_lines(tip.order):
        raise CannotFulfil(gettext("The order of this tip was given back."))
    tip.move(Status.PAID, paid_at=now, receipts_due=True)
    issuing.nudge(tip)
    record("tip.paid", tip, new={"amount": tip.amount_total, "order": tip.order_id, "payment": payment.pk})


def note_failed_payment(tip: OrderTip, payment: Payment) -> None:
    """The attempt failed; another may follow."""
    record("tip.payment_failed", tip, new={"payment": payment.pk, "reason": payment.failure_code})


def refund(tip: OrderTip, *, by: Any, reason: str, now: datetime) -> list[Refund]:
    """Ask for all that is left of a tip to go back. Raises `NotRefundable`."""
    sent = refunds.request_all(tip, reason=reason, by=by, now=now) if tip.status == Status.PAID else []
    if not sent:
        raise NotRefundable(gettext("There is nothing to refund of this tip."))
    return sent


def give_back(tip: OrderTip, refund: Refund) -> None:
    """Money of the tip went back: the buyer is told, and the tip ends when all of it is gone."""
    if tip.amount_refunded >= tip.amount_paid:
        tip.move(Status.REFUNDED if tip.status == Status.PAID else Status.CANCELLED)
    issuing.fall_due(tip)
    record("tip.refunded", tip, new={"amount": refund.amount, "refund": refund.pk})
    tell(tip.order, "order_refunded", refund.amount, [])


def keep_after_all(tip: OrderTip, refund: Refund) -> None:
    """Its refund came back: the tip stands again, unless another took its place meanwhile."""
    another = OrderTip.objects.filter(order=tip.order_id, status__in=[Status.PENDING, Status.PAID]).exclude(pk=tip.pk)
    if tip.status == Status.REFUNDED and not another.exists():
        tip.move(Status.PAID)
    note(tip, "tip.refund_came_back", refund=refund.pk)


def note(tip: OrderTip, action: str, **facts: Any) -> None:
    """What became of the money, where nothing follows for the tip itself."""
    record(action, tip, new={"amount": tip.amount_total, **facts})


def _open(order: Order, amount: int | None, ppm: int | None, payer: Any, now: datetime) -> OrderTip:
    """The order's one tip, new or unpaid, over what is asked for.

    The order is not locked: whoever settles a tip holds the tip and, for its foreign key, then asks for the order.
    Should the order be given back meanwhile, the tip's money is too.
    """
    with transaction.atomic(durable=True):
        current = Order.objects.get(pk=order.pk)
        total = _amount(
            amount, ppm, sum(line.food_net or 0 for line in _served_or_refuse(current, now)), current.currency
        )
        new = OrderTip(order=current, amount_total=total, currency=current.currency, created_at=now)
        # Of two who come at once, the unique constraint lets one in, and the other waits here and finds it.
        OrderTip.objects.bulk_create([new], ignore_conflicts=True)
        standing = OrderTip.objects.filter(order=current, status__in=[Status.PENDING, Status.PAID])
        tip = standing.select_for_update().first()
        if tip is None or tip.status == Status.PAID:
            raise AlreadyTipped
        if tip.pk == new.pk:
            record("tip.asked", tip, new={"amount": total, "order": current.pk}, actor=payer)
        elif tip.amount_total != total:
            _change(tip, total, payer)
    return tip


def _served_or_refuse(order: Order, now: datetime) -> list[OrderItem]:
    if order.status != Order.Status.PAID:
        raise TipNotTaken(gettext("This order is {status}.").format(status=order.status))
    served = served_lines(order)
    if not served:
        raise TipNotTaken(gettext("Only an order with food or drink takes a tip."))
    if refusal := refuse_late(order, now):
        raise refusal
    return served


def _amount(amount: int | None, ppm: int | None, base: int, currency: str) -> int:
    """What was asked for, at least one minor unit and at most what the served lines cost before tax."""
    field = "percent" if amount is None else "amount"
    total = share(base, ppm or 0) if amount is None else amount
    if total < 1:
        raise Invalid.field(field, "This comes to nothing.")
    if total > base:
        raise Invalid.field(field, f"A tip is at most what it is for: {show(base, currency)}.", "tip_too_large")
    return total


def _change(tip: OrderTip, total: int, payer: Any) -> None:
    """Another amount, unless the old one may be on its way already: that one must be settled as it was asked for."""
    on_its_way = Payment.objects.of(tip).filter(status__in=[Payment.Status.CREATED, Payment.Status.PROCESSING])
    if on_its_way.exists():
        raise PaymentInProgress
    record("tip.changed", tip, old={"amount": tip.amount_total}, new={"amount": total}, actor=payer)
    OrderTip.objects.filter(pk=tip.pk).update(amount_total=total)
    tip.amount_total = total
