"""What becomes of an order when its money comes, fails to come, or goes back.

Every function is called inside a transaction that holds the order's row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext

from audit.trail import record
from notifications.outbox import notify
from notifications.values import money
from orders import access, announcements, stock
from orders.errors import PromoUsedUp, SoldOut
from orders.kitchen.following import follow
from orders.models import Order, OrderItem, OrderRefund
from orders.promos import uses
from orders.receipts import issuing, links
from orders.sellable import Pieces, sellable_model
from orders.signals import order_settled
from payments.models import Dispute
from payments.payable import CannotFulfil
from trufan.lib.appending import append, gathered
from trufan.lib.models import row_moved

if TYPE_CHECKING:
    from orders.promos.applying import Applied
    from payments.models import Payment, Refund


def write(order: Order) -> None:
    """A new order: its row, its lines, and that it was placed by its user."""
    append(order, *order.all_lines())
    said = {"total": order.amount_total, "currency": order.currency}
    record("order.placed", order, new=said, actor=order.user)


def complete(order: Order, codes: Sequence[Applied], now: datetime) -> None:
    """A new order that is free is written as paid: nothing is held for it that would then be given.

    Raises `SoldOut`, `PromoUsedUp`, `CannotFulfil`.
    """
    order.status, order.paid_at = Order.Status.PAID, now
    items = order.all_lines()
    for item in items:
        item.status = OrderItem.Status.FULFILLED
    with gathered(ends=True):
        write(order)
        _tell_paid(order, items, None, now)
        row_moved.send(sender=Order, row=order)
        stock.take(order, items, now)
        if codes:
            uses.hold(order, codes)
            uses.consume(order)


def hold(order: Order, codes: Sequence[Applied], now: datetime) -> None:
    """A new order that is to be paid: its stock and its codes are held. Raises `SoldOut`, `PromoUsedUp`."""
    with gathered(ends=True):
        write(order)
        stock.reserve(order.all_lines(), now)
        if codes:
            uses.hold(order, codes)


def settle(order: Order, payment: Payment | None, now: datetime) -> None:
    """The order is paid (or free): fulfil every line and tell the buyer.

    An expired order takes its stock again. Raises `CannotFulfil` where that fails, or where the order has ended
    otherwise; the payment is then refunded in full.
    """
    if order.status not in (Order.Status.PENDING, Order.Status.EXPIRED):
        raise CannotFulfil(gettext("The order is already {status}.").format(status=order.status))
    items = order.all_lines()
    if order.status == Order.Status.EXPIRED:
        _take_again(order, items, now)
    order.move(Order.Status.PAID, paid_at=now, receipts_due=not order.is_free)
    if order.receipts_due:
        issuing.nudge(order)
    uses.consume(order)
    with gathered():
        _tell_paid(order, items, payment, now)
        stock.fulfil(order, items, now)


def _tell_paid(order: Order, items: Sequence[OrderItem], payment: Payment | None, now: datetime) -> None:
    record("order.paid", order, new={"amount": order.amount_total, "payment": payment and payment.pk})
    confirm(order, items)
    announcements.paid(order, items)
    order_settled.send(sender=Order, order=order, now=now)


def confirm(order: Order, items: Sequence[OrderItem]) -> None:
    """Queue the confirmation with its papers to whom the order names."""
    papers = {} if order.is_free else {"receipt_url": links.url_of(order.pk)}
    tell(order, "order_paid", order.amount_total, [str(item) for item in items], _attached(order, items), **papers)


def note_failed_payment(order: Order, payment: Payment) -> None:
    """The attempt failed; the order keeps its hold and may be paid by another."""
    record("order.payment_failed", order, new={"payment": payment.pk, "reason": payment.failure_code})


def take_back(order: Order, refund: Refund, now: datetime) -> None:
    """Money went back: the lines it went for are taken back and their stock returned.

    When no money is left, so is everything that cost some; what was free stays where the refund named its lines.
    """
    asked = refund.order_refunds.prefetch_related("parts", "lines").first()
    pieces: list[Pieces] = []
    if order.status == Order.Status.PAID:
        gone = not keeps_money(order)
        pieces = _what_goes(order, asked, refund, all_of_it=gone)
        revoke(order, pieces, now, ends=gone)
    issuing.fall_due(order)
    record("order.refunded", order, new={"amount": refund.amount, "refund": refund.pk, "lines": _lines(pieces)})
    announcements.refunded(order, refund, pieces)
    tell(order, "order_refunded", refund.amount, _named(pieces, asked if refund.replaces_id else None))


def revoke(order: Order, pieces: list[Pieces], now: datetime, *, ends: bool = False) -> None:
    """Take these pieces back. The order is refunded when nothing is left of it; without lines, when it `ends`."""
    stock.revoke(order, pieces, now)
    follow(order, now)
    if (pieces or ends) and not any(item.quantity_left for item in order.all_lines()):
        order.move(Order.Status.REFUNDED)


def keeps_money(order: Order) -> bool:
    """Whether anything of what was paid has neither gone back nor been lost to a bank for good."""
    lost = 0
    if order.amount_disputed:
        lost = Dispute.objects.of(order).decided().aggregate(sum=Sum("amount_held"))["sum"] or 0
    return order.amount_refunded + lost < order.amount_paid


def pieces_of(order: Order, asked: OrderRefund) -> list[Pieces]:
    """What a refund takes back, as far as the buyer still has it."""
    items = {item.pk: item for item in order.all_lines()}
    return [
        Pieces(items[line.item_id], quantity, tuple(UUID(thing) for thing in line.things))
        for line in asked.lines.all()
        if (quantity := min(line.quantity, items[line.item_id].quantity_left))
    ]


def _what_goes(order: Order, asked: OrderRefund | None, refund: Refund, *, all_of_it: bool) -> list[Pieces]:
    # What came back and was sent again has taken its pieces before.
    goes = asked is not None and asked.status == OrderRefund.Status.SUCCEEDED and not refund.replaces_id
    named = pieces_of(order, asked) if asked and goes else []
    if not all_of_it:
        return named
    by_line = asked is not None and asked.kind == OrderRefund.Kind.LINES
    rest = [item for item in order.all_lines() if item.quantity_left and (item.total or not by_line)]
    return [
        *(Pieces(item, item.quantity_left) for item in rest),
        *(each for each in named if each.item not in rest),
    ]


def _named(pieces: list[Pieces], taken_before: OrderRefund | None) -> list[str]:
    """What is no longer the buyer's, in words; with what went when this money was sent for the first time."""
    lines = [] if taken_before is None else list(taken_before.lines.select_related("item"))
    went = [f"{line.quantity} × {line.item.description}" for line in lines]
    return [*went, *(f"{each.quantity} × {each.item.description}" for each in pieces)]


