"""What becomes of an order's refund after it was asked for: refused, asked for again, come back, or the house's own.

Every function is called inside a transaction that holds the order's row.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from accounts.grants import Permission
from audit.trail import record
from notifications.outbox import notify
from notifications.values import money
from orders import announcements, stock
from orders.completion import pieces_of
from orders.models import Order, OrderRefund
from venues.roles import holders_of

if TYPE_CHECKING:
    from payments.models import Refund


def freeze(order: Order, asked: OrderRefund, now: datetime) -> None:
    """What is on its way back admits nobody any more, until the refund fails."""
    stock.suspend(pieces_of(order, asked), now)


def thaw(order: Order, refund: Refund) -> None:
    """The provider refused the money: once no part of it goes, what it was for is the buyer's again."""
    for asked in refund.order_refunds.prefetch_related("parts", "lines"):
        if asked.has_lapsed:
            stock.resume(pieces_of(order, asked))


def take_up_again(order: Order, refund: Refund, again: Refund, now: datetime) -> None:
    """A person asks once more: under the same name, with what it is for on its way back again."""
    for asked in refund.order_refunds.prefetch_related("lines"):
        if again.pk != refund.pk:
            # What came back was taken from the buyer long ago; only its money is paid anew.
            asked.parts.add(again)
        else:
            freeze(order, asked, now)


def note_return(order: Order, refund: Refund) -> None:
    """The buyer's bank sent the money back. What was taken back stays so; those who may refund are told."""
    record("order.refund_came_back", order, new={"amount": refund.amount, "refund": refund.pk})
    announcements.refund_came_back(order, refund)
    context = {
        "number": order.number,
        "amount": money(refund.amount, refund.currency),
        "reason": refund.failure_message,
    }
    for person in holders_of({Permission.REFUND_ORDERS}, order.venue_id):
        notify(
            "refund_came_back",
            user=person.pk,
            email=person.email,
            venue_id=order.venue_id,
            context=context,
            dedupe_key=f"refund_came_back:{refund.pk}:{person.pk}",
        )


def note_by_house(order: Order, refund: Refund) -> None:
    """Show a refund that nobody asked of this order among those that somebody did."""
    shown = OrderRefund.objects.create(
        order=order,
        kind=OrderRefund.Kind.HOUSE,
        amount=refund.amount,
        reason=refund.reason[:200],
        requested_by=refund.requested_by,
    )
    shown.parts.set([refund])
