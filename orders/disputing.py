"""What becomes of an order while its buyer's bank decides over its money, and after.

Every function is called inside a transaction that holds the order's row. A dispute over a part of the money freezes the
whole order: the bank does not say which lines it means. Lost, it ends the order like a refund of everything, or leaves
it as a refund of an amount does.
"""

from __future__ import annotations

from datetime import datetime

from audit.trail import record
from orders import stock
from orders.completion import keeps_money, revoke
from orders.models import Order
from orders.sellable import Pieces
from payments.models import Dispute

Stage = Dispute.Stage
#: What a buyer is told of a dispute; an inquiry is between the bank and the venue.
SHOWN = (Stage.OPEN, Stage.LOST, Stage.WON)


def take_note(order: Order, dispute: Dispute, now: datetime) -> None:
    """Freeze what was bought, free it again, or take it back, by what the dispute has come to."""
    stage = dispute.stage
    if stage == Stage.WARNING:
        return
    is_lost = stage == Stage.LOST and not keeps_money(order)
    if stage == Stage.OPEN or is_lost:
        stock.freeze(order, now)
    elif not Dispute.objects.of(order).open().exists():
        stock.thaw(order, now)
    if is_lost and order.status == Order.Status.PAID:
        rest = [Pieces(item, item.quantity_left) for item in order.all_lines() if item.quantity_left]
        revoke(order, rest, now, ends=True)
    record(f"order.dispute_{stage}", order, new={"dispute": dispute.pk, "amount": dispute.amount})


def shown(order: Order) -> str | None:
    """What its buyer is told: of several disputes the one that weighs most. One query."""
    stages = {dispute.stage for dispute in Dispute.objects.of(order)}
    return next((str(stage) for stage in SHOWN if stage in stages), None)
