"""A fulfilment that ends without being handed over: refused by the outlet, or given up; its lines' money goes back.

The money goes by `refunding`, as any refund by staff. The fulfilment ends when that is asked for, not when the money
has gone: a kitchen does not cook for a refund. What then comes back to the stock stands in `returns.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit.trail import record
from orders import announcements, refunding
from orders.completion import revoke
from orders.errors import NotRefundable
from orders.kitchen import telling
from orders.kitchen.models import Fulfilment
from orders.kitchen.moves import locked
from orders.models import Order
from orders.refund_plan import AskedLine, Rest, rests
from orders.sellable import Pieces
from trufan.lib.errors import Invalid, InvalidMove

Status = Fulfilment.Status

BY_BUYER = "Cancelled by the buyer."


def refuse(fulfilment: Fulfilment, *, reason: str, by: Any, now: datetime) -> Fulfilment:
    """The outlet won't make it: what is left of its lines is refunded and the buyer told why.

    Refused already, it changes nothing. Raises `InvalidMove` once it is made, `Invalid` without a reason.
    """
    return _end(fulfilment, Status.REFUSED, reason, by, now)


def cancel(fulfilment: Fulfilment, *, reason: str, by: Any, now: datetime) -> Fulfilment:
    """Staff give it up, also once it is made or on its way: nobody came, nobody sat there. Else as `refuse`."""
    return _end(fulfilment, Status.CANCELLED, reason, by, now)


def cancel_by_buyer(fulfilment: Fulfilment, *, by: Any, now: datetime) -> Fulfilment:
    """The buyer gives it up before the outlet took it; all that they paid for it goes back. `by` is None for a guest.

    Cancelled already, it changes nothing. Raises `InvalidMove` once it was accepted.
    """
    with transaction.atomic():
        row = locked(fulfilment)
        if row.status not in (Status.PLACED, Status.CANCELLED):
            raise InvalidMove(row, Status.CANCELLED)
        return _end(row, Status.CANCELLED, BY_BUYER, by, now, tell=False)


def _end(fulfilment: Fulfilment, to: str, reason: str, by: Any, now: datetime, *, tell: bool = True) -> Fulfilment:
    reason = reason.strip()[:200]
    if not reason:
        raise Invalid.field("reason", "Say why.", "required")
    with transaction.atomic():
        row = locked(fulfilment)
        if row.status == to:
            return row
        before = row.status
        row.move(to, ended_at=now, reason=reason)
        record(f"fulfilment.{to}", row, old={"status": before}, actor=by, venue_id=row.order.venue_id)
        announcements.moved(row, row.order)
        _give_back(row.order, row, reason, by, now)
        if tell:
            telling.tell(row, "fulfilment_refused")
    return row


def _give_back(order: Order, row: Fulfilment, reason: str, by: Any, now: datetime) -> None:
    """Ask for what is left of its lines to go back; nothing is left where that was asked for before.

    With nothing else left of the order, all of its money goes, its tip too.
    """
    left = [rest for rest in rests(order) if rest.quantity]
    mine = [rest for rest in left if rest.item.fulfilment_id == row.pk]
    if not mine:
        return
    asked = None if len(mine) == len(left) else [AskedLine(rest.item.pk, rest.quantity) for rest in mine]
    try:
        with transaction.atomic():
            refunding.request(order, asked=asked, by=by, reason=reason, now=now)
    except NotRefundable:
        # Its money went back by amount before; what is left of the lines goes without any.
        _take_back(order, mine, now)


def _take_back(order: Order, lines: list[Rest], now: datetime) -> None:
    items = {item.pk: item for item in order.all_lines()}
    revoke(order, [Pieces(items[rest.item.pk], rest.quantity) for rest in lines], now)