def _lines(pieces: list[Pieces]) -> list[dict[str, Any]]:
    return [{"item": each.item.pk, "quantity": each.quantity} for each in pieces]


def _take_again(order: Order, items: list[OrderItem], now: datetime) -> None:
    try:
        with transaction.atomic():
            stock.reserve(items, now)
            uses.take_again(order)
    except SoldOut as refusal:
        raise CannotFulfil(gettext("The hold ran out and the stock is gone.")) from refusal
    except PromoUsedUp as refusal:
        raise CannotFulfil(gettext("The hold ran out, and its promo code was used up meanwhile.")) from refusal


def _attached(order: Order, items: Sequence[OrderItem]) -> list[tuple[str, str]]:
    """What is sent along with the confirmation, by what was bought: each thing's own papers (`Sellable.papers`)."""
    kinds = dict.fromkeys(item.item_type for item in items)
    return [(maker, str(order.pk)) for kind in kinds for maker in sellable_model(kind).papers]


def tell(
    order: Order,
    template: str,
    amount: int,
    lines: list[str],
    attachments: Sequence[tuple[str, str]] = (),
    **more: str,
) -> None:
    """Queue a message to the buyer. What led here happens once, and so does the message."""
    if not (order.contact_email or order.contact_phone):
        return
    notify(
        template,
        user=order.user_id,
        email=order.contact_email,
        phone=order.contact_phone,
        language=order.language,
        venue_id=order.venue_id,
        attachments=attachments,
        context={
            "number": order.number,
            "name": order.contact_name,
            "venue": order.venue.name,
            "amount": money(amount, order.currency),
            "lines": lines,
            # A guest's link opens the order: a secret, erased once it is sent. An owner's asks for a sign-in.
            ("order_url" if order.user_id else "link"): access.link(order),
            **more,
        },
    )
